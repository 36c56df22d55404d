"""Taking back what was deleted, as reversion kept it."""

import reversion
from django.db import transaction
from django.db.models import Model, QuerySet
from reversion.models import Version

from . import saved_states, working_copy
from .models import (
    Article,
    Author,
    Citation,
    ConfidentialSource,
    Desk,
    FormerAddress,
    KeyPoint,
    Photo,
    PhotoUse,
    SavedState,
    Section,
    Source,
)


def deleted(model: type[Model]) -> QuerySet[Version]:
    """The newest version of everything of `model` that is no more, without the weight of what was kept."""
    return Version.objects.get_deleted(model).select_related("revision__user").defer("serialized_data")


def contents(version: Version) -> list[tuple[str, list[str]]]:
    """What a version holds, to be looked at: names and texts, those of a story's parts by their kind."""
    thing = version._object_version.object
    fields = [field for field in thing._meta.fields if not (field.is_relation or field.primary_key)]
    shown = [(field.verbose_name, [thing.serializable_value(field.name)]) for field in fields]
    parts = {}
    for part in version.revision.version_set.defer("serialized_data").order_by("pk"):
        if part._model in saved_states.PARTS:
            parts.setdefault(saved_states.called(part._model), []).append(part.object_repr)
    return [(name, texts) for name, texts in [*shown, *parts.items()] if any(texts)]


def recover(version: Version, *, by) -> Model:
    """What was deleted, as it was saved last. Raises `ValidationError` if it cannot stand beside what is there."""
    thing = version._object_version.object
    with reversion.create_revision():
        reversion.set_user(by)
        reversion.set_comment("Recovered")
        thing.full_clean()
        thing.save(force_insert=True)
    return thing


@transaction.atomic
def recover_story(version: Version, *, by) -> Article:
    """
    A deleted story as it was saved last: its parts with their ids, and all its saves.

    It comes without a source, name or photo that is no longer there, and at another address if its own was given
    away. Raises `ValidationError` if its topic or format are gone.
    """
    kept = saved_states.kept(version.revision)
    [fields] = kept[Article]
    byline = fields.pop("byline")
    article = Article(**fields)
    if _is_taken(article.slug):
        article.slug = f"{article.slug}-{article.pk}"
    article.full_clean()
    article.save(force_insert=True)
    _bring_back_saves(article)
    with working_copy.saving(article, by=by, version=None, comment="Recovered"):
        article.byline.set(Author.objects.filter(pk__in=byline))
        _bring_back_parts(kept)
    return article


def _is_taken(slug: str) -> bool:
    return (
        Article.objects.filter(slug=slug).exists() or FormerAddress.objects.filter(slug=slug, topic=None).exists()
    )


def _bring_back_saves(article: Article) -> None:
    versions = Version.objects.get_for_object(article).order_by("pk").values_list("revision", flat=True)
    SavedState.objects.bulk_create(
        SavedState(revision_id=revision, article=article, version=number)
        for number, revision in enumerate(versions, start=1)
    )
    Desk.objects.filter(article=article).update(version=len(versions))


def _bring_back_parts(kept: dict[type, list[dict]]) -> None:
    supports = {fields["id"]: fields.pop("citations") for fields in kept[KeyPoint]}
    citations = [
        citation
        for citation in _made(Citation, kept)
        if _is_there(Source, citation.source_id) and _is_there(ConfidentialSource, citation.confidential_source_id)
    ]
    Citation.objects.bulk_create(citations)
    Section.objects.bulk_create(_made(Section, kept))
    PhotoUse.objects.bulk_create(use for use in _made(PhotoUse, kept) if _is_there(Photo, use.photo_id))
    for point in KeyPoint.objects.bulk_create(_made(KeyPoint, kept)):
        point.citations.set(citation for citation in citations if citation.pk in supports[point.pk])


def _made(model, kept: dict[type, list[dict]]) -> list:
    return [model(**fields) for fields in kept[model]]


def _is_there(model, pk) -> bool:
    return pk is None or model.objects.filter(pk=pk).exists()
