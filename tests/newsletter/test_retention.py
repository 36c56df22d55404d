"""What is kept too long goes by itself, and is counted."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import leaving, retention, suppressing
from newsletter.models import Consent, Notice, SpentToken, Subscriber, Subscription
from tests import make

pytestmark = pytest.mark.django_db

NOTHING = {"unconfirmed": 0, "left": 0, "notices": 0, "requests": 0, "form tokens": 0}


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


def test_much_goes_in_batches(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    letter = make.newsletter()
    for _ in range(5):
        make.subscription(newsletter=letter, is_active=False)

    assert [sweep(days=8)["unconfirmed"] for _ in range(4)] == [2, 2, 1, 0]
    assert not Subscriber.objects.exists()


def test_a_sweep_that_finds_nothing_asks_five_times(django_assert_num_queries):
    make.subscription()

    with django_assert_num_queries(9):  # Four of them begin and end two transactions.
        assert sweep() == NOTHING
