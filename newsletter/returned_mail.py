"""
PURE. What a mail that came to LETTERS_MAILBOX is: a report that ours was not delivered (RFC 3464, RFC 6533), a
complaint (RFC 5965), or something else. Anybody can write there, so anything may stand in it.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum

from . import statuses
from .addresses import NotAnAddress, normalised

# Octets of a mail that are read: a report comes before the mail that it is about.
LONGEST = 1_000_000
# Of whom a report tells; each mail of ours goes to one address, behind which there may be several.
_MOST_RECIPIENTS = 20
_GLOBAL = re.compile("message/global-delivery-status", re.IGNORECASE)
_DELIVERED_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")


class What(StrEnum):
    REPORT = "report"
    COMPLAINT = "complaint"
    ANSWER = "answer"  # By a program, as one who is on holiday has.
    OTHER = "other"


@dataclass(frozen=True)
class Recipient:
    """Whom a report tells of. `status` (RFC 3463) is empty where nothing was given up."""

    addresses: frozenset[str]  # As we wrote it and as their server did; in small letters.
    status: str


@dataclass(frozen=True)
class Returned:
    """`to` is to whom it was delivered; `about` and `message_id` tell which mail of ours it is about."""

    what: What
    to: str
    about: str = ""
    message_id: str = ""
    recipients: tuple[Recipient, ...] = ()


def read(raw: bytes) -> Returned:
    """Raises nothing, whatever it is given."""
    try:
        # Internationalised reports (RFC 6533) are as the others, in UTF-8; Python knows only the others.
        words = raw[:LONGEST].decode(errors="replace")
        return _read(message_from_string(_GLOBAL.sub("message/delivery-status", words)))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # What the standard library makes of a mail that was written to break it.
        return Returned(What.OTHER, "")


def _read(mail: Message) -> Returned:
    to = _headers(mail, *_DELIVERED_TO)
    parts = {part.get_content_type(): part for part in reversed(list(mail.walk()))}
    if mail.get_content_type() == "multipart/report" and "message/delivery-status" in parts:
        return _report(to, parts["message/delivery-status"], _original(parts))
    if mail.get_content_type() == "multipart/report" and "message/feedback-report" in parts:
        return _complaint(to, _inside(parts["message/feedback-report"]), _original(parts))
    is_answer = str(mail.get("Auto-Submitted", "")).lower().startswith("auto-replied")
    return Returned(What.ANSWER if is_answer else What.OTHER, to)


def _report(to: str, status: Message, original: Message) -> Returned:
    blocks = [block for block in status.get_payload() if isinstance(block, Message) and "Action" in block]
    return Returned(
        What.REPORT,
        to,
        about="\n".join([to, *_everything(original)]),
        message_id=str(original.get("Message-ID", "")).strip(),
        recipients=tuple(map(_recipient, blocks[:_MOST_RECIPIENTS])),
    )


def _recipient(block: Message) -> Recipient:
    is_given_up = str(block["Action"]).strip().lower() == "failed"
    return Recipient(frozenset(_addresses(block)), _status(block) if is_given_up else "")


def _addresses(block: Message) -> Iterator[str]:
    """Without the type before it: `rfc822; anna@example.org`."""
    for told in _headers(block, "Original-Recipient", "Final-Recipient").splitlines():
        with suppress(NotAnAddress):
            yield normalised(parseaddr(told.rpartition(";")[2].strip())[1]).lower()


def _status(of_recipient: Message) -> str:
    """A server that knows no better says 5.0.0, and quotes the one that does."""
    said = statuses.first_in(_headers(of_recipient, "Status"))
    if said and not said.endswith(".0.0"):
        return said
    return statuses.first_in(_headers(of_recipient, "Diagnostic-Code")) or said


def _complaint(to: str, report: Message, original: Message) -> Returned:
    kind = str(report.get("Feedback-Type", "")).strip().lower()
    about = "\n".join([*_everything(report), *_everything(original)])
    return Returned(What.COMPLAINT if kind in ("abuse", "opt-out") else What.OTHER, to, about)


def _original(parts: dict[str, Message]) -> Message:
    """The header of the mail that a report is about, so far as it has it."""
    for kind in ("message/rfc822", "message/rfc822-headers", "message/global", "message/global-headers"):
        if kind in parts:
            return _inside(parts[kind])
    if "text/rfc822-headers" in parts:
        words = parts["text/rfc822-headers"].get_payload(decode=True) or b""
        return message_from_string(words.decode("latin-1").lstrip())
    return Message()


def _inside(part: Message) -> Message:
    payload = part.get_payload()
    return payload[0] if isinstance(payload, list) and payload else Message()


def _everything(message: Message) -> Iterator[str]:
    return (str(value) for value in message.values())


def _headers(message: Message, *names: str) -> str:
    return "\n".join(str(value) for name in names for value in message.get_all(name, []))
