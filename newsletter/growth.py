"""How many signed up for a letter and how many left it, week by week; and how many have it now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncWeek
from django.utils import timezone

from .models import Consent, Newsletter

WEEKS = 12
# Up to here it is counted each time; what is more is kept, for these seconds; beyond the last nobody counts.
COUNTED, KEPT_FOR, MOST = 10_000, 600, 100_000


@dataclass
class Week:
    """What happened in the week that begins on Monday, `begins`."""

    begins: date
    signed_up: int = 0
    imported: int = 0
    left: int = 0


FIELDS = {
    Consent.Act.CONFIRMED: "signed_up",
    Consent.Act.IMPORTED: "imported",
    Consent.Act.LEFT: "left",
}


def weeks(newsletter: Newsletter, now: datetime) -> list[Week]:
    """The last twelve, this one last, in the zone of the newsroom."""
    today = timezone.localtime(now)
    monday = today.date() - timedelta(days=today.weekday())
    found = {begins: Week(begins) for begins in (monday - timedelta(weeks=n) for n in reversed(range(WEEKS)))}
    since = timezone.make_aware(datetime.combine(min(found), datetime.min.time()))
    told = newsletter.consents.filter(act__in=FIELDS, at__gte=since).order_by()
    for begins, act, count in told.values_list(TruncWeek("at"), "act").annotate(Count("pk")):
        if week := found.get(begins.date()):
            setattr(week, FIELDS[act], count)
    return [*found.values()]


def count(newsletter: Newsletter, state: str) -> str:
    """How many subscriptions are in this state, in words; of a large letter as it was ten minutes ago at most."""
    key = f"letters:{newsletter.pk}:{state}"
    known = cache.get(key)
    if known is None:
        known = _counted(newsletter, state)
        if known > COUNTED:
            cache.set(key, known, KEPT_FOR)
    return f"{known:,}" if known <= MOST else f"more than {MOST:,}"


def _counted(newsletter: Newsletter, state: str) -> int:
    """Along the index that has each state in this order, and no further than to tell that there are more."""
    in_state = getattr(newsletter.subscriptions, state)()
    return in_state.order_by("cadence", "-subscriber_id")[: MOST + 1].count()
