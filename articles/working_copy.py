"""The working copy: reading it as a snapshot, writing a snapshot back, and saving it as one kept state."""

import dataclasses
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress

import reversion
from django.db import transaction
from django.db.models import F, QuerySet

from . import richtext
from . import snapshot as snapshots
from .changes import Change, DoesNotApply, apply, compare
from .models import Article, Citation, Desk, KeyPoint, Photo, PhotoUse, SavedState, Section, Source
from .snapshot import Pace, Snapshot


class StaleCopy(Exception):
    """The working copy was saved by someone else since this editor opened it; nothing was written."""


def lock(article: Article) -> Desk:
    """Hold the story against other saves and publications until the transaction ends."""
    Article.objects.select_for_update(no_key=True).get(pk=article.pk)
    return Desk.objects.select_related("base_edition").get(article=article)


@contextmanager
def saving(article: Article, *, by, version: int | None, comment: str = "", edition=None) -> Iterator[None]:
    """
    Change the working copy inside this block, as one saved state with its user and comment.

    `version` is the desk's version the editor started from; None is for code that holds the lock already.
    Raises `StaleCopy` if the copy has moved on since.
    """
    with transaction.atomic():
        desk = lock(article)
        if version is not None and desk.version != version:
            raise StaleCopy
        with reversion.create_revision(manage_manually=True, atomic=False):
            reversion.set_user(by)
            reversion.set_comment(comment)
            yield
            reversion.add_to_revision(whole().select_related("photo_use").get(pk=article.pk))
            reversion.add_meta(SavedState, article=article, version=desk.version + 1, edition=edition)
        Desk.objects.filter(article=article).update(version=F("version") + 1)


def read(article: Article) -> Snapshot:
    """The working copy as readers would see it, at the pace and with the corrections of its newest edition."""
    article = afresh(article)
    return assemble(
        article,
        byline=article.byline.all(),
        key_points=[(point, point.citations.all()) for point in article.key_points.all()],
        sections=article.sections.all(),
        citations=article.citations.all(),
        photo_use=PhotoUse.objects.filter(article=article).select_related("photo").first(),
        **public_record(article),
    )


def whole() -> QuerySet[Article]:
    """Stories with their parts, in as many queries for a long one as for a short one."""
    return Article.objects.prefetch_related("byline", "sections", "key_points__citations", "citations__source")


def afresh(article: Article) -> Article:
    """The story as it is saved now, with its parts and its newest edition."""
    edition = "desk__base_edition"
    return whole().select_related("topic", "format", edition).defer(f"{edition}__changes").get(pk=article.pk)


def public_record(article: Article) -> dict:
    """What only publishing moves, as the newest edition has it; corrections as the newest that is not withheld."""
    newest = told = article.desk.base_edition
    if newest and newest.is_withheld:
        told = article.revisions.with_words().order_by("-number").first()
    return {
        "pace": Pace(newest.pace) if newest else Pace.DEVELOPING,
        "corrections": told.content.corrections if told else (),
    }


def assemble(article, *, byline, key_points, sections, citations, photo_use, pace, corrections) -> Snapshot:
    """One snapshot of model instances, wherever they were read from."""
    return Snapshot(
        story=snapshots.Story(
            headline=article.headline,
            lead=article.lead,
            why_it_matters=article.why_it_matters,
            kicker=article.kicker or article.format.kicker,
            topic=snapshots.Topic(article.topic.slug, article.topic.name),
            language=article.language,
            pace=pace,
            format_note=article.format.note,
            byline=tuple(snapshots.Contributor(person.name, person.role, person.url) for person in byline),
            share_text=article.share_text,
            stale_hours=article.format.stale_hours if article.format.marks_stale else 0,
        ),
        key_points=tuple(_key_point(point, cited) for point, cited in key_points),
        sections=tuple(
            snapshots.Section(str(s.pk), s.heading, richtext.clean(s.body), snapshots.SectionRole(s.role))
            for s in sections
        ),
        citations=tuple(_citation(citation) for citation in citations),
        photo=_photo(photo_use) if photo_use else None,
        corrections=corrections,
    )


def _key_point(point: KeyPoint, cited) -> snapshots.KeyPoint:
    return snapshots.KeyPoint(
        id=str(point.pk),
        text=point.text,
        verification=snapshots.Verification(point.verification),
        as_of=point.as_of,
        citations=tuple(str(citation.pk) for citation in sorted(cited, key=lambda c: c.position)),
        reason=point.reason,
    )


def _citation(citation: Citation) -> snapshots.Citation:
    source = citation.source
    return snapshots.Citation(
        id=str(citation.pk),
        is_primary=citation.is_primary,
        supports=citation.supports,
        source=source
        and snapshots.Source(
            publisher=source.publisher,
            title=source.title,
            url=source.url,
            kind=source.kind,
            language=source.language,
            published_on=source.published_on.isoformat() if source.published_on else "",
            accessed_on=source.accessed_on.isoformat() if source.accessed_on else "",
            archived_url=source.archived_url,
        ),
    )


def _photo(use: PhotoUse) -> snapshots.Photo:
    photo = use.photo
    return snapshots.Photo(
        id=str(use.pk),
        photo=str(photo.pk),
        file=photo.rendition_name,
        width=photo.width,
        height=photo.height,
        focal_x=photo.focal_x,
        focal_y=photo.focal_y,
        crop=use.crop,
        alt=use.alt,
        caption=use.caption,
        credit=photo.credit,
        licence=photo.licence,
    )


def write(article: Article, snapshot: Snapshot, *, only: Collection[str] | None = None) -> None:
    """
    Copy a snapshot's content into the working copy, part by part id; inside `saving`.

    `only` names parts by their keys ("lead", "key_point:<id>"); None means the whole, and then parts that the
    snapshot does not have go. What is the site's own (topic, byline, sources) stays as it is.
    """
    if only is not None:
        current = read(article)
        snapshot = apply(current, [change for change in compare(current, snapshot) if change.key in only])
    _write_top(article, snapshot.story)
    _write_parts(Citation, article, _citation_rows(article, snapshot))
    _write_parts(Section, article, _section_rows(snapshot))
    _write_parts(KeyPoint, article, _key_point_rows(snapshot))
    _write_supports(article, snapshot)
    _write_photo(article, snapshot.photo)


def bring(article: Article, changes: Iterable[Change]) -> None:
    """
    Make published changes in the working copy as well; inside `saving`.

    A change of a part that the working copy has no more, or has already, is left out: what others are in the
    middle of writing stays theirs.
    """
    snapshot = read(article)
    for change in changes:
        with suppress(DoesNotApply):
            snapshot = apply(snapshot, [change])
    write(article, snapshot)


def _write_top(article: Article, story: snapshots.Story) -> None:
    for name in ("headline", "lead", "why_it_matters", "language", "share_text"):
        setattr(article, name, getattr(story, name))
    article.kicker = "" if story.kicker == article.format.kicker else story.kicker
    article.save()


def _write_parts(model, article: Article, rows: dict[str, dict]) -> None:
    model.objects.filter(article=article).exclude(pk__in=rows).delete()
    parts = [
        model(pk=uuid.UUID(pk), article=article, position=position, **fields)
        for position, (pk, fields) in enumerate(rows.items(), start=1)
    ]
    if parts:
        names = ["position", *next(iter(rows.values()))]
        model.objects.bulk_create(parts, update_conflicts=True, unique_fields=["id"], update_fields=names)


def _section_rows(snapshot: Snapshot) -> dict[str, dict]:
    return {s.id: {"heading": s.heading, "body": s.body, "role": s.role} for s in snapshot.sections}


def _key_point_rows(snapshot: Snapshot) -> dict[str, dict]:
    names = ("text", "verification", "as_of", "reason")
    return {p.id: {name: getattr(p, name) for name in names} for p in snapshot.key_points}


def _citation_rows(article: Article, snapshot: Snapshot) -> dict[str, dict]:
    """
    A snapshot does not name confidential sources, so it neither brings them back nor takes them out.

    A source that the story cites already is not cited a second time.
    """
    present = {str(citation.pk): citation for citation in article.citations.all()}
    wanted = {citation.id for citation in snapshot.citations}
    cited = {present[pk].source_id for pk in wanted & present.keys()}
    rows = {}
    for citation in snapshot.citations:
        uses = {"is_primary": citation.is_primary, "supports": citation.supports}
        if citation.id in present:
            rows[citation.id] = {**_names(present[citation.id]), **uses}
        elif citation.source and (source := _source(citation.source)).pk not in cited:
            rows[citation.id] = {"source_id": source.pk, "confidential_source_id": None, **uses}
    for pk, citation in present.items():
        if citation.confidential_source_id and pk not in rows:
            rows[pk] = {**_names(citation), "is_primary": citation.is_primary, "supports": citation.supports}
    return rows


def _names(citation: Citation) -> dict:
    return {
        "source_id": citation.source_id,
        "confidential_source_id": citation.confidential_source_id,
    }


def _source(source: snapshots.Source) -> Source:
    """The site's source with these public fields, made again if it is gone."""
    known = {"url": source.url} if source.url else {"publisher": source.publisher, "title": source.title}
    fields = {f.name: getattr(source, f.name) for f in dataclasses.fields(source)}
    dates = {name: fields[name] or None for name in ("published_on", "accessed_on")}
    return Source.objects.filter(**known).first() or Source.objects.create(**{**fields, **dates})


def _write_supports(article: Article, snapshot: Snapshot) -> None:
    through = KeyPoint.citations.through
    kept = {str(pk) for pk in Citation.objects.filter(article=article).values_list("pk", flat=True)}
    through.objects.filter(keypoint__article=article).delete()
    through.objects.bulk_create(
        through(keypoint_id=point.id, citation_id=citation)
        for point in snapshot.key_points
        for citation in point.citations
        if citation in kept
    )


def _write_photo(article: Article, photo: snapshots.Photo | None) -> None:
    uses = PhotoUse.objects.filter(article=article)
    if photo is None or not Photo.objects.filter(pk=photo.photo).exists():
        uses.delete()
        return
    uses.exclude(pk=photo.id).delete()
    content = {"photo_id": photo.photo, "alt": photo.alt, "caption": photo.caption, "crop": photo.crop}
    uses.update_or_create(pk=photo.id, defaults={"article": article, **content})
