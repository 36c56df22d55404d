"""The same is answered whatever we know of the address; the mail decides."""

import re

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from newsletter import leaving, signing_up, suppressing
from newsletter.models import (
    Consent,
    Notice,
    OutboxMail,
    Subscriber,
    Subscription,
    Suppression,
)
from tests import make

from .sign_up_form import VIRA, mails, minutes_pass, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]


def known_as(what: str, letter) -> None:
    subscriber = make.subscriber(VIRA)
    match what:
        case "new":
            subscriber.delete()
        case "pending":
            make.subscription(subscriber, newsletter=letter, is_active=False)
        case "active":
            make.subscription(subscriber, newsletter=letter)
        case "left":
            leaving.leave(make.subscription(subscriber, newsletter=letter), method=Consent.Method.LINK)
        case "erased":
            subscriber.delete()
            suppressing.suppress(VIRA, Suppression.Reason.ERASED)
        case "bounced" | "complained":
            make.subscription(subscriber, newsletter=letter)
            suppressing.suppress(VIRA, Suppression.Reason(what))


WHOEVER = ["new", "pending", "active", "left", "erased", "bounced", "complained"]


def test_the_same_is_answered_whatever_we_know_of_the_address(letter):
    answers = set()
    for what in WHOEVER:
        with transaction.atomic():
            cache.clear()
            known_as(what, letter)
            client = Client(enforce_csrf_checks=True)
            step = send(client, token="x" * 9)
            answer = send(client)
            end = client.get(answer["Location"])
            same = re.sub(r'name="token" value="[^"]*"', "", step.text)
            headers = {k: v for k, v in answer.items() if k != "Date"}
            answers.add((step.status_code, same, answer.status_code, str(headers), answer.content, end.content))
            transaction.set_rollback(True)

    assert len(answers) == 1


@pytest.mark.parametrize(
    ("what", "mail"),
    [
        *((what, Notice.Kind.CONFIRM) for what in ("new", "pending", "left", "erased", "bounced")),
        ("active", Notice.Kind.KNOWN),
        ("complained", None),
    ],
)
def test_the_mail_decides(reader, letter, what, mail):
    known_as(what, letter)
    Notice.objects.all().delete()
    OutboxMail.objects.all().delete()

    send(reader)

    assert [notice.kind for notice in Notice.objects.all()] == ([mail] if mail else [])
    assert len(mails()) == bool(mail)
    if what in ("erased", "bounced", "complained"):  # Until it is confirmed.
        assert suppressing.reason_of(VIRA) == what
    if what == "bounced":
        assert Subscription.objects.get().is_pending


def test_one_who_has_a_letter_confirms_the_second_by_itself(reader, letter, story):
    make.subscription(make.subscriber(VIRA), newsletter=letter)
    make.newsletter(slug="the-day")

    send(reader, "/newsletters/the-day/", address="VIRA@Reader.example")

    assert Subscriber.objects.count() == 1
    assert [s.is_active for s in Subscription.objects.all()] == [True, False]
    assert [notice.kind for notice in Notice.objects.all()] == [Notice.Kind.CONFIRM]


def test_asking_for_what_one_has_changes_nothing_of_it(reader, letter):
    known_as("active", letter)
    before = Subscription.objects.values().get()

    send(reader, cadence="weekly")

    assert Subscription.objects.values().get() == before
    assert not Consent.objects.exists()


def test_asking_again_sends_the_mail_again_and_the_newest_choice_counts(reader, letter):
    send(reader, cadence="daily")
    minutes_pass(11)

    send(reader, cadence="weekly")

    assert len(mails()) == 2
    assert Subscription.objects.get().cadence == "weekly"
    assert [consent.act for consent in Consent.objects.all()] == ["asked", "asked"]


def test_one_who_left_and_asks_again_before_the_last_mail_went_still_gets_it(reader, letter):
    send(reader)
    send(reader)
    assert list(Notice.objects.values_list("state", flat=True)) == ["due", "sent"]
    subscription = Subscription.objects.get()
    signing_up.confirm(subscription, page="/")
    leaving.leave(subscription, method=Consent.Method.LINK)

    send(reader)

    assert Subscription.objects.get().is_pending
