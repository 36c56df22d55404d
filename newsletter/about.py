"""What a subscription or a consent is about, as its owner may see it: a letter, or a story as readers have it."""

from collections.abc import Iterable
from dataclasses import dataclass

from articles.models import Revision

from .models import Consent, Newsletter, Subscription

GONE = "A story that was withdrawn"
EVERYTHING = "Everything you get"
STORIES = "Every story you follow"


@dataclass(frozen=True)
class About:
    """`link` is empty where there is no page for readers any more."""

    title: str
    link: str
    language: str = "en"
    is_story: bool = False


def about(row: Subscription | Consent) -> About:
    return about_each([row])[0]


def about_all(rows: list[Subscription]) -> About:
    """What one link is about: a letter, a story, or every story that somebody follows."""
    return about(rows[0]) if len(rows) == 1 else About(STORIES, "", is_story=True)


def about_each(rows: Iterable[Subscription | Consent]) -> list[About]:
    """In the order of the rows, which have their letters with them."""
    rows = list(rows)
    stories = {row.article_id for row in rows if row.article_id}
    editions = Revision.objects.public().with_address().filter(article__in=stories)
    public = {edition.article_id: edition for edition in editions}
    languages = Revision.objects.languages(public.values())
    return [_one(row, public.get(row.article_id), languages) for row in rows]


def _one(row: Subscription | Consent, edition: Revision | None, languages: dict[int, str]) -> About:
    if row.newsletter:
        return _newsletter(row.newsletter)
    return _story(edition, languages) if row.article_id else About(EVERYTHING, "")


def _newsletter(newsletter: Newsletter) -> About:
    return About(newsletter.title, newsletter.get_absolute_url() if newsletter.is_open else "")


def _story(edition: Revision | None, languages: dict[int, str]) -> About:
    if edition is None:
        return About(GONE, "", is_story=True)
    return About(edition.headline, edition.article.get_absolute_url(), languages[edition.pk], is_story=True)
