"""
Where to a mail comes back, and where to one writes to leave: addresses of LETTERS_MAILBOX that name a delivery.

`letters+b15-1a2b3c4d5e6f@news.example.org` is signed, so nobody can say of a stranger's mail that it came back. In
small letters and digits, as some mail servers keep nothing else of what stands before the @.
"""

import re
from enum import StrEnum

from django.conf import settings
from django.core.checks import Error
from django.utils.crypto import constant_time_compare, salted_hmac

from .addresses import NotAnAddress, normalised

# RFC 5321, 4.5.3.1.1: 64 characters before the @, of which a tag can take these.
LONGEST_TAG = len("+b") + 19 + len("-") + 12
LONGEST_NAME = 64 - LONGEST_TAG
_OURS = re.compile(r"\+([bu])([1-9][0-9]{0,18})-([0-9a-f]{12})@", re.IGNORECASE)
# Whoever writes more of them into a mail is not a mail server.
_MOST = 20


class For(StrEnum):
    BOUNCE = "b"
    LEAVE = "u"


def address(purpose: For, delivery: int) -> str:
    """Empty, where no LETTERS_MAILBOX takes such mail."""
    name, _, domain = settings.LETTERS_MAILBOX.rpartition("@")
    return f"{name}+{purpose}{delivery}-{_signature(purpose, delivery)}@{domain}" if name else ""


def delivery_in(text: str, *purposes: For) -> int | None:
    """Of which delivery an address in this text is, signed by us for one of these purposes."""
    for purpose, delivery, signature in _OURS.findall(text)[:_MOST]:
        if purpose.lower() in purposes and _is_ours(For(purpose.lower()), int(delivery), signature.lower()):
            return int(delivery)
    return None


def check(**asked) -> list[Error]:
    """For Django's system check: with a mailbox that is none, no letter would be taken by any server."""
    try:
        name = normalised(settings.LETTERS_MAILBOX).rpartition("@")[0] if settings.LETTERS_MAILBOX else ""
    except NotAnAddress:
        hint = "Write one such as letters@news.example.org, or unset it."
        return [Error("LETTERS_MAILBOX is no address.", hint=hint, id="newsletter.E003")]
    if len(name) > LONGEST_NAME:
        hint = f"Choose one with at most {LONGEST_NAME} characters before the @."
        return [Error("LETTERS_MAILBOX is too long to be added to.", hint=hint, id="newsletter.E004")]
    return []


def _is_ours(purpose: For, delivery: int, signature: str) -> bool:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(signature, _signature(purpose, delivery, key)) for key in keys)


def _signature(purpose: For, delivery: int, key: str | None = None) -> str:
    salt = f"newsletter.return_addresses.{purpose}"
    return salted_hmac(salt, str(delivery), secret=key, algorithm="sha256").hexdigest()[:12]
