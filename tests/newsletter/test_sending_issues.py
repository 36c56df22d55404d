"""A letter of staff from its preview to its report, as the desk shows it: counted, tried, sent, paused, resent."""

import email
import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.utils import timezone

from articles import publishing
from newsletter import digest, reporting, sending, suppressing
from newsletter.models import Delivery, Issue, LastSent, OutboxMail, Suppression
from tests import make

from .test_desk_issues import ISSUES, form, road

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings):
    """Nothing rests, and nobody wants time to think again."""
    cache.clear()
    settings.MAIL_UNDO = timedelta()


@pytest.fixture
def staff():
    return make.user("letters staff", email="sofia@newsroom.example")


@pytest.fixture
def desk(client_for, staff):
    return client_for(staff)


@pytest.fixture
def letter():
    return make.newsletter(topic=make.topic("Ukraine"), time_zone="Europe/Kyiv")


def readers(letter, count) -> list:
    return [make.subscription(newsletter=letter).subscriber for _ in range(count)]


def seen(page) -> str:
    return unescape(re.search(r'name="seen" value="([^"]+)"', page.text)[1])


def press_send(desk, issue, **typed):
    return desk.post(road(issue, "send"), {"seen": seen(desk.get(road(issue, "send"))), "do": "send", **typed})


def press(desk, issue, what):
    return desk.post(road(issue, "state"), {"do": what}, follow=True)


def work(issue):
    """What a worker does in one sweep."""
    sending.send_due()
    issue.refresh_from_db()


def to_readers() -> list[str]:
    return sorted(OutboxMail.objects.values_list("to", flat=True))


def lines(desk, issue) -> dict[str, int]:
    """The sum on the page of an issue."""
    table = re.search('<table class="letters-table issue-sum">.*?</table>', desk.get(road(issue)).text, re.DOTALL)[
        0
    ]
    rows = re.findall(r'<th scope="row">(.*?)</th>\s*<td>(\d+)</td>', table, re.DOTALL)
    return {" ".join(label.split()): int(count) for label, count in rows}


# To be looked at.


def test_a_preview_tells_each_story_from_the_edition_that_is_chosen(desk, letter):
    story = make.published("Talks begin", lead="Five delegations came.")
    make.edition(story, lead="Six delegations came.", note="Norway joined.")
    make.edition(story, lead="Seven delegations came.", note="Italy joined.")
    issue = make.issue(letter, stories=[story])

    new = desk.get(road(issue, "preview/html")).text
    second = desk.get(road(issue, "preview/html"), {f"had-{story.pk}": 2}).text

    assert "Seven delegations came." in new and "Since we last wrote" not in new
    assert "Since we last wrote" in second and "Italy joined." in second and "Norway joined." not in second
    page = desk.get(road(issue, "preview"), {f"had-{story.pk}": 2})
    assert page.text.count(f"preview/html/?had-{story.pk}=2") == 2 and "On a phone" in page.text
    assert "SINCE WE LAST WROTE" in page.text
    assert desk.get(road(issue, "preview"), {f"had-{story.pk}": 4}).status_code == 404


def test_the_links_of_a_preview_and_of_a_test_are_nobodys(desk, reader, letter):
    readers(letter, 1)
    issue = make.issue(letter)
    desk.post(road(issue, "preview"))
    mail = email.message_from_bytes(bytes(OutboxMail.objects.get().raw), policy=email.policy.default)

    for words in (desk.get(road(issue, "preview/html")).text, mail.get_body(("html",)).get_content()):
        links = re.findall(r'href="[^"]*?(/newsletters/(?:preferences|leave)/[^"]*)"', words)
        assert len(links) == 2
        assert {reader.get(link).status_code for link in links} == {404}
    assert "List-Unsubscribe" not in mail


def test_a_test_goes_to_whoever_asks_and_to_nobody_else(desk, letter):
    story = make.published("Talks begin", lead="Five delegations came.")
    make.edition(story, lead="Six delegations came.", note="Norway joined.")
    readers(letter, 2)
    issue = make.issue(letter, stories=[story])

    answer = desk.post(f"{road(issue, 'preview')}?had-{story.pk}=1", {"to": "boss@newsroom.example"}, follow=True)

    assert "the test is kept in the outbox" in answer.text
    kept = OutboxMail.objects.get()
    assert (kept.to, kept.subject) == ("sofia@newsroom.example", "Test: This week")
    assert b"Since we last wrote" in bytes(kept.raw)
    issue.refresh_from_db()
    assert issue.state == "draft" and not Delivery.objects.exists() and not LastSent.objects.exists()


def test_who_has_no_address_is_told_so(client_for, letter):
    issue = make.issue(letter)
    client = client_for(make.user("letters staff", email=""))

    assert "no e-mail address" in client.post(road(issue, "preview"), follow=True).text
    assert not OutboxMail.objects.exists()


# To be sent.


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
        "Sent": 2,
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

    assert "There is nothing in this letter yet" in press_send(desk, issue).text
    issue.refresh_from_db()
    assert issue.state == "draft"


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


# While it is on its way.


def started(letter, count=3) -> Issue:
    readers(letter, count)
    issue = make.issue(letter)
    digest.start(issue)
    issue.refresh_from_db()
    return issue


def test_pause_holds_it_and_resume_goes_on_where_it_stopped(desk, letter):
    issue = started(letter)

    assert "Paused" in press(desk, issue, "pause").text
    work(issue)
    assert to_readers() == []
    press(desk, issue, "resume")
    work(issue)

    assert len(to_readers()) == 3 and issue.state == "sent"
    assert "Nothing was done" in press(desk, issue, "resume").text


def test_what_is_cancelled_is_sent_to_nobody_more(desk, letter):
    issue = started(letter)

    press(desk, issue, "cancel")
    work(issue)

    assert to_readers() == []
    assert lines(desk, issue)["Not sent: the issue was cancelled"] == 3
    assert "Nothing was done" in press(desk, issue, "resume").text


@pytest.mark.parametrize("what", ["pause", "resume", "cancel", "unschedule"])
def test_who_may_not_send_stops_nothing_either(client_for, staff, letter, what):
    from django.contrib.auth.models import Group

    issue = started(letter)
    Group.objects.get(name="letters staff").permissions.remove(
        *Group.objects.get(name="letters staff").permissions.filter(codename="send_issue")
    )

    assert client_for(staff).post(road(issue, "state"), {"do": what}).status_code == 403
    assert client_for(staff).get(road(issue, "send")).status_code == 403
    assert f'value="{what}"' not in client_for(staff).get(road(issue)).text
    issue.refresh_from_db()
    assert issue.state == "sending"


def test_the_report_balances_and_says_so_where_it_does_not(desk, letter):
    issue = started(letter, 6)
    states = [
        ({"state": "sent", "bounce": "hard"}),
        ({"state": "sent", "bounce": "complaint", "left_at": timezone.now()}),
        ({"state": "failed", "reason": "refused"}),
        ({"state": "in doubt"}),
        ({"state": "excluded", "reason": "left"}),
        ({"state": "sending"}),
    ]
    for delivery, fields in zip(issue.deliveries.order_by("pk"), states, strict=True):
        Delivery.objects.filter(pk=delivery.pk).update(**fields)

    page = desk.get(road(issue)).text

    assert lines(desk, issue) == {
        "Sent": 2,
        "Waiting": 1,
        "Failed": 1,
        "In doubt": 1,
        "Not sent: left before it was sent": 1,
        "All whom it was to reach": 6,
    }
    for what, count in [("Came back", 1), ("Complained", 1), ("Unsubscribed by its link", 1)]:
        assert re.search(rf"<dt>{what}</dt>\s*<dd>\s*{count}\s*</dd>", page)
    Issue.objects.filter(pk=issue.pk).update(candidates=7)
    assert "That does not make the 7" in desk.get(road(issue)).text


def test_what_grows_is_a_part_of_the_page(desk, letter):
    issue = started(letter)
    part = desk.get(road(issue, "progress")).text

    assert "<html" not in part and 'data-state="sending"' in part
    assert " ".join(part.split()) in " ".join(desk.get(road(issue)).text.split())
    work(issue)
    assert 'data-state="sent"' in desk.get(road(issue, "progress")).text


def test_the_chart_says_when_how_many_went_out(desk, letter):
    issue = started(letter, 4)
    for delivery, after in zip(issue.deliveries.all(), (0, 1, 61, 299), strict=True):
        at = issue.started_at + timedelta(seconds=after)
        Delivery.objects.filter(pk=delivery.pk).update(state="sent", sent_at=at)

    step, slices = reporting.over_time(issue)

    assert (step, len(slices)) == (10, 30)
    assert [place for place, piece in enumerate(slices) if piece.sent] == [0, 6, 29]
    page = desk.get(road(issue)).text
    assert page.count("4 sent, at most 2 per 10 seconds.") == 2
    assert page.count('class="growth__up"') == 30


# What did not arrive for sure.


def in_doubt(letter, count=1) -> Issue:
    issue = started(letter, count)
    issue.deliveries.update(
        state="in doubt", said="The mail server gave no answer.", tries=1, sent_at=timezone.now()
    )
    sending.finish(issue)
    issue.refresh_from_db()
    assert issue.state == "sent"
    return issue


def decide(desk, issue, what, *keys):
    return desk.post(road(issue, "deliveries"), {"do": what, "delivery": keys}, follow=True)


def test_one_in_doubt_is_listed_with_its_address_and_sent_again(desk, letter):
    issue = in_doubt(letter)
    delivery = issue.deliveries.get()
    page = desk.get(road(issue, "deliveries")).text
    assert delivery.subscriber.address in page and "gave no answer" in page
    assert "1 in doubt: decide about it" in desk.get(road(issue)).text

    assert "Sent again: 1." in decide(desk, issue, "resend", delivery.pk).text
    issue.refresh_from_db()
    assert issue.state == "sending"
    work(issue)

    assert to_readers() == [delivery.subscriber.address] and issue.state == "sent"
    assert "Left as they were: 1" in decide(desk, issue, "resend", delivery.pk).text


def test_one_marked_as_sent_is_not_told_the_same_again(desk, letter):
    story, anna = make.published("Talks begin"), readers(letter, 1)[0]
    issue = make.issue(letter, stories=[story])
    digest.start(issue)
    issue.deliveries.update(state="in doubt", sent_at=timezone.now())

    assert "Marked as sent: 1." in decide(desk, issue, "sent", issue.deliveries.get().pk).text

    assert issue.deliveries.get().state == "sent" and to_readers() == []
    assert LastSent.objects.get(subscriber=anna, article=story).number == 1
    assert "Left as they were: 1" in decide(desk, issue, "sent", issue.deliveries.get().pk).text


def test_of_what_was_cancelled_nothing_is_sent_again(desk, letter):
    issue = in_doubt(letter)
    Issue.objects.update(state="cancelled")

    assert "Left as they were: 1" in decide(desk, issue, "resend", issue.deliveries.get().pk).text
    assert issue.deliveries.get().state == "in doubt"


def test_nothing_is_decided_about_the_mails_of_another_letter(desk, letter):
    issue, other = in_doubt(letter), make.issue(make.newsletter())

    decide(desk, other, "resend", issue.deliveries.get().pk)
    decide(desk, other, "sent", issue.deliveries.get().pk)

    assert issue.deliveries.get().state == "in doubt"
    assert "Tick those" in decide(desk, issue, "resend").text


def test_long_lists_go_page_by_page(desk, letter, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("newsletter.admin.issue_deliveries.SHOWN", 2)
    issue = in_doubt(letter, 3)
    first, second, third = issue.deliveries.order_by("pk")

    with django_assert_max_num_queries(8):
        page = desk.get(road(issue, "deliveries")).text

    assert first.subscriber.address in page and third.subscriber.address not in page
    more = unescape(re.search(r'<a href="([^"]+)">More</a>', page)[1])
    rest = desk.get(road(issue, "deliveries") + more).text
    assert third.subscriber.address in rest and second.subscriber.address not in rest
    assert desk.get(road(issue, "deliveries"), {"state": "sent"}).status_code == 404


def test_a_digest_is_looked_at_as_each_of_its_groups_of_readers_got_it(desk, letter):
    story = make.published("Talks begin", topic=letter.topic)
    issue = make.issue(letter, stories=[story])
    old = readers(letter, 1)[0]
    LastSent.objects.create(subscriber=old, article=story, number=1)
    make.edition(story, lead="Six came.", note="Norway joined.")
    readers(letter, 2)
    digest.start(issue)

    page = desk.get(road(issue, "preview")).text

    ways = re.findall(r'href="(\?letter=\d+)"[^>]*>To (\d) reader', page)
    assert [count for _, count in ways] == ["2", "1"]
    html = [desk.get(road(issue, "preview/html") + way).text for way, _ in ways]
    assert ["Since we last wrote" in words for words in html] == [False, True]
    assert old.address not in "".join(html)


def test_a_preview_shows_no_edition_that_would_not_be_mailed_yet(desk, letter, settings):
    settings.MAIL_UNDO = timedelta(minutes=2)
    issue = make.issue(letter, stories=[make.published("A minute old")])

    for name in ("preview", "send"):
        page = desk.get(road(issue, name)).text
        assert "The story “A minute old” is too new to be mailed" in page
    assert "A minute old" not in desk.get(road(issue, "preview/html")).text


def test_who_sends_is_told_of_a_story_that_was_withdrawn_meanwhile(desk, letter):
    story = make.published("Staged")
    issue = make.issue(letter, stories=[story])
    publishing.withdraw(story, by=make.user("chief"), base=1, note="It was staged.")

    assert "Readers have the story “Staged” no more" in desk.get(road(issue, "send")).text
    assert "Staged" not in desk.get(road(issue, "preview/html")).text


def test_what_is_taken_off_the_schedule_at_the_last_moment_is_not_sent(desk, letter):
    readers(letter, 1)
    issue = make.issue(letter, state="scheduled", send_at=timezone.now())
    [due] = Issue.objects.due(timezone.now())
    press(desk, issue, "unschedule")

    digest.start(due)

    issue.refresh_from_db()
    assert issue.state == "draft" and not Delivery.objects.exists()


def test_of_a_large_letter_the_chart_is_not_counted_each_time(desk, letter, monkeypatch):
    monkeypatch.setattr(reporting, "COUNTED", 1)
    issue = started(letter, 2)
    desk.get(road(issue))
    issue.deliveries.update(state="sent", sent_at=timezone.now())

    assert reporting.over_time(issue) == (1, [])
    assert lines(desk, issue)["Sent"] == 2
