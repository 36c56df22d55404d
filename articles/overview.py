"""The front page of the desk: what wants an editor's eye today, of the stories that are theirs to edit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Func, JSONField, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import Cast
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from .models import Article, ErrorReport, KeyPoint, OpenPages, Revision, SavedState
from .snapshot import Pace, Verification
from .standing import Standing

LONG, SHORT = 6, 5
SAVES_LOOKED_AT = 100
EDITION = "desk__base_edition"


def overview(user) -> dict:
    """The lists of the page, in a number of queries that does not grow with the stories."""
    now = timezone.now()
    mine = Article.objects.editable_by(user)
    return {
        "developing": _developing(mine, now),
        "stale_points": _stale_points(mine, now),
        "unpublished": _unpublished(mine),
        "waiting": _waiting(mine),
        "edited": _edited_by(user, mine),
        "report_count": ErrorReport.objects.waiting().filter(article__in=mine).count(),
    }


@dataclass(frozen=True)
class Shelf:
    """The first of something, and how many there are."""

    rows: list
    count: int

    @classmethod
    def of(cls, stories: QuerySet, size: int) -> "Shelf":
        rows = list(stories.annotate(count=Window(Count("pk")))[:size])
        return cls(rows, rows[0].count if rows else 0)

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def in_words(span: timedelta) -> str:
    """
    >>> in_words(timedelta(minutes=5)), in_words(timedelta(hours=31)), in_words(timedelta(days=4))
    ('5 minutes', '31 hours', '4 days')
    """
    minutes = max(0, int(span.total_seconds() // 60))
    for unit, length, until in (("minute", 1, 60), ("hour", 60, 72 * 60)):
        if minutes < until:
            count = minutes // length
            return f"{count} {unit}{pluralize(count)}"
    return f"{minutes // (24 * 60)} days"


def _developing(mine: QuerySet, now: datetime) -> Shelf:
    """Those that nobody has confirmed for longest come first."""
    developing = mine.filter(**{f"{EDITION}__in": Revision.objects.public().developing()})
    counted = developing.annotate(readers=OpenPages.objects.now().readers_of(OuterRef("pk")))
    shelf = Shelf.of(counted.for_the_desk().order_by(f"{EDITION}__confirmed_at", "pk"), LONG)
    for story in shelf.rows:
        unconfirmed = now - story.desk.base_edition.confirmed_at
        story.is_stale = unconfirmed >= timedelta(hours=story.format.stale_hours)
        span = in_words(unconfirmed)
        story.confirmed = f"not confirmed for {span}" if story.is_stale else f"confirmed {span} ago"
    return shelf


@dataclass(frozen=True)
class StalePoint:
    """A key point whose time is older than its format allows, for readers or in the working copy."""

    story: Article
    text: str
    as_of: datetime
    age: str
    said: str
    href: str


def _stale_points(mine: QuerySet, now: datetime) -> Shelf:
    """The oldest first. A point that was confirmed again and not published is still old to readers."""
    developing = mine.filter(**{f"{EDITION}__in": Revision.objects.public().developing()})
    stories = developing.select_related("format").only("headline", "format__stale_hours").in_bulk()
    readers_have = _published_points(developing)
    written = {
        (point.article_id, str(point.pk)): point for point in KeyPoint.objects.filter(article__in=developing)
    }
    stale = [
        _stale(stories[key[0]], readers_have.get(key), written.get(key), now)
        for key in {**readers_have, **written}
        if key[0] in stories
    ]
    found = sorted((point for point in stale if point), key=lambda point: (point.as_of, point.story.pk))
    return Shelf(found[:LONG], len(found))


def _published_points(developing: QuerySet) -> dict[tuple[int, str], KeyPoint]:
    """The key points of the newest editions, taken out of their snapshots by the database."""
    each = Func(
        Cast("snapshot", JSONField()),
        Value("$.key_points[*]"),
        function="jsonb_path_query",
        output_field=JSONField(),
        set_returning=True,
    )
    editions = Revision.objects.newest().filter(article__in=developing).order_by()
    return {
        (article, point["id"]): KeyPoint(
            text=point["text"],
            verification=point["verification"],
            as_of=datetime.fromisoformat(point["as_of"]),
        )
        for article, point in editions.annotate(point=each).values_list("article", "point")
    }


def _stale(story: Article, public: KeyPoint | None, written: KeyPoint | None, now: datetime) -> StalePoint | None:
    limit = now - timedelta(hours=story.format.stale_hours)
    standing = [point for point in (public, written) if point and point.verification != Verification.WITHDRAWN]
    stale = [point for point in standing if point.as_of < limit]
    if not stale:
        return None
    if written is None:
        said = "taken out of the working copy; readers have it"
    elif public is None:
        said = "not published yet"
    else:
        said = "" if written in stale else "confirmed again, not published"
    oldest = min(stale, key=lambda point: point.as_of)
    page = reverse("admin:articles_article_change", args=[story.pk])
    place = f"#key_points-{written.position - 1}" if written else "#key_points-group"
    return StalePoint(story, oldest.text, oldest.as_of, in_words(now - oldest.as_of), said, page + place)


def _unpublished(mine: QuerySet) -> Shelf:
    """
    Developing stories are all looked at; others only if somebody saved them since their newest edition.

    Words are compared, so that years of settled stories would be compared at every look at the page.
    """
    version = f"{EDITION}__saved_state__version"
    touched = Q(**{f"{EDITION}__pace": Pace.DEVELOPING}) | Q(**{version: None}) | Q(desk__version__gt=F(version))
    found = mine.filter(touched).with_standing().filter(standing=Standing.UNPUBLISHED_CHANGES)
    return Shelf.of(found.for_the_desk().with_newest_save().order_by("-saved_at", "-pk"), SHORT)


def _waiting(mine: QuerySet) -> Shelf:
    """What is nearest to readers comes first."""
    order = [Standing.READY, Standing.IN_REVIEW, Standing.NOT_PUBLISHED]
    waiting = mine.with_standing().filter(standing__in=order).for_the_desk().with_newest_save()
    nearest = Func(Value([*order]), F("standing"), function="array_position")
    return Shelf.of(waiting.select_related("desk__assignee").order_by(nearest, "-saved_at", "-pk"), SHORT)


def _edited_by(user, mine: QuerySet) -> Shelf:
    saves = SavedState.objects.filter(revision__user=user, article__in=mine).order_by("-pk")
    newest = _without_repeats(saves.values_list("article", flat=True)[:SAVES_LOOKED_AT])[:SHORT]
    found = mine.for_the_desk().with_standing().in_bulk(newest)
    return Shelf([found[pk] for pk in newest], len(newest))


def _without_repeats(keys: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(keys))
