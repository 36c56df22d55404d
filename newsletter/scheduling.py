"""When an issue of staff goes out, and whom it would reach just now."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Now

from .models import Issue, Newsletter, Suppression


@dataclass(frozen=True)
class Reach:
    """Those who have signed up for a newsletter, and who of them would get no issue now."""

    active: int
    suppressed: int
    paused: int

    @property
    def gets(self) -> int:
        return self.active - self.suppressed - self.paused


def reach(newsletter: Newsletter, now: datetime) -> Reach:
    """Counted as `digest.start` would address it."""
    suppressed = Exists(Suppression.objects.filter(digest=OuterRef("subscriber__digest")))
    active = newsletter.subscriptions.active().order_by().annotate(is_suppressed=suppressed)
    is_paused = Q(is_suppressed=False, subscriber__paused_until__gt=now)
    counts = active.aggregate(
        active=Count("pk"),
        suppressed=Count("pk", filter=Q(is_suppressed=True)),
        paused=Count("pk", filter=is_paused),
    )
    return Reach(**counts)


def schedule(issue: Issue, at: datetime, *, seen: datetime) -> bool:
    """
    To be sent at a time, or now; the next sweep of a worker starts what is due. False unless it is the draft that
    was `seen`, by when it was saved: of two who press at once one does it, and nobody sends what they did not read.
    """
    drafts = Issue.objects.filter(pk=issue.pk, made=Issue.Made.STAFF, state=Issue.State.DRAFT, saved_at=seen)
    return bool(drafts.update(state=Issue.State.SCHEDULED, send_at=at, saved_at=Now()))


def unschedule(issue: Issue) -> bool:
    """A draft again; False once it is being sent."""
    scheduled = Issue.objects.filter(pk=issue.pk, state=Issue.State.SCHEDULED)
    return bool(scheduled.update(state=Issue.State.DRAFT, send_at=None, saved_at=Now()))
