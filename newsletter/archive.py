"""Issues as everybody may read them on the web: what staff wrote, and the stories for who had nothing of them."""

from dataclasses import dataclass

from articles.models import Revision
from articles.story_page import corrected_since

from . import writing
from .models import Issue, LetterStory
from .writing import Told


@dataclass(frozen=True)
class Archived:
    """A story as it was told then, and what that had wrong."""

    told: Told
    is_newest: bool
    corrected: list


def editions_of(issue: Issue) -> list[LetterStory]:
    """The editions that an issue told of, in its order, for readers who had none; as it was put right."""
    rows = LetterStory.objects.filter(letter__issue=issue)
    rows = rows.order_by("article_id", "-edition__number").distinct("article_id")
    in_order = sorted(rows, key=lambda row: row.position)
    return [LetterStory(article_id=row.article_id, edition_id=row.edition_id) for row in in_order]


def names_of(rows: list[LetterStory]) -> str:
    """What the page of an issue depends on beside its own words: where its stories stand, and what is withheld."""
    stories = [row.article_id for row in rows]
    editions = Revision.objects.filter(article__in=stories).order_by("article_id", "number")
    place = ("chain_hash", "article__slug", "article__topic__slug", "article__topic__name")
    return f"{[*editions.newest().values_list(*place)]} {[*editions.withheld().values_list('pk', flat=True)]}"


def stories_of(rows: list[LetterStory]) -> list[Archived]:
    """Without those that readers may have no more."""
    public = Revision.objects.public().filter(article__in=[row.article_id for row in rows])
    newest = {edition.article_id: edition for edition in public}
    told = [story for story in writing.tell(rows) if story.edition.article_id in newest]
    return [_archived(story, newest[story.edition.article_id]) for story in told]


def _archived(told: Told, newest: Revision) -> Archived:
    is_newest = told.edition.number == newest.number
    return Archived(told, is_newest, [] if is_newest else corrected_since(told.edition, newest))
