"""What reversion kept of a working copy, read back as a snapshot, so that it compares and restores like any."""

from django.db.models import prefetch_related_objects
from reversion.models import Revision

from .models import (
    Article,
    Author,
    Citation,
    Desk,
    KeyPoint,
    Photo,
    PhotoUse,
    SavedState,
    Section,
    StoryFormat,
    Topic,
)
from .snapshot import Snapshot
from .working_copy import assemble, public_record

PARTS = (KeyPoint, Section, Citation, PhotoUse)
# What editors call the parts of a story, where it is not what the model is called.
CALLED = {Citation: "sources", PhotoUse: "photo", Desk: "next edition"}


def called(model) -> str:
    """
    >>> called(Citation), called(KeyPoint)
    ('sources', 'key points')
    """
    return CALLED.get(model) or str(model._meta.verbose_name_plural)


def read(state: SavedState) -> Snapshot:
    """
    The working copy as it was saved then; sources, names and pictures with their public fields of today.

    Without a picture that is no longer there, and in today's topic and format where those of then are not.
    """
    fields_of = kept(state.revision)
    [story] = fields_of[Article]
    byline = story.pop("byline")
    story |= {
        f"{name}_id": getattr(state.article, f"{name}_id")
        for name, model in (("topic", Topic), ("format", StoryFormat))
        if not model.objects.filter(pk=story[f"{name}_id"]).exists()
    }
    supports = {fields["id"]: fields.pop("citations") for fields in fields_of[KeyPoint]}
    citations = _parts(Citation, fields_of)
    photo_uses = [use for use in _parts(PhotoUse, fields_of) if Photo.objects.filter(pk=use.photo_id).exists()]
    prefetch_related_objects(citations, "source")
    return assemble(
        Article(**story),
        byline=Author.objects.filter(pk__in=byline),
        key_points=[
            (point, [c for c in citations if c.pk in supports[point.pk]]) for point in _parts(KeyPoint, fields_of)
        ],
        sections=_parts(Section, fields_of),
        citations=citations,
        photo_use=photo_uses[0] if photo_uses else None,
        **public_record(state.article),
    )


def story(state: SavedState) -> Article:
    """The story's own fields as they were saved then; not to be saved."""
    [fields] = kept(state.revision)[Article]
    fields.pop("byline")
    return Article(**fields)


def parts(state: SavedState, model) -> list:
    """The parts of one kind that were kept then, in order: unsaved, without what they are tied to."""
    fields_of = kept(state.revision)
    for fields in fields_of[KeyPoint]:
        fields.pop("citations")
    return _parts(model, fields_of)


def kept(revision: Revision) -> dict[type, list[dict]]:
    """The fields of a story and of its parts, by their model."""
    found = {model: [] for model in (Article, *PARTS)}
    for version in revision.version_set.all():
        if version._model in found:
            found[version._model].append(version.field_dict)
    return found


def _parts(model, fields_of: dict[type, list[dict]]) -> list:
    found = [model(**fields) for fields in fields_of[model]]
    return sorted(found, key=lambda part: getattr(part, "position", 0))
