"""Whether the public record still is what was published: every edition's bytes, and the chain that ties them."""

from collections.abc import Iterator

from .changes import compare, to_plain
from .models import Article, Correction, Revision, Withholding


def faults(article: Article) -> Iterator[tuple[int, str]]:
    """
    The number of each edition that does not hold, with a sentence that says why; first fault first.

    What cannot be found out: that the newest editions were taken away together with the desk's memory of them.
    """
    previous, number = None, 0
    for revision in article.revisions.defer("private_note").order_by("number").iterator(200):
        number += 1
        if revision.number != number:
            yield number, "this edition is missing"
            return
        yield from ((number, fault) for fault in _faults_of(revision, previous))
        previous = revision
    newest = article.desk.base_edition
    if number != (newest.number if newest else 0):
        yield number + 1, "the newest edition that the desk knows is missing"


def _faults_of(revision: Revision, previous: Revision | None) -> Iterator[str]:
    if revision.is_withheld:
        yield from _faults_of_withheld(revision)
        return
    if revision.content_hash != revision.expected_content_hash():
        yield "its content is not what was published"
        return
    story = revision.content.story
    if (revision.headline, revision.lead, revision.pace) != (story.headline, story.lead, story.pace):
        yield "its headline, lead or pace is not that of its content"
    if revision.chain_hash != revision.expected_chain_hash(previous.chain_hash if previous else ""):
        yield "it does not follow from the edition before"
    if revision.by_hash != revision.expected_by_hash():
        yield "who published it is not who did"
    if not _correction_stands(revision):
        yield "its correction is not what was published"
    if revision.changes != _changes_since(previous, revision):
        yield "its list of changes is not what changed"


def _changes_since(previous: Revision | None, revision: Revision) -> list[dict]:
    """None are told since an edition that is withheld, as they would tell what it said."""
    if previous and previous.is_withheld:
        return []
    return to_plain(compare(previous.content if previous else None, revision.content))


def _faults_of_withheld(revision: Revision) -> Iterator[str]:
    """Its link was made of words that are gone, so it is taken as it is; the next edition is tied to it."""
    if not Withholding.objects.filter(revision=revision).exists():
        yield "its words are gone, and nobody withheld it"
    if any([revision.headline, revision.lead, revision.note, revision.changes]):
        yield "it is withheld, and some of its words are still there"
    if revision.by_hash != revision.expected_by_hash():
        yield "who published it is not who did"


def _correction_stands(revision: Revision) -> bool:
    published = [box for box in revision.content.corrections if box.number == revision.number]
    stored = Correction.objects.filter(revision=revision)
    return [
        (box.id, box.kind, box.wrong, box.right, box.first_wrong, box.last_wrong, box.supersedes)
        for box in published
    ] == [
        (
            str(row.pk), row.kind, row.wrong, row.right, row.first_wrong, row.last_wrong,
            str(row.supersedes_id) if row.supersedes_id else None,
        )
        for row in stored
    ]  # fmt: skip
