"""The verb that takes the words of editions from readers and from the desk, for good."""

from collections.abc import Collection

import reversion.models
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction

from . import working_copy
from .models import Article, ErrorReport, Revision, Withholding
from .publishing import Refused, announce, clock, may_edit


@transaction.atomic
def withhold(article: Article, *, numbers: Collection[int] | None, category: str, by) -> list[Withholding]:
    """
    Take the words out of these editions, or out of all, for ever; their numbers, kinds, times and hashes stay.

    What moved in them and in the editions behind them is forgotten, and so is the whole draft history of the story:
    any save may hold the words. Editions that repeat a correction of these are told without it, and a photo that no
    other edition shows is public no more. The working copy stays as it is. While the newest edition is withheld the
    story is gone for readers, until the whole of it is published anew.
    """
    if not (may_edit(article, by) and by.has_perm("articles.add_withholding")):
        raise PermissionDenied("You may not withhold editions of this story.")
    desk = working_copy.lock(article)
    editions = _to_withhold(article, numbers)
    withholdings = Withholding.objects.bulk_create(
        Withholding(
            revision=edition,
            category=Withholding.Category(category),
            by=by,
            by_name=by.get_full_name() or by.get_username(),
            withheld_at=clock(),
        )
        for edition in editions
    )
    found = [edition.number for edition in editions]
    emptied = dict.fromkeys(("headline", "lead", "note", "private_note"), "")
    article.revisions.filter(number__in=found).update(snapshot=None, changes=[], **emptied)
    article.revisions.filter(number__in=[number + 1 for number in found]).update(changes=[])
    article.corrections.filter(revision__in=editions).update(wrong="", right="")
    _forget_drafts(article)
    announce(desk.base_edition)
    return withholdings


def _to_withhold(article: Article, numbers: Collection[int] | None) -> list[Revision]:
    """The editions of these numbers, or all, that still have their words."""
    editions = article.revisions.with_words().only("article", "number")
    chosen = list(editions if numbers is None else editions.filter(number__in=numbers))
    missing = sorted(set(numbers or ()) - {edition.number for edition in chosen})
    if missing:
        raise Refused(f"There is no edition {missing[0]} of this story, or it is withheld already.", "first")
    if not chosen:
        raise Refused("There is no edition of this story left to withhold.")
    return chosen


def _forget_drafts(article: Article) -> None:
    """Every save that reversion kept, what was typed and not saved, and what the admin noted, which quotes them."""
    reversion.models.Revision.objects.filter(saved_state__article=article).delete()
    article.unsaved_texts.all().delete()
    reports = article.error_reports.values_list("pk", flat=True)
    for model, keys in ((Article, [article.pk]), (ErrorReport, reports)):
        noted = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
        noted.filter(object_id__in=[str(key) for key in keys]).delete()
