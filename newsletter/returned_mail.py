"""
PURE. What a mail that came to LETTERS_MAILBOX is: a report that ours was not delivered (RFC 3464), a complaint
(RFC 5965), or something else. Anybody can write there, so anything may stand in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum

# Octets of a mail that are read: a report comes before the mail that it is about.
LONGEST = 1_000_000
_DELIVERED_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


class What(StrEnum):
    REPORT = "report"
    COMPLAINT = "complaint"
    ANSWER = "answer"  # By a program, as one who is on holiday has.
    OTHER = "other"


@dataclass(frozen=True)
class Returned:
    """
    `to` is to whom it was delivered, `about` whatever says which mail of ours it is about, `recipient` and
    `message_id` of which. `status` (RFC 3463) is empty where nothing was given up.
    """

    what: What
    to: str
    about: str = ""
    recipient: str = ""
    message_id: str = ""
    status: str = ""


def read(raw: bytes) -> Returned:
    """Raises nothing, whatever it is given."""
    try:
        return _read(message_from_bytes(raw[:LONGEST]))
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
    """Of the one recipient that each mail of ours has."""
    blocks = [block for block in status.get_payload() if isinstance(block, Message)]
    of_recipient = next((block for block in blocks if "Action" in block), Message())
    is_given_up = str(of_recipient["Action"]).strip().lower() == "failed"
    return Returned(
        What.REPORT,
        to,
        about="\n".join([to, *_everything(original)]),
        recipient=_address(of_recipient, "Original-Recipient", "Final-Recipient"),
        message_id=_message_id(original),
        status=_status(of_recipient) if is_given_up else "",
    )


def _status(of_recipient: Message) -> str:
    """A server that knows no better says 5.0.0, and quotes the one that does."""
    said = _STATUS.findall(_headers(of_recipient, "Status"))
    quoted = _STATUS.findall(_headers(of_recipient, "Diagnostic-Code"))
    if said and not said[0].endswith(".0.0"):
        return said[0]
    return next(iter([*quoted, *said]), "")


def _complaint(to: str, report: Message, original: Message) -> Returned:
    kind = str(report.get("Feedback-Type", "")).strip().lower()
    return Returned(
        What.COMPLAINT if kind in ("abuse", "opt-out") else What.OTHER,
        to,
        about="\n".join([*_everything(report), *_everything(original)]),
        recipient=_address(report, "Original-Rcpt-To", "Removal-Recipient") or _address(original, "To"),
        message_id=_message_id(original),
    )


def _original(parts: dict[str, Message]) -> Message:
    """The header of the mail that a report is about, so far as it has it."""
    for kind in ("message/rfc822", "message/rfc822-headers", "message/global"):
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


def _address(message: Message, *names: str) -> str:
    """Without the type before it: `rfc822; anna@example.org`."""
    found = [str(value) for name in names for value in message.get_all(name, [])]
    return parseaddr(found[0].rpartition(";")[2].strip())[1] if found else ""


def _message_id(original: Message) -> str:
    return str(original.get("Message-ID", "")).strip()
