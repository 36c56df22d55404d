"""What is kept too long goes by itself, and is counted."""

import logging
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from newsletter import erasing, leaving, retention, suppressing
from newsletter.models import (
    Consent,
    Delivery,
    Issue,
    LastSent,
    MailRequest,
    Notice,
    OutboxMail,
    SpentToken,
    Subscriber,
    Subscription,
)
from tests import make

pytestmark = pytest.mark.django_db

KEPT = ["unconfirmed", "left", "notices", "send log", "bounces", "requests", "outbox", "form tokens"]
NOTHING = dict.fromkeys(KEPT, 0)


@pytest.fixture(autouse=True)
def nothing_was_swept_today():
    cache.clear()


def sweep(days: int = 0) -> dict:
    return retention.sweep(timezone.now() + timedelta(days=days))


def test_who_does_not_confirm_within_a_week_is_forgotten():
    letter = make.newsletter()
    pending = make.subscription(newsletter=letter, is_active=False)
    reader_of_another = make.subscription(newsletter=make.newsletter(topic=make.topic())).subscriber
    make.subscription(reader_of_another, newsletter=letter, is_active=False)

    assert sweep(days=6) == NOTHING
    assert sweep(days=8) == {**NOTHING, "unconfirmed": 2}

    assert Subscriber.objects.get() == reader_of_another
    assert not suppressing.reason_of(pending.subscriber.address)


def test_who_left_is_forgotten_after_four_weeks(caplog):
    caplog.set_level(logging.INFO)
    letter = make.newsletter()
    gone = make.subscription(make.subscriber("vira@reader.example"), newsletter=letter)
    stays = make.subscription(newsletter=make.newsletter(topic=make.topic())).subscriber
    for subscription in (gone, make.subscription(stays, newsletter=letter)):
        leaving.leave(subscription, method=Consent.Method.ONE_CLICK)

    assert sweep(days=27) == NOTHING
    assert sweep(days=29) == {**NOTHING, "left": 2}

    assert Subscriber.objects.get() == stays and Subscription.objects.count() == 1
    assert suppressing.reason_of("vira@reader.example") == "left"
    assert not suppressing.reason_of(stays.address)
    assert "'left': 2" in caplog.text and "vira@" not in caplog.text


def test_who_asked_again_has_a_week_to_confirm():
    subscription = make.subscription()
    leaving.leave(subscription, method=Consent.Method.ONE_CLICK)
    asked = timezone.now() + timedelta(days=25)
    Subscription.objects.update(asked_at=asked)

    assert sweep(days=29) == NOTHING
    assert sweep(days=33)["left"] == 1


def test_mails_are_forgotten_after_ninety_days_and_used_tokens_after_one():
    subscriber = make.subscriber()
    for kind in (Notice.Kind.LINK, Notice.Kind.LEFT):
        subscriber.notices.create(kind=kind, state="sent", sent_at=timezone.now())
    subscriber.notices.create(kind=Notice.Kind.LINK)
    SpentToken.objects.create(token="x" * 43)

    assert sweep() == NOTHING
    assert sweep(days=2) == {**NOTHING, "form tokens": 1}
    assert sweep(days=89) == NOTHING
    assert sweep(days=91) == {**NOTHING, "notices": 3}


def issue(letter):
    return Issue.objects.create(newsletter=letter)


def test_how_a_letter_went_is_forgotten_after_ninety_days_and_that_it_was_sent_is_not():
    subscription = make.subscription()
    first = issue(subscription.newsletter)
    who = {"subscriber": subscription.subscriber, "subscription": subscription}
    failed = first.deliveries.create(**who, state="failed", reason="refused", said="550 5.7.1", tries=7)
    sent = issue(make.newsletter(topic=make.topic())).deliveries.create(**who, state="sent", tries=2)
    waiting = issue(make.newsletter(topic=make.topic())).deliveries.create(**who, said="450", tries=1)

    assert sweep(days=89) == NOTHING
    assert sweep(days=91) == {**NOTHING, "send log": 2}

    for delivery in (failed, sent, waiting):
        delivery.refresh_from_db()
    assert [(d.state, d.said, d.tries) for d in (failed, sent)] == [("failed", "", 1), ("sent", "", 1)]
    assert (waiting.said, waiting.tries) == ("450", 1)
    assert sent.subscriber == subscription.subscriber


def test_that_goes_in_batches_too(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    sent = issue(make.newsletter())
    for number in range(5):
        sent.deliveries.create(subscriber=make.subscriber(), state="failed", said=f"550 {number}", tries=1)

    assert [sweep(days=91)["send log"] for _ in range(4)] == [2, 2, 1, 0]
    assert set(Delivery.objects.values_list("said", flat=True)) == {""}


def test_who_is_erased_or_forgotten_leaves_the_sums_of_an_issue_as_they_were():
    letter, story = make.newsletter(), make.published()
    sent = issue(letter)
    erased, forgotten = make.subscription(newsletter=letter), make.subscription(newsletter=letter)
    for subscription in (erased, forgotten):
        sent.deliveries.create(subscriber=subscription.subscriber, subscription=subscription, state="sent")
        LastSent.objects.create(subscriber=subscription.subscriber, article=story, number=1)

    erasing.erase(erased.subscriber)
    leaving.leave(forgotten, method=Consent.Method.ONE_CLICK)
    sweep(days=91)

    assert not Subscriber.objects.exists() and not LastSent.objects.exists()
    left = Delivery.objects.values_list("subscriber", "subscription", "state")
    assert list(left) == [(None, None, "sent")] * 2


def test_much_goes_in_batches(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    letter = make.newsletter()
    for _ in range(5):
        make.subscription(newsletter=letter, is_active=False)

    assert [sweep(days=8)["unconfirmed"] for _ in range(4)] == [2, 2, 1, 0]
    assert not Subscriber.objects.exists()


def test_so_do_mails_of_the_outbox(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    OutboxMail.objects.bulk_create(OutboxMail(to="vira@reader.example", subject="A", raw=b"") for _ in range(5))

    assert [sweep(days=8)["outbox"] for _ in range(4)] == [2, 2, 1, 0]


def test_requests_that_nobody_could_answer_are_forgotten_after_a_week():
    MailRequest.objects.create(address="vira@reader.example", due_at=None, tries=7, said="ValueError")

    assert sweep(days=6) == NOTHING
    assert sweep(days=8) == {**NOTHING, "requests": 1}


def test_a_sweep_that_finds_nothing_asks_seven_times(django_assert_num_queries):
    make.subscription()
    sweep()  # Which has looked through the deliveries for today.

    with django_assert_num_queries(11):  # Four of them begin and end two transactions.
        assert sweep() == NOTHING
