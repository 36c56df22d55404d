"""Who has a story open to write in it: a courtesy to the others, which keeps nobody out and no text safe."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now

from .models import Article, Desk

# One who was not heard of for this long has gone; whoever has the story open then takes over.
GONE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Presence:
    """Who else writes in a story and was last seen when, or whom one has just taken it over from."""

    writer: str = ""
    taken_over_from: str = ""
    seen_at: datetime | None = None


def seen(article: Article, user) -> Presence:
    """Note that `user` has the story open. They are its writer, unless somebody else is and was heard of lately."""
    desks = Desk.objects.filter(article=article)
    writer, seen_at = (desk := desks.select_related("editing_by").get()).editing_by, desk.editing_seen_at
    is_free = Q(editing_by=None) | Q(editing_by=user) | Q(editing_seen_at__lt=Now() - GONE_AFTER)
    has_it = desks.filter(is_free).update(editing_by=user, editing_seen_at=Now())
    if writer in (None, user):
        return Presence()
    name = writer.get_full_name() or writer.get_username()
    return Presence(taken_over_from=name, seen_at=seen_at) if has_it else Presence(writer=name, seen_at=seen_at)
