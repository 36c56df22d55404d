"""What an answer of a provider, asked over HTTP by django-anymail, means for a mail."""

from unittest.mock import patch

import pytest
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailRecipientsRefused,
    AnymailUnsupportedFeature,
)
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError

from newsletter.handing_over import Outcome, by_code, hand_over

ADDRESS = "vira@reader.example"


class Answered:
    def __init__(self, status):
        self.status_code, self.reason, self.text = status, "", f"No <{ADDRESS}>"


def answered(status) -> AnymailAPIError:
    return AnymailAPIError(f"No <{ADDRESS}>", status_code=status, response=Answered(status))


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (answered(400), Outcome.REFUSED),
        (answered(422), Outcome.REFUSED),
        (answered(401), Outcome.LATER),
        (answered(429), Outcome.LATER),
        (answered(503), Outcome.LATER),
        (AnymailAPIError("Read timed out"), Outcome.IN_DOUBT),
        (AnymailRecipientsRefused(), Outcome.REFUSED),
        (AnymailUnsupportedFeature("No such thing"), Outcome.REFUSED),
        (TimeoutError(), Outcome.IN_DOUBT),
        (None, Outcome.TAKEN),
    ],
)
def test_each_has_its_meaning_and_none_gives_the_address_away(error, outcome):
    mail = EmailMessage("Subject", "Words", to=[ADDRESS])

    with (
        patch("newsletter.handing_over.connection", EmailBackend),
        patch.object(EmailBackend, "send_messages", side_effect=error and [error], return_value=1),
    ):
        answer = hand_over(mail)

    assert answer.outcome == outcome
    assert ADDRESS not in answer.said


@pytest.mark.parametrize("error", [AnymailConfigurationError("No key"), OperationalError(f"No <{ADDRESS}>")])
def test_without_a_carrier_no_mail_is_lost(error):
    with patch("newsletter.handing_over.connection", side_effect=error):
        answer = hand_over(EmailMessage("Subject", "Words", to=[ADDRESS]))

    assert answer.outcome == Outcome.UNREACHABLE
    assert ADDRESS not in answer.said


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (b"5.1.1 No such user", "5.1.1"),
        (b" 4.2.2\n4.2.2 Full", "4.2.2"),
        (b"No such user", ""),
        (b"No (5.1.1)", ""),
        (b"5.1.20.3 is blocked", ""),
        (b"\xff", ""),
    ],
)
def test_the_status_of_an_answer_is_what_it_begins_with(reply, status):
    assert by_code(550, reply).status == status
