"""How many signed up for a letter and how many left it, week by week; and how many have it now."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from .models import Consent, Newsletter

WEEKS = 12
# Up to here is counted one by one; of more the planner's estimate is told, which costs nothing.
COUNTED = 10_000


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


def about(rows: QuerySet) -> str:
    """How many there are, in words: exactly if they are few."""
    count = rows.order_by()[: COUNTED + 1].count()
    if count <= COUNTED:
        return f"{count:,}"
    (plan,) = json.loads(rows.order_by().explain(format="json"))
    return f"about {max(plan['Plan']['Plan Rows'], COUNTED):,}"
