"""What the database itself refuses to do to what was published."""

import pytest
from django.db import DatabaseError, connection, transaction

from articles import publishing
from articles.kinds import Kind
from articles.models import Revision
from tests import make

pytestmark = pytest.mark.django_db


def newest(story):
    return story.revisions.order_by("-number").first()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles_revision SET headline = 'Other'",
        "UPDATE articles_revision SET note = 'Other'",
        "UPDATE articles_revision SET changes = '[]', snapshot = '{}'",
        "DELETE FROM articles_revision",
        "UPDATE articles_correction SET \"right\" = 'Other'",
        "DELETE FROM articles_correction",
    ],
)
def test_the_database_refuses_to_change_or_delete_what_was_published(statement):
    story = make.published()
    publishing.publish(
        story, kind=Kind.CORRECTION, by=make.editor(), base=1, note="Six.", box=publishing.Box("Five", "Six", 1, 1)
    )

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_only_the_cache_of_changes_may_be_rebuilt():
    edition = newest(make.published())

    Revision.objects.filter(pk=edition.pk).update(changes=[])

    edition.refresh_from_db()
    assert edition.changes == []


def test_the_database_refuses_a_gap_in_the_numbers():
    edition = newest(make.published())
    edition.pk, edition.number, edition.kind = None, 3, Kind.TYPO

    with pytest.raises(DatabaseError, match="does not follow"), transaction.atomic():
        edition.save(force_insert=True)


def test_a_story_with_an_edition_cannot_be_deleted():
    story = make.published()

    with pytest.raises(DatabaseError), transaction.atomic():
        story.delete()
