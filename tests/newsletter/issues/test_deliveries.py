"""The mails of a letter that did not arrive for sure, and what is decided about them."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from newsletter import digest, sending
from newsletter.models import Issue, LastSent
from tests import make

from ..test_desk_issues import road
from .acts import readers, started, to_readers, work

pytestmark = pytest.mark.django_db


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


def test_what_a_newer_digest_has_told_is_not_sent_again(desk):
    letter = make.newsletter(topic=make.topic("Ukraine"))
    anna = make.subscription(newsletter=letter, cadence="each").subscriber
    story, now = make.published("Talks begin", topic=letter.topic), timezone.now() + timedelta(minutes=3)
    digest.compose_due(now)
    failed = anna.deliveries.get()
    anna.deliveries.update(state="failed", reason="refused")
    assert "Sent again: 1." in decide(desk, failed.issue, "resend", failed.pk).text

    anna.deliveries.update(state="failed", reason="refused")
    LastSent.objects.create(subscriber=anna, article=story, number=1)

    assert "Left as they were: 1" in decide(desk, failed.issue, "resend", failed.pk).text


def test_one_whose_worker_may_tell_us_still_is_left_to_it(desk, letter):
    issue = in_doubt(letter)
    delivery = issue.deliveries.get()
    issue.deliveries.update(worker=7)
    assert "Left as they were: 1" in decide(desk, issue, "resend", delivery.pk).text

    issue.deliveries.update(sent_at=timezone.now() - timedelta(minutes=3))

    assert "Sent again: 1." in decide(desk, issue, "resend", delivery.pk).text


def test_nor_is_what_a_newer_one_is_about_to_tell(desk):
    letter, other = make.newsletter(topic=make.topic("Ukraine")), make.newsletter()
    anna = make.subscription(newsletter=letter, cadence="each").subscriber
    make.published("Talks begin", topic=letter.topic)
    now = timezone.now() + timedelta(minutes=3)
    digest.compose_due(now)
    failed = anna.deliveries.get()
    anna.deliveries.update(state="failed", reason="refused")
    make.subscription(anna, newsletter=other, cadence="each", confirmed_at=timezone.now() - timedelta(days=3))
    digest.compose_due(now)
    assert anna.deliveries.queued().count() == 1

    assert "Left as they were: 1" in decide(desk, failed.issue, "resend", failed.pk).text
