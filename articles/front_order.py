"""The order of the public front page: which stories stand at its top, in which order and until when."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from .models import Desk

# The front page is of every topic, so one's own topics are not enough.
PERMISSIONS = ["articles.publish_article", "articles.work_on_every_topic"]
_LOCK = "articles.front_order"


@dataclass(frozen=True)
class Pin:
    """A story, by its key, at the top of the front page; `until` None means until it is taken down."""

    article: int
    until: datetime | None = None


class OrderMoved(Exception):
    """Somebody else changed the order since this editor saw it; nothing was written."""


def seen() -> str:
    """What tells this order from any other."""
    pins = Desk.objects.filter(pin__isnull=False).order_by("pin").values_list("pin", "article", "pinned_until")
    return hashlib.sha256(json.dumps([*pins], default=str).encode()).hexdigest()


@transaction.atomic
def pin(pins: Sequence[Pin], *, by, seen_as: str) -> None:
    """
    Put these stories at the top of the front page, in this order, and take down all others.

    Raises `OrderMoved` if the order is no longer the one that was `seen` as `seen_as`.
    """
    if not by.has_perms(PERMISSIONS):
        raise PermissionDenied("You may not order the front page.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
    if seen() != seen_as:
        raise OrderMoved
    Desk.objects.filter(pin__isnull=False).update(pin=None, pinned_until=None)
    for place, pinned in enumerate(pins, start=1):
        Desk.objects.filter(article=pinned.article).update(pin=place, pinned_until=pinned.until)
