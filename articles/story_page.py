"""What a story page says, gathered from one edition: the plain values its template shows."""

from itertools import groupby

from django.core.files.storage import default_storage
from django.utils.safestring import SafeString

from . import frame, languages, renditions, sharing
from .models import Author, Revision, Source
from .snapshot import Citation, Contributor, KeyPoint, Photo, Section, SectionRole

_BYLINE = dict(Author.Role.choices)
_SOURCE_KINDS = dict(Source.Kind.choices)


def story_page(edition: Revision) -> dict:
    """All that the template of a story needs; `edition` comes with its story's address."""
    content = edition.content
    story = content.story
    address = edition.article.get_absolute_url()
    link = frame.absolute(address)
    share_text = story.share_text or story.headline
    sources = [
        _source(citation, number, story.language) for number, citation in enumerate(content.citations, start=1)
    ]
    cited = {source["id"]: source for source in sources}
    moved = _moved(edition)
    return {
        "edition": edition,
        "story": story,
        "direction": languages.direction(story.language),
        # Our own words on the page of a story in another language say so.
        "english": SafeString("" if languages.is_same(story.language, "en") else ' lang="en"'),
        "address": address,
        "topic_address": edition.article.topic.get_absolute_url(),
        "link": link,
        "byline": _byline(story.byline),
        "corrections": content.standing_corrections,
        "share_text": share_text,
        "places": sharing.places(share_text, link),
        "photo": content.photo,
        "image": _image(content.photo),
        "key_points": [_key_point(point, cited, moved) for point in content.key_points],
        "sections": [_section(section, moved) for section in _in_reading_order(content.sections)],
        "sources": sources,
    }


def _moved(edition: Revision) -> set[str]:
    """The keys of the parts that this edition changed, if its kind is one that readers should look for."""
    if edition.number == 1 or not edition.rule.moves_updated:
        return set()
    return {change.key for change in edition.differences}


def _byline(contributors: tuple[Contributor, ...]) -> list[dict]:
    """What people did and their names, those who did the same together."""
    return [
        {"did": _BYLINE.get(role, role), "people": list(people)}
        for role, people in groupby(contributors, key=lambda person: person.role)
    ]


def _key_point(point: KeyPoint, cited: dict[str, dict], moved: set[str]) -> dict:
    return {
        "text": point.text,
        "verification": point.verification.value,
        "label": point.verification.value.capitalize(),
        "as_of": point.as_of,
        "reason": point.reason,
        "sources": [cited[citation] for citation in point.citations],
        "has_moved": f"key_point:{point.id}" in moved,
    }


def _in_reading_order(sections: tuple[Section, ...]) -> list[Section]:
    """Developments before context."""
    return sorted(sections, key=lambda section: section.role == SectionRole.CONTEXT)


def _section(section: Section, moved: set[str]) -> dict:
    return {
        "id": section.id,
        "heading": section.heading,
        "body": section.body,
        "is_context": section.role == SectionRole.CONTEXT,
        "has_moved": f"section:{section.id}" in moved,
    }


def _source(citation: Citation, number: int, language: str) -> dict:
    source = citation.source
    common = {
        "id": citation.id,
        "number": number,
        "is_primary": citation.is_primary,
        "supports": citation.supports,
    }
    if source is None:
        return {**common, "is_confidential": True, "publisher": "A source known to the editors"}
    return {
        **common,
        "publisher": source.publisher,
        "title": source.title or source.url,
        "url": source.url,
        "kind": _SOURCE_KINDS.get(source.kind, ""),
        "language": source.language,
        "language_name": "" if languages.is_same(source.language, language) else languages.name(source.language),
        "published_on": source.published_on,
        "archived_url": source.archived_url,
    }


def _image(photo: Photo | None) -> str:
    """The address of the picture for those who show a link to the story."""
    return frame.absolute(renditions.address(photo, default_storage.url(""))) if photo else ""
