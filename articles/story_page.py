"""What a story page says, gathered from one edition: the plain values its template shows."""

from datetime import datetime
from itertools import groupby
from types import SimpleNamespace as Shown
from urllib.parse import quote

from django.core.files.storage import default_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString
from markupsafe import escape

from . import frame, languages, renditions
from . import snapshot as snapshots
from .freshness import is_stale
from .kinds import Kind
from .models import Author, Revision, Source
from .reading import day
from .snapshot import Citation, Contributor, Correction, KeyPoint, Photo, Section, SectionRole, Verification

_BYLINE = dict(Author.Role.choices)
_SOURCE_KINDS = dict(Source.Kind.choices)
_KNOWN_TO_EDITORS = snapshots.Source("A source known to the editors", "", "", "", "")


def story_page(edition: Revision, now: datetime | None = None) -> dict:
    """
    All that the template of a story needs; `edition` comes with its story's address.

    Key points that are stale `now` are marked; without it, none are.
    """
    content = edition.content
    story = content.story
    # Addresses are of letters that HTML leaves as they are; said so, they are not escaped at each of their places.
    address = SafeString(edition.article.get_absolute_url())
    link = SafeString(frame.absolute(address))
    share_text = story.share_text or story.headline
    sources = [
        _source(citation, str(number), story.language) for number, citation in enumerate(content.citations, start=1)
    ]
    cited = {citation.id: _reference(source) for citation, source in zip(content.citations, sources, strict=True)}
    moved = _moved(edition)
    return {
        "edition": edition,
        "story": story,
        "direction": languages.direction(story.language),
        # Our own words on the page of a story in another language say so.
        "english": SafeString("" if languages.is_same(story.language, "en") else ' lang="en"'),
        "address": address,
        "topic_address": SafeString(edition.article.topic.get_absolute_url()),
        "link": link,
        "byline": _byline(story.byline),
        "corrections": [_correction(correction) for correction in content.standing_corrections],
        "share_text": share_text,
        "share": _share(share_text, link),
        "photo": content.photo,
        "image": _image(content.photo),
        "key_points": [
            _key_point(point, cited, moved, now is not None and is_stale(content, point, now))
            for point in content.key_points
        ],
        "sections": [_section(section, moved) for section in _in_reading_order(content.sections)],
        "sources": sources,
    }


def corrected_since(edition: Revision, newest: Revision) -> list[Shown]:
    """The standing corrections of what this edition had wrong, from the newest one."""
    content = newest.content
    known = {correction.id: correction for correction in content.corrections}

    def is_about_it(correction: Correction | None) -> bool:
        # One that supersedes another is also about the editions which that one was about.
        return correction is not None and (
            correction.first_wrong <= edition.number <= correction.last_wrong
            or is_about_it(known.get(correction.supersedes))
        )

    return [_correction(correction) for correction in content.standing_corrections if is_about_it(correction)]


def _share(text: str, link: str) -> Shown:
    """Text, link and both as they stand in an address; quoting leaves nothing that HTML would escape."""
    text, link = quote(text, safe=""), quote(link, safe="")
    return Shown(text=SafeString(text), link=SafeString(link), both=SafeString(f"{text}%20{link}"))


def _moved(edition: Revision) -> set[str]:
    """The ids of the parts that this edition changed, if its kind is one that readers should look for."""
    return edition.moved_ids if edition.number > 1 and edition.rule.moves_updated else set()


def _byline(contributors: tuple[Contributor, ...]) -> list[Shown]:
    """What people did and their names, those who did the same together."""
    in_order = sorted(contributors, key=lambda person: list(_BYLINE).index(person.role))
    return [
        Shown(did=_BYLINE[role], names=SafeString(", ".join(map(_name, people))))
        for role, people in groupby(in_order, key=lambda person: person.role)
    ]


def _name(person: Contributor) -> str:
    name = escape(person.name)
    url = _web_address(person.url)
    return SafeString(f'<a href="{escape(url)}" rel="author">{name}</a>') if url else name


def _web_address(url: str) -> str:
    """What may stand in a link, as the edition may have been altered past every check; empty for all else."""
    return url if url.startswith(("https://", "http://")) else ""


def _reference(source: Shown) -> SafeString:
    """The link from a key point to the source in the list."""
    number = source.number
    return SafeString(f'<a href="#source-{number}">{escape(source.publisher)} <sup>{number}</sup></a>')


def _key_point(point: KeyPoint, cited: dict[str, SafeString], moved: set[str], stale: bool) -> Shown:
    return Shown(
        text=point.text,
        verification=point.verification.value,
        label=point.verification.value.capitalize(),
        as_of=point.as_of,
        is_withdrawn=point.verification == Verification.WITHDRAWN,
        reason=point.reason,
        references=SafeString(" ".join(cited[citation] for citation in point.citations)),
        has_moved=point.id in moved,
        is_stale=stale,
    )


def _in_reading_order(sections: tuple[Section, ...]) -> list[Section]:
    """Developments before context."""
    return sorted(sections, key=lambda section: section.role == SectionRole.CONTEXT)


def _section(section: Section, moved: set[str]) -> Shown:
    return Shown(
        heading=section.heading,
        body=section.body,
        is_context=section.role == SectionRole.CONTEXT,
        has_moved=section.id in moved,
    )


def _source(citation: Citation, number: str, language: str) -> Shown:
    source = citation.source or _KNOWN_TO_EDITORS
    return Shown(
        number=number,
        is_primary=citation.is_primary,
        supports=citation.supports,
        publisher=source.publisher,
        title=source.title or source.url,
        url=_web_address(source.url),
        language=source.language,
        facts=_facts(source, language),
        archived_url=_web_address(source.archived_url),
    )


def _facts(source: snapshots.Source, language: str) -> SafeString:
    """What sort of source it is, its language if it is not the story's, its date, and when it was read."""
    is_foreign = source.language and not languages.is_same(source.language, language)
    facts = [
        _SOURCE_KINDS.get(source.kind, ""),
        f"in {languages.name(source.language)}" if is_foreign else "",
        day(source.published_on) if source.published_on else "",
        format_html("accessed {}", day(source.accessed_on)) if source.accessed_on else "",
    ]
    return SafeString(", ".join(escape(fact) for fact in facts if fact))


def _correction(correction: Correction) -> Shown:
    return Shown(
        kind=Kind(correction.kind).label,
        wrong=correction.wrong,
        right=correction.right,
        published_at=correction.published_at,
        first_wrong=str(correction.first_wrong),
        last_wrong=str(correction.last_wrong),
        number=str(correction.number),
    )


def _image(photo: Photo | None) -> str:
    """The address of the picture for those who show a link to the story."""
    return frame.absolute(renditions.address(photo, default_storage.url(""))) if photo else ""
