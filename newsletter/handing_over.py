"""Giving a mail to whatever carries it, and what the answer means for it."""

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from anymail.exceptions import AnymailAPIError, AnymailError
from django.core.mail import EmailMessage, get_connection

from . import live_mail, statuses

# Of what a provider asked over HTTP answers: no word on this one mail, but on all that we send.
_ABOUT_US = {401, 402, 403, 429}


class Outcome(StrEnum):
    TAKEN = "taken"
    LATER = "later"  # Not taken now; this mail may be another time.
    UNREACHABLE = "unreachable"  # No mail is.
    REFUSED = "refused"
    IN_DOUBT = "in doubt"  # Taken perhaps; never to be given again.


@dataclass(frozen=True)
class Answer:
    """`said` is for the desk: without the address that servers often repeat. `status` is of RFC 3463, or empty."""

    outcome: Outcome
    said: str = ""
    status: str = ""


def connection():
    """Letters stay in the outbox unless live mail is on."""
    return get_connection(live_mail.backend())


def hand_over(mail: EmailMessage) -> Answer:
    """Raises nothing that the mail or its carrier could be the cause of."""
    try:
        server = connection()
        server.open()
    except Exception as error:  # A carrier that is set up wrong says so in a way of its own.
        return Answer(Outcome.UNREACHABLE, f"The mail server could not be reached ({type(error).__name__}).")
    try:
        server.send_messages([mail])
    except Exception as error:
        return _answer(error)
    finally:
        with suppress(OSError):
            server.close()
    return Answer(Outcome.TAKEN)


def _answer(error: Exception) -> Answer:
    match error:
        case SMTPRecipientsRefused():
            return by_code(min(code for code, _ in error.recipients.values()))
        case SMTPSenderRefused():
            # It says more of us than of the mail, so whoever looks after the server is given time.
            return Answer(Outcome.LATER, f"The mail server did not take our sender ({error.smtp_code}).")
        case SMTPResponseException():
            return by_code(error.smtp_code)
        case AnymailAPIError():
            return _by_status(error.status_code)
        case SMTPNotSupportedError() | AnymailError():
            return Answer(Outcome.REFUSED, f"It cannot be sent this way ({type(error).__name__}).")
    # The line was cut while the mail was on it, perhaps after the last word.
    return Answer(Outcome.IN_DOUBT, f"The mail server gave no answer ({type(error).__name__}).")


def by_code(code: int, reply: bytes = b"") -> Answer:
    """SMTP: 4yz is for now, 5yz for good (RFC 5321, 4.2.1)."""
    status = statuses.begins(reply.decode("latin-1"))
    told = f"{code} {status}".strip()
    if code < 500:
        return Answer(Outcome.LATER, f"The mail server did not take it for now ({told}).", status)
    return Answer(Outcome.REFUSED, f"The mail server refused it ({told}).", status)


def _by_status(status: int | None) -> Answer:
    if status is None:
        return Answer(Outcome.IN_DOUBT, "The mail provider gave no answer.")
    if status in _ABOUT_US or status >= 500:
        return Answer(Outcome.LATER, f"The mail provider did not take it for now ({status}).")
    return Answer(Outcome.REFUSED, f"The mail provider refused it ({status}).")
