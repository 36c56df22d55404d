"""A letter on its way, and what became of it: paused, resumed, cancelled, and its numbers."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import digest, reporting
from newsletter.models import Delivery, Issue, OutboxMail
from tests import make

from ..test_desk_issues import ISSUES, road
from .acts import lines, press, press_send, readers, started, to_readers, work

pytestmark = pytest.mark.django_db


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


def test_what_was_just_sent_off_is_starting_and_what_is_for_later_says_when(desk, letter):
    readers(letter, 1)
    issue = make.issue(letter)

    for said in (press_send(desk, issue, follow=True), desk.get(road(issue, "progress"))):
        assert ">Starting</h2>" in said.text and "It starts within seconds; its readers" in said.text
        assert "It is sent on" not in said.text and "To change it" not in said.text
    Issue.objects.filter(pk=issue.pk).update(send_at="2027-01-04T07:30:00Z")
    for page in (desk.get(road(issue)), desk.get(road(issue, "progress"))):
        assert ">Scheduled</h2>" in page.text and "It is sent on 4 January 2027, 09:30 (Europe/Kyiv)." in page.text


def test_the_way_to_its_page_on_the_web_comes_with_what_moves(desk, letter):
    issue = make.issue(letter, state="scheduled", send_at=timezone.now())
    assert "Read it on the web" not in desk.get(road(issue, "progress")).text

    digest.start(issue)

    part = desk.get(road(issue, "progress")).text
    assert f'href="{issue.web_address}">Read it on the web' in part and "It is sent on" not in part


def test_what_moves_says_when_it_began_and_ended(desk, letter):
    issue = started(letter)
    part = desk.get(road(issue, "progress")).text
    assert "Begun" in part and "ended" not in part

    work(issue)

    assert "ended" in desk.get(road(issue, "progress")).text


def test_what_went_to_the_outbox_is_not_called_sent(desk, letter):
    issue = started(letter)
    assert "Live mail is off" in desk.get(ISSUES).text
    assert "Live mail is off" in desk.get(road(issue)).text

    work(issue)

    page = desk.get(road(issue)).text
    assert "Sent to the outbox" in page and "none left" in page
    assert "3 kept, at most" in page and "3 sent" not in page
    assert lines(desk, issue)["Kept in the outbox"] == 3
    assert '<td class="field-standing">Sent to the outbox</td>' in desk.get(ISSUES).text
    OutboxMail.objects.all().delete()
    assert lines(desk, issue)["Kept in the outbox"] == 3
    person = desk.get(f"/desk/newsletter/subscriber/{issue.deliveries.first().subscriber_id}/change/").text
    assert "Letter “This week”: kept in the outbox" in person


def test_what_left_is_called_sent(desk, letter, live):
    issue = started(letter)

    work(issue)

    assert "the outbox" not in desk.get(road(issue)).text + desk.get(ISSUES).text
    assert lines(desk, issue)["Sent"] == 3
    person = desk.get(f"/desk/newsletter/subscriber/{issue.deliveries.first().subscriber_id}/change/").text
    assert "Letter “This week”: sent" in person


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


def test_of_a_large_letter_the_chart_is_not_counted_each_time(desk, letter, monkeypatch):
    monkeypatch.setattr(reporting, "COUNTED", 1)
    issue = started(letter, 2)
    desk.get(road(issue))
    issue.deliveries.update(state="sent", sent_at=timezone.now())

    assert reporting.over_time(issue) == (1, [])
    assert lines(desk, issue)["Sent"] == 2
