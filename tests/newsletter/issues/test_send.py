"""The question before a letter of staff is sent: to how many, now or when, and whether at all."""

import email
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from articles import publishing
from newsletter import digest, suppressing
from newsletter.models import Delivery, Issue, OutboxMail, Suppression
from tests import make

from ..test_desk_issues import ISSUES, form, road
from .acts import lines, press, press_send, readers, seen, to_readers, work

pytestmark = pytest.mark.django_db


def test_its_readers_are_counted_before_it_is_sent(desk, letter):
    _, _, paused, suppressed, both = readers(letter, 5)
    make.subscription(newsletter=letter, is_active=False)
    readers(make.newsletter(), 1)
    for person in (paused, both):
        person.paused_until = timezone.now() + timedelta(days=1)
        person.save()
    for person in (suppressed, both):
        suppressing.suppress(person.address, Suppression.Reason.BOUNCED)
    issue = make.issue(letter)

    page = desk.get(road(issue, "send"))

    assert "to 2 readers?" in page.text
    counts = re.findall(r'<th scope="row">(.*?)</th>\s*<td>(\d+)</td>', page.text, re.DOTALL)
    assert [int(count) for _, count in counts] == [5, 1, 2, 2]
    press_send(desk, issue)
    work(issue)
    assert len(to_readers()) == 2
    assert lines(desk, issue) == {
        "Kept in the outbox": 2,
        "Waiting": 0,
        "Failed": 0,
        "In doubt": 0,
        "Not sent: pausing their letters": 1,
        "Not sent: on the suppression list": 2,
        "All whom it was to reach": 5,
    }


def test_two_who_press_at_once_send_it_once(desk, client_for, letter):
    readers(letter, 3)
    issue, other = make.issue(letter), client_for(make.user("chief"))
    both = {"seen": seen(desk.get(road(issue, "send"))), "do": "send"}
    assert seen(other.get(road(issue, "send"))) == both["seen"]

    first = desk.post(road(issue, "send"), both, follow=True)
    second = other.post(road(issue, "send"), both, follow=True)
    work(issue)
    third = other.post(road(issue, "send"), both, follow=True)
    work(issue)

    assert "It starts within seconds" in first.text
    assert "Nothing was done" in second.text and "Nothing was done" in third.text
    assert len(to_readers()) == len(set(to_readers())) == 3


def test_what_was_changed_since_one_looked_is_not_sent(desk, letter):
    issue = make.issue(letter)
    looked = seen(desk.get(road(issue, "send")))
    issue.save()

    for old in (looked, "", "2026-01-01", "soon"):
        assert "Nothing was done" in desk.post(road(issue, "send"), {"seen": old, "do": "send"}, follow=True).text
    issue.refresh_from_db()
    assert issue.state == "draft"


def test_it_is_scheduled_by_the_clocks_of_its_newsletter_and_taken_off_again(desk, letter):
    readers(letter, 1)
    issue = make.issue(letter)
    assert "(Europe/Kyiv)" in desk.get(road(issue, "send")).text

    press_send(desk, issue, do="schedule", at="2027-01-04T09:30")

    issue.refresh_from_db()
    assert (issue.state, issue.send_at.isoformat()) == ("scheduled", "2027-01-04T07:30:00+00:00")
    assert "It is sent on 4 January 2027, 09:30 (Europe/Kyiv)." in desk.get(road(issue)).text
    work(issue)
    assert to_readers() == [] and issue.state == "scheduled"
    press(desk, issue, "unschedule")
    assert 'name="subject"' in desk.get(road(issue)).text


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("", "Write a date and a time"),
        ("2020-01-01T09:00", "has passed"),
        ("2027-03-28T03:30", "There is no 03:30"),
        ("2027-03-01T09:30", "It is not to be sent after 1 February 2027, 12:00 (Europe/Kyiv)"),
    ],
)
def test_it_is_scheduled_for_no_time_that_is_none(desk, letter, at, said):
    issue = make.issue(letter, not_after="2027-02-01T10:00:00Z")

    answer = press_send(desk, issue, do="schedule", at=at)

    issue.refresh_from_db()
    assert answer.status_code == 400 and said in answer.text and issue.state == "draft"


def test_an_empty_letter_is_not_sent(desk, letter):
    issue = make.issue(letter, intro="")

    for name in ("change", "preview", "send"):
        page = desk.get(road(issue, name)).text
        assert "There is nothing in this letter yet" in page
        assert 'value="send"' not in page and f'href="{road(issue, "send")}"' not in page
    page = desk.get(road(issue, "send")).text
    assert "cannot be sent as it stands</h1>" in page and "Go on writing" in page
    assert not re.search("readers?[?]", page) and "<button" not in re.search("<main.*</main>", page, re.DOTALL)[0]
    said = desk.post(road(issue, "send"), {"seen": issue.saved_at.isoformat(), "do": "send"})

    assert said.status_code == 400 and "There is nothing in this letter yet" in said.text
    issue.refresh_from_db()
    assert issue.state == "draft"


def test_a_letter_that_grew_too_long_meanwhile_is_not_sent(desk, letter, monkeypatch):
    issue = make.issue(letter, intro=f"<p>{'Long. ' * 500}</p>")
    monkeypatch.setattr("newsletter.writing.LONGEST", 3_000)

    page = desk.get(road(issue, "send")).text

    assert "It may have 3 KB" in page and 'value="send"' not in page


def test_what_was_written_and_sent_is_what_readers_get(desk, letter):
    anna, story = readers(letter, 1)[0], make.published("Talks begin")
    desk.post(f"{ISSUES}add/", form(letter, story, subject="What moved", intro="<p>Good morning.</p>"))
    issue = Issue.objects.get()

    press_send(desk, issue)
    work(issue)

    mail = OutboxMail.objects.get()
    words = (
        email.message_from_bytes(bytes(mail.raw), policy=email.policy.default).get_body(("plain",)).get_content()
    )
    assert (mail.to, mail.subject) == (anna.address, "What moved")
    assert words.index("Good morning.") < words.index("Talks begin")
    assert issue.state == "sent"


def test_who_sends_is_told_of_a_story_that_was_withdrawn_meanwhile(desk, letter):
    story = make.published("Staged")
    issue = make.issue(letter, stories=[story])
    publishing.withdraw(story, by=make.user("chief"), base=1, note="It was staged.")

    assert "Readers have the story “Staged” no more" in desk.get(road(issue, "send")).text
    assert "Staged" not in desk.get(road(issue, "preview/html")).text


def test_a_letter_whose_only_story_is_gone_when_its_time_comes_is_called_off(desk, letter):
    readers(letter, 1)
    story = make.published("Staged")
    issue = make.issue(letter, stories=[story], intro="", state="scheduled", send_at=timezone.now())
    publishing.withdraw(story, by=make.user("chief"), base=1, note="It was staged.")

    digest.start(issue, timezone.now() + timedelta(minutes=3))

    assert "Nothing was left in it when its time came" in desk.get(road(issue)).text
    issue.refresh_from_db()
    assert issue.state == "cancelled" and not Delivery.objects.exists()


def test_what_is_taken_off_the_schedule_at_the_last_moment_is_not_sent(desk, letter):
    readers(letter, 1)
    issue = make.issue(letter, state="scheduled", send_at=timezone.now())
    [due] = Issue.objects.due(timezone.now())
    press(desk, issue, "unschedule")

    digest.start(due)

    issue.refresh_from_db()
    assert issue.state == "draft" and not Delivery.objects.exists()
