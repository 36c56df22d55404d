"""Which subscribers staff ask for, newest first: pages that begin at a key, and cost the same at a million rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from .models import Cadence, Subscriber, Subscription

ROWS_ON_PAGE = 50
ROWS_IN_BATCH = 1_000
# Of the addresses that begin with what was typed, as many are looked through.
LOOKED_THROUGH = 1_000

STATES = {"active": "Active", "pending": "Not confirmed yet", "left": "Unsubscribed"}
PAUSED = "paused"


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; empty is not. `before` is the key of the last row of the page before."""

    letter: int | None = None
    state: str = ""
    cadence: str = ""
    address: str = ""
    before: int | None = None

    @property
    def is_too_short(self) -> bool:
        """Whether more addresses begin so than are looked through."""
        beginning = Subscriber.objects.beginning_with(self.address)
        return bool(self.address) and beginning[LOOKED_THROUGH : LOOKED_THROUGH + 1].exists()

    @property
    def is_about_subscriptions(self) -> bool:
        return bool(self.letter or self.cadence or self.state in STATES)

    def fits(self, subscription: Subscription) -> bool:
        """Whether this is one of the subscriptions that the list is about."""
        return (
            (not self.letter or subscription.newsletter_id == self.letter)
            and (not self.cadence or subscription.cadence == self.cadence)
            and (self.state not in STATES or subscription.state == self.state)
        )


def page(asked: Asked, size: int = ROWS_ON_PAGE) -> tuple[list[Subscriber], int | None]:
    """The subscribers with their subscriptions, and the key the next page begins before, if there is one."""
    subscriptions = Prefetch("subscriptions", Subscription.objects.with_origin())
    rows = list(_found(asked, size + 1).order_by("-pk").prefetch_related(subscriptions)[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None


def batches(asked: Asked) -> Iterator[list[Subscriber]]:
    """All of them, some at a time."""
    while True:
        rows, before = page(asked, ROWS_IN_BATCH)
        yield rows
        if before is None:
            return
        asked = replace(asked, before=before)


def _found(asked: Asked, size: int) -> QuerySet[Subscriber]:
    subscribers = Subscriber.objects.all()
    if asked.before is not None:
        subscribers = subscribers.filter(pk__lt=asked.before)
    if asked.state == PAUSED:
        subscribers = subscribers.paused(timezone.now())
    if asked.address:
        # Asked for first: how few they are, the database knows then.
        beginning = Subscriber.objects.beginning_with(asked.address).values_list("pk", flat=True)
        subscribers = subscribers.filter(pk__in=[*beginning[:LOOKED_THROUGH]])
    if not asked.is_about_subscriptions:
        return subscribers
    if asked.address or asked.state == PAUSED:
        wanted = _of_letter(asked).filter(subscriber=OuterRef("pk"), **_cadence(asked))
        if asked.state in STATES:
            wanted = _in_state(wanted, asked.state)
        return subscribers.filter(Exists(wanted))
    return subscribers.filter(pk__in=_first_keys(asked, size))


def _first_keys(asked: Asked, size: int) -> list[int]:
    """
    The keys of the first that are asked for, with some more.

    Each state and cadence has its own stretch of an index in the order of the keys: the first of each are read, and
    no row that is not wanted.
    """
    subscriptions = _of_letter(asked)
    if asked.before is not None:
        subscriptions = subscriptions.filter(subscriber__lt=asked.before)
    stretches = [
        _in_state(subscriptions, state).filter(cadence=cadence)
        for state in ([asked.state] if asked.state else STATES)
        for cadence in ([asked.cadence] if asked.cadence else Cadence.values)
    ]
    if asked.letter and not (asked.state or asked.cadence):
        stretches = [subscriptions]
    keys = [stretch.order_by("-subscriber_id").values_list("subscriber_id") for stretch in stretches]
    heads = [some.distinct()[:size] for some in keys]
    return [key for (key,) in heads[0].union(*heads[1:])]


def _of_letter(asked: Asked) -> QuerySet[Subscription]:
    return Subscription.objects.filter(newsletter=asked.letter) if asked.letter else Subscription.objects.all()


def _in_state(subscriptions: QuerySet[Subscription], state: str) -> QuerySet[Subscription]:
    return getattr(subscriptions, state)()


def _cadence(asked: Asked) -> dict[str, str]:
    return {"cadence": asked.cadence} if asked.cadence else {}
