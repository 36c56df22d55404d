"""What became of an issue: whom it was to reach, and how each of them ended; and how fast it went."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Extract, Floor

from .models import Delivery, Issue

State, Reason = Delivery.State, Delivery.Reason
SLICES = 30
# To so many readers it is counted each time that somebody looks; what went to more is kept, for these seconds.
COUNTED, KEPT_FOR = 10_000, 10
# In seconds: what one slice of the time may be.
_DAY = 86_400
STEPS = [1, 2, 5, 10, 30, 60, 120, 300, 900, 1800, 3600, 10_800, 21_600, _DAY, 7 * _DAY, 30 * _DAY, 365 * _DAY]


@dataclass(frozen=True)
class Report:
    """Every candidate is in exactly one state. Some of those it reached answered, so to speak, afterwards."""

    candidates: int
    is_in_outbox: bool
    states: dict[str, int]
    excluded: dict[str, int]
    bounced: int
    complained: int
    left: int

    @property
    def sent(self) -> int:
        return self.states.get(State.SENT, 0)

    @property
    def failed(self) -> int:
        return self.states.get(State.FAILED, 0)

    @property
    def in_doubt(self) -> int:
        return self.states.get(State.IN_DOUBT, 0)

    @property
    def waiting(self) -> int:
        """Those at whose mail somebody is just now too."""
        return self.states.get(State.QUEUED, 0) + self.states.get(State.SENDING, 0)

    @property
    def lines(self) -> list[tuple[str, int]]:
        """The sum, as it is shown."""
        not_sent = [(f"Not sent: {Reason(reason).label.lower()}", n) for reason, n in self.excluded.items()]
        sent = "Kept in the outbox" if self.is_in_outbox else "Sent"
        told = {sent: self.sent, "Waiting": self.waiting, "Failed": self.failed, "In doubt": self.in_doubt}
        return [*told.items(), *not_sent]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.lines)

    @property
    def is_balanced(self) -> bool:
        return self.total == self.candidates


def report(issue: Issue) -> Report:
    """Its numbers are from one query, so they are of one moment."""
    bounces = Delivery.Bounce
    rows = [
        *issue.deliveries.order_by("state", "reason")
        .values("state", "reason")
        .annotate(
            count=Count("pk"),
            bounced=Count("pk", filter=Q(bounce__in=[bounces.SOFT, bounces.HARD])),
            complained=Count("pk", filter=Q(bounce=bounces.COMPLAINT)),
            left=Count("left_at"),
        )
    ]
    return Report(
        candidates=issue.candidates,
        is_in_outbox=issue.is_in_outbox,
        states={state: sum(row["count"] for row in rows if row["state"] == state) for state in State.values},
        excluded={row["reason"]: row["count"] for row in rows if row["state"] == State.EXCLUDED},
        **{name: sum(row[name] for row in rows) for name in ("bounced", "complained", "left")},
    )


@dataclass(frozen=True)
class Slice:
    """Some of the time that an issue took, and how many mails were handed over in it."""

    begins: datetime
    sent: int


def over_time(issue: Issue) -> tuple[int, list[Slice]]:
    """
    How many seconds a slice has, and the slices from the start of an issue to its newest mail, if any; of a large
    issue as it was ten seconds ago at most.
    """
    if issue.candidates <= COUNTED:
        return _over_time(issue)
    return cache.get_or_set(f"letters:{issue.pk}:over-time", lambda: _over_time(issue), KEPT_FOR)


def _over_time(issue: Issue) -> tuple[int, list[Slice]]:
    sent = issue.deliveries.filter(state=State.SENT, sent_at__gte=issue.started_at)
    newest = sent.order_by("-sent_at").values_list("sent_at", flat=True).first()
    if newest is None:
        return STEPS[0], []
    took = (newest - issue.started_at).total_seconds()
    step = next((step for step in STEPS if took < SLICES * step), STEPS[-1])
    after = ExpressionWrapper(F("sent_at") - issue.started_at, output_field=DurationField())
    counts = sent.order_by().values_list(Floor(Extract(after, "epoch") / step)).annotate(Count("pk"))
    found = {int(place): count for place, count in counts}
    begins = [issue.started_at + timedelta(seconds=step * place) for place in range(max(found) + 1)]
    return step, [Slice(at, found.get(place, 0)) for place, at in enumerate(begins)]
