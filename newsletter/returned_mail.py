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
from email.parser import HeaderParser
from email.utils import parseaddr
from enum import StrEnum

from . import statuses
from .addresses import NotAnAddress, normalised

# Octets of a mail that are read: a report comes before the mail that it is about.
LONGEST = 1_000_000
# Of whom a report tells; each mail of ours goes to one address, behind which there may be several.
_MOST_RECIPIENTS = 20
_ENCODED = ("base64", "quoted-printable")
_MESSAGE = re.compile(r"^(content-type:\s*)message/(global-)?", re.IGNORECASE | re.MULTILINE)
_EMPTY_LINES = re.compile(r"(?:\r?\n){2,}")
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
        # Internationalised reports (RFC 6533) are as the others, in UTF-8. All their parts are taken as text, which
        # may come encoded: Python decodes no message inside of another.
        words = raw[:LONGEST].decode(errors="replace")
        return _read(message_from_string(_MESSAGE.sub(r"\1text/", words)))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # What the standard library makes of a mail that was written to break it.
        return Returned(What.OTHER, "")


def _read(mail: Message) -> Returned:
    to = _headers(mail, *_DELIVERED_TO)
    parts = {part.get_content_type(): part for part in reversed(list(mail.walk()))}
    if mail.get_content_type() == "multipart/report" and "text/delivery-status" in parts:
        return _report(to, _words(parts["text/delivery-status"]), _original(parts))
    if mail.get_content_type() == "multipart/report" and "text/feedback-report" in parts:
        return _complaint(to, _header(_words(parts["text/feedback-report"])), _original(parts))
    is_answer = str(mail.get("Auto-Submitted", "")).lower().startswith("auto-replied")
    return Returned(What.ANSWER if is_answer else What.OTHER, to)


def _report(to: str, status: str, original: Message) -> Returned:
    blocks = [block for block in map(_header, _EMPTY_LINES.split(status)) if "Action" in block]
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
    kinds = ("text/rfc822", "text/rfc822-headers", "text/global", "text/headers")
    return next((_header(_words(parts[kind])) for kind in kinds if kind in parts), Message())


def _words(part: Message) -> str:
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() in _ENCODED:
        return part.get_payload(decode=True).decode(errors="replace")
    return part.get_payload()


def _header(words: str) -> Message:
    return HeaderParser().parsestr(words.lstrip())


def _everything(message: Message) -> Iterator[str]:
    return (str(value) for value in message.values())


def _headers(message: Message, *names: str) -> str:
    return "\n".join(str(value) for name in names for value in message.get_all(name, []))
