"""What a form has to bring along to be taken: a token that was fetched moments ago, and works once."""

import re
import secrets
import time
from datetime import timedelta

from django.core import signing
from django.db import connection

YOUNGEST, OLDEST = timedelta(seconds=2), timedelta(hours=1)
# In characters; what is longer is no token of ours.
LONGEST = 100


class NotTaken(Exception):
    """Tells a reader why the form was not taken yet; has the `token` with which it will be."""

    def __init__(self, why: str, token: str = ""):
        super().__init__(why)
        self.token = token or issue()


def issue(at: float | None = None) -> str:
    """One for a form that is filled in now, or was begun `at` this time, in seconds of the Unix epoch."""
    milliseconds = round(1000 * (time.time() if at is None else at))
    return _signer().sign(f"{milliseconds}-{secrets.token_urlsafe(9)}")


def spend(token: str) -> None:
    """Use it up. Raises `NotTaken`: there is none, it is too new or too old, or somebody has used it."""
    if not token:
        raise NotTaken("That keeps spam robots out.")
    age = _age(token)
    if age is None or age > OLDEST:
        raise NotTaken("The page had been open for more than an hour.")
    if age < YOUNGEST:
        raise NotTaken("That was faster than anybody types.", token)
    if not _is_first_use(token):
        raise NotTaken("This form had been sent already.")


def _age(token: str) -> timedelta | None:
    """None of what is not ours; the HMAC is compared in constant time."""
    try:
        signed = _signer().unsign(token[: LONGEST + 1])
    except signing.BadSignature:
        return None
    return timedelta(seconds=time.time() - int(re.match("[0-9]+", signed)[0]) / 1000)


def _is_first_use(token: str) -> bool:
    """By the 43 characters of its HMAC-SHA256; of two at the same moment the database lets one through."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO newsletter_spenttoken (token) VALUES (%s) ON CONFLICT DO NOTHING",
            [token.rpartition(":")[2]],
        )
        return cursor.rowcount == 1


def _signer() -> signing.Signer:
    return signing.Signer(salt="newsletter.form.1")
