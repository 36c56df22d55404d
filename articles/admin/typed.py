"""A story as an editor has typed it: the fields of its page laid over the working copy, finished or not."""

import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from .. import working_copy
from ..models import Article, Author, Citation, KeyPoint, Photo, PhotoUse, Section, Source, StoryFormat, Topic
from ..richtext import clean_text
from ..snapshot import SectionRole, Snapshot, Verification
from .forms import numbers_in
from .rich_text import is_same_text

_TOP = ("kicker", "headline", "lead", "why_it_matters", "share_text", "language")
# More rows than any form has; whoever sends a larger number gets no more.
_MOST_ROWS = 2_000

Fields = Mapping[str, list[str]]


def read_typed(article: Article, fields: Fields) -> Snapshot:
    """
    The working copy as it would be if `fields`, those of the story's page by name, were saved now.

    Nothing is refused for being unfinished: a row without words is no row yet, and what cannot be understood
    stays as it was. Raises `RichTextRefused` for text that cannot be cleaned.
    """
    article = working_copy.afresh(article)
    for name in _TOP:
        setattr(article, name, clean_text(_one(fields, name, getattr(article, name))))
    article.topic = _chosen(Topic, fields, "topic", article.topic)
    article.format = _chosen(StoryFormat, fields, "format", article.format)
    citations = _citations(article, fields)
    cited = {str(citation.pk): citation for citation in citations}
    return working_copy.assemble(
        article,
        byline=_byline(article, fields),
        key_points=[
            (point, [cited[pk] for pk in chosen if pk in cited]) for point, chosen in _key_points(article, fields)
        ],
        sections=_sections(article, fields),
        citations=citations,
        photo_use=_photo_use(article, fields),
        **working_copy.public_record(article),
    )


def _one(fields: Fields, name: str, otherwise: str = "") -> str:
    values = fields.get(name)
    return values[-1] if values else otherwise


def _key(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


def _chosen(model, fields: Fields, name: str, otherwise):
    key = _key(_one(fields, name))
    if key is None or key == otherwise.pk:
        return otherwise
    return model.objects.filter(pk=key).first() or otherwise


def _byline(article: Article, fields: Fields) -> list[Author]:
    if "headline" not in fields:
        return list(article.byline.all())
    return list(Author.objects.filter(pk__in=[key for text in fields.get("byline", []) if (key := _key(text))]))


def _rows(fields: Fields, prefix: str, parts: list) -> Iterator[tuple[object | None, dict[str, list[str]]]]:
    """The rows of one kind of part in their order: the part each is about (None: a new one) and its fields."""
    total = min(_key(_one(fields, f"{prefix}-TOTAL_FORMS")) or 0, _MOST_ROWS)
    rows = [{} for _ in range(total)]
    for name, values in fields.items():
        found = re.fullmatch(rf"{prefix}-([0-9]{{1,4}})-(\w+)", name)
        if found and int(found[1]) < total:
            rows[int(found[1])][found[2]] = values
    present = {str(part.pk): part for part in parts}
    stay = [row for row in rows if row and not row.get("DELETE")]
    for row in sorted(stay, key=_place):
        yield present.get(_one(row, "id")), row


def _place(row: dict) -> tuple[bool, int]:
    order = _key(_one(row, "order"))
    return order is None, order or 0


def _has(fields: Fields, prefix: str) -> bool:
    return f"{prefix}-TOTAL_FORMS" in fields


def _sections(article: Article, fields: Fields) -> list[Section]:
    present = list(article.sections.all())
    if not _has(fields, "sections"):
        return present
    sections = []
    for section, row in _rows(fields, "sections", present):
        heading, body, role = (_one(row, name) for name in ("heading", "body", "role"))
        if section is None and not (heading.strip() or body.strip()):
            continue
        section = section or Section(article=article)
        section.heading = clean_text(heading)
        section.body = section.body if is_same_text(section.body, body) else body
        section.role = role if role in {*SectionRole} else section.role
        sections.append(section)
    return sections


def _key_points(article: Article, fields: Fields) -> list[tuple[KeyPoint, list[str]]]:
    present = list(article.key_points.all())
    if not _has(fields, "key_points"):
        return [(point, [str(citation.pk) for citation in point.citations.all()]) for point in present]
    saved = {number: str(citation.pk) for number, citation in enumerate(article.citations.all(), start=1)}
    points = []
    for point, row in _rows(fields, "key_points", present):
        text, verification = clean_text(_one(row, "text")), _one(row, "verification")
        if not text:
            continue
        point = point or KeyPoint(article=article)
        point.text, point.reason = text, clean_text(_one(row, "reason"))
        point.verification = verification if verification in {*Verification} else point.verification
        point.as_of = _moment(_one(row, "as_of"), point.as_of)
        added = [saved[number] for number in numbers_in(_one(row, "cite")) if number in saved]
        points.append((point, [*row.get("citations", []), *added]))
    return points


def _moment(text: str, was: datetime) -> datetime:
    """The time that was typed; to the microsecond as it was, unless another one was typed."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        return was
    moment = make_aware(moment) if is_naive(moment) else moment
    return was if moment == was.replace(microsecond=0) else moment


def _citations(article: Article, fields: Fields) -> list[Citation]:
    present = list(article.citations.all())
    if not _has(fields, "citations"):
        return present
    rows = list(_rows(fields, "citations", present))
    wanted = [key for citation, row in rows if citation is None and (key := _key(_one(row, "source")))]
    sources = Source.objects.in_bulk(wanted)
    citations = []
    for citation, row in rows:
        if citation is None:
            source = sources.get(_key(_one(row, "source")))
            if source is None and not _key(_one(row, "confidential_source")):
                continue
            citation = Citation(article=article, source=source)
        citation.position = len(citations) + 1
        citation.is_primary = "is_primary" in row
        citation.supports = clean_text(_one(row, "supports"))
        citations.append(citation)
    return citations


def _photo_use(article: Article, fields: Fields) -> PhotoUse | None:
    use = PhotoUse.objects.filter(article=article).select_related("photo").first()
    if not _has(fields, "photo_use"):
        return use
    row = next((row for _, row in _rows(fields, "photo_use", [])), None)
    photo = _photo(_one(row, "photo")) if row else None
    if photo is None:
        return None
    use = use if use and use.photo == photo else PhotoUse(id=use.pk if use else uuid.uuid4(), article=article)
    crop = _one(row, "crop")
    use.photo, use.alt, use.caption = photo, clean_text(_one(row, "alt")), clean_text(_one(row, "caption"))
    use.crop = crop if crop in PhotoUse.Crop.values else use.crop
    return use


def _photo(text: str) -> Photo | None:
    try:
        return Photo.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        return None
