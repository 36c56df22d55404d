"""
The links in our mails: signed, each for one purpose and one subject, some for a time.

A subject is told by a digest of the address, not by the number of a row: so a link outlives the row.
"""

import time
from datetime import datetime, timedelta
from enum import StrEnum

from django.core import signing


class Purpose(StrEnum):
    """What a link does, and what its subject is."""

    CONFIRM = "confirm"  # `Subscription.name_in_links`
    PREFERENCES = "preferences"  # `Subscriber.digest`
    LEAVE = "leave"  # What `Subscription.objects.named` finds; works for ever


LASTS = {Purpose.CONFIRM: timedelta(days=7), Purpose.PREFERENCES: timedelta(days=30), Purpose.LEAVE: None}
# In characters; what is longer is no token of ours.
LONGEST = 250


class BadToken(Exception):
    """It is not ours, not for this purpose, or too old; which of these is told to nobody."""


def token(purpose: Purpose, subject: str) -> str:
    """Purpose, version, subject, time of issue and HMAC-SHA256 over them, fit for an address."""
    return _signer(purpose).sign(subject)


def subject_of(purpose: Purpose, token: str, since: datetime | None = None) -> str:
    """
    Raises `BadToken`, also for a token issued before `since`.

    The HMAC is compared in constant time; keys of SECRET_KEY_FALLBACKS open it too.
    """
    if len(token) > LONGEST:
        raise BadToken
    # A token names the second it was issued in.
    at_most = since and timedelta(seconds=time.time() - since.timestamp() + 1)
    ages = [age for age in (LASTS[purpose], at_most) if age is not None]
    try:
        return _signer(purpose).unsign(token, max_age=min(ages, default=None))
    except signing.BadSignature as error:
        raise BadToken from error


def _signer(purpose: Purpose) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"newsletter.{purpose}.2")
