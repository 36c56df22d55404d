"""Subscribers as a CSV file, written row by row; no cell of it is a formula."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime

from . import subscriber_list
from .models import Subscriber, Subscription
from .subscriber_list import Asked

COLUMNS = [
    *("address", "language", "letter", "state", "cadence"),
    *("asked_at", "confirmed_at", "imported_at", "consented_on", "origin", "left_at", "paused_until"),
]
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What a `csv.writer` writes to, and gets back."""

    def write(self, text: str) -> str:
        return text


def lines(asked: Asked) -> Iterator[str]:
    """The subscribers that are asked for, with a row for each of their subscriptions that fits."""
    writer = csv.writer(_Line())
    # The mark by which spreadsheets know UTF-8.
    yield "\ufeff" + writer.writerow(COLUMNS)
    for rows in subscriber_list.batches(asked):
        for subscriber in rows:
            for subscription in filter(asked.fits, subscriber.subscriptions.all()):
                yield writer.writerow(map(_guarded, _cells(subscriber, subscription)))


def _cells(subscriber: Subscriber, subscription: Subscription) -> list[str]:
    return [
        subscriber.address,
        subscriber.language,
        str(subscription),
        subscription.state,
        subscription.cadence,
        _moment(subscription.asked_at),
        _moment(subscription.confirmed_here_at),
        _moment(subscription.imported_at),
        str(subscription.consented_on or ""),
        subscription.origin,
        _moment(subscription.left_at),
        _moment(subscriber.paused_until),
    ]


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _guarded(cell: str) -> str:
    """
    >>> _guarded("=1+1"), _guarded("anna@example.org")
    ("'=1+1", 'anna@example.org')
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell
