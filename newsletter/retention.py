"""For how long we keep what we know of people; what is older goes by itself."""

import logging
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from . import bounces, erasing, outbox
from .models import Bounce, Delivery, MailRequest, Notice, OutboxMail, SpentToken, Subscriber, Subscription
from .tokens import LASTS, Purpose

UNCONFIRMED_FOR = LASTS[Purpose.CONFIRM]
LEFT_FOR = timedelta(days=28)
NOTICES_FOR = timedelta(days=90)
SEND_LOG_FOR = timedelta(days=90)
SPENT_FOR = timedelta(days=1)
# Rows that go in one transaction; the rest waits for the next sweep, seconds later.
BATCH = 500
_ALL = "all"

logger = logging.getLogger(__name__)


def sweep(now: datetime | None = None) -> dict[str, int]:
    """Erase a batch of each of what is kept too long, and count it. Quick where there is nothing."""
    now = now or timezone.now()
    erased = {
        "unconfirmed": _end(Subscription.objects.filter(confirmed_at=None, asked_at__lt=now - UNCONFIRMED_FOR)),
        "left": _end(_left_before(now)),
        "notices": _delete(_notices_before(now - NOTICES_FOR)),
        "send log": _forget_how_it_went(now),
        "bounces": _delete(Bounce.objects.filter(at__lt=now - bounces.KEPT_FOR)),
        "requests": _delete(MailRequest.objects.filter(at__lt=now - UNCONFIRMED_FOR)),
        "outbox": _delete(_mails_before(now - outbox.KEPT_FOR)),
        "form tokens": _delete(SpentToken.objects.filter(spent_at__lt=now - SPENT_FOR)),
    }
    if any(erased.values()):
        logger.info("Kept for long enough and erased: %s", erased)
    return erased


def _left_before(now: datetime) -> QuerySet:
    """Who asked again has as long to confirm as anybody."""
    return Subscription.objects.filter(left_at__lt=now - LEFT_FOR, asked_at__lt=now - UNCONFIRMED_FOR)


def _notices_before(moment: datetime) -> QuerySet:
    """Sent by then, or never and due by then."""
    return Notice.objects.filter(Q(sent_at__lt=moment) | Q(state=Notice.State.DUE, due_at__lt=moment))


def _mails_before(moment: datetime) -> QuerySet:
    """Of the first, as they are numbered by time: so that a million of them need not be looked through."""
    first = OutboxMail.objects.order_by("pk").values("pk")[:BATCH]
    return OutboxMail.objects.filter(pk__in=first, made_at__lt=moment)


def _forget_how_it_went(now: datetime) -> int:
    """
    What servers said, and how often it was tried. That somebody was sent an edition is kept as long as they get
    letters, since a correction of it is to reach them.

    Once a day all deliveries are gone through in the order of their numbers, as nothing else finds those.
    """
    looked_through = f"retention:send-log:{now:%Y-%m-%d}"
    last = cache.get(looked_through, 0)
    if last == _ALL:
        return 0
    under_way = [Delivery.State.QUEUED, Delivery.State.SENDING]
    settled = Delivery.objects.exclude(state__in=under_way).filter(due_at__lt=now - SEND_LOG_FOR)
    overdue = settled.filter(~Q(said="") | Q(tries__gt=1))
    batch = list(overdue.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
    cache.set(looked_through, batch[-1] if len(batch) == BATCH else _ALL, 24 * 3600)
    return overdue.filter(pk__in=batch).update(said="", tries=1) if batch else 0


@transaction.atomic
def _end(overdue: QuerySet[Subscription]) -> int:
    """Delete the subscriptions, and the people who have no other. Who is being written about just now waits."""
    subscribers = list(overdue.order_by().values_list("subscriber", flat=True)[:BATCH])
    Delivery.objects.filter(subscriber__in=subscribers).lock()
    locked = Subscriber.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=subscribers)
    keys = list(locked.values_list("pk", flat=True)) if subscribers else []
    ended = overdue.filter(subscriber__in=keys)
    count = ended.count()
    if count:
        ended.delete()
        erasing.erase_those_without_any(keys)
    return count


def _delete(overdue: QuerySet) -> int:
    batch = list(overdue.order_by().values_list("pk", flat=True)[:BATCH])
    return overdue.model.objects.filter(pk__in=batch).delete()[0] if batch else 0
