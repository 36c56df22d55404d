"""How often an address is mailed, and how many sign-ups are taken from a network and for a newsletter."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone

from newsletter import form_tokens, notices
from newsletter.models import (
    Consent,
    Subscriber,
)
from tests import make
from tests.articles.forms import Form

from .sign_up_form import ANSWER, FOLLOW, ROAD, VIRA, mails, minutes_pass, ripe, send, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]


@pytest.fixture
def clock():
    """It stands still, however long the machine takes: minutes pass where a test says so."""
    with patch("django.utils.timezone.now", return_value=timezone.now()):
        yield


@pytest.mark.usefixtures("clock")
def test_one_address_is_mailed_once_in_ten_minutes_and_three_times_a_day(letter, record_property, settings):
    settings.SIGN_UPS_PER_LETTER = 2_000
    letters = [letter, *(make.newsletter(topic=make.topic()) for _ in range(29))]
    answers, sent_at = set(), []
    for n in range(1_000):
        if n and n % 100 == 0:  # A tenth of ten minutes has passed, ten times.
            minutes_pass(1)
            notices.send_due()
        network = f"198.51.{n // 2 // 250}.{n // 2 % 250}"
        client = Client(REMOTE_ADDR=network)
        answer = send(client, f"/newsletters/{letters[n % 30].slug}/")
        answers.add((answer.status_code, answer["Location"], answer.content))
        sent_at.append(len(mails()))

    record_property("mails to one address after 1,000 sign-ups in 10 minutes", len(mails()))
    assert answers == {(303, ANSWER, b"")}
    assert sent_at[0] == 1 and sent_at[-1] == 1
    for _ in range(20):
        minutes_pass(10)
        notices.send_due()
    assert len(mails()) == 3
    assert Consent.objects.count() <= 33


def test_a_network_that_sends_too_much_is_asked_to_wait_and_keeps_what_was_typed(reader, letter, settings):
    settings.SIGN_UPS_PER_HOUR = 2
    now = 3600 * 500_000 + 600
    with patch("articles.public_post.time.time", return_value=now):
        # One step more is not counted.
        codes = [
            reader.post(ROAD, {"address": VIRA, "token": t}).status_code for t in ("", token_at(now), token_at(now))
        ]
        answer = send(reader, token=token_at(now), cadence="weekly")

    assert codes == [200, 303, 303]
    assert (answer.status_code, answer["Retry-After"]) == (429, "3000")
    assert "try again in 50 minutes" in words_of(answer.text)
    form = Form(reader, ROAD, ok(answer))
    assert (form["address"], form["cadence"]) == ([VIRA], ["weekly"])
    assert Client().post(ROAD, {"address": VIRA, "token": ripe()}, REMOTE_ADDR="192.0.2.2").status_code == 303


def token_at(now: float) -> str:
    return form_tokens.issue(at=now - 10)


def ok(answer):
    """So that a form is read from a refusal."""
    answer.status_code = 200
    return answer


def test_a_letter_takes_so_many_sign_ups_an_hour(reader, letter, story, settings):
    settings.SIGN_UPS_PER_LETTER = 2
    asked(letter, minutes_ago=50)
    asked(letter, minutes_ago=61)
    assert send(reader).status_code == 303

    answer = send(reader, address="anna@reader.example")

    assert answer.status_code == 429
    assert 590 < int(answer["Retry-After"]) <= 601 and "in 10 minutes" in words_of(answer.text)
    assert send(reader, FOLLOW).status_code == 303
    assert Subscriber.objects.filter(address="anna@reader.example").count() == 0


def asked(letter, minutes_ago: int) -> None:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    said = {"act": Consent.Act.ASKED, "method": Consent.Method.FORM, "at": at}
    Consent.objects.create(subscriber=make.subscriber(), newsletter=letter, **said)
