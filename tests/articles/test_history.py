"""The chain of hashes: whoever changes a byte of the public record is found out."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from articles import publishing, withholding
from articles.kinds import Kind
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    """Three editions, the last of them a correction."""
    story = make.published(slug="drone-deal")
    make.edition(story, headline="Italy signs a drone deal")
    box = publishing.Box(wrong="We said five.", right="Six.", first_wrong=1, last_wrong=2)
    publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=2, note="Six signed.", box=box)
    return story


def tamper(statement):
    """Do what only a superuser of the database could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_an_untouched_history_holds(story, capsys):
    call_command("verify_history")

    assert "The history of 1 stories holds." in capsys.readouterr().out


TAMPERING = {
    "pace": "UPDATE articles_revision SET pace = 'settled' WHERE number = 2",
    "person": "UPDATE articles_revision SET by_id = by_id + 1 WHERE number = 2",
    "first published": "UPDATE articles_revision SET first_published_at = now() WHERE number = 2",
    "confirmed": "UPDATE articles_revision SET confirmed_at = confirmed_at - interval '1 day' WHERE number = 2",
    "changes": "UPDATE articles_revision SET changes = '[]' WHERE number = 2",
    "content": "UPDATE articles_revision SET snapshot = replace(snapshot, 'Norway', 'Sweden') WHERE number = 2",
    "headline": "UPDATE articles_revision SET headline = headline || '.' WHERE number = 2",
    "lead": "UPDATE articles_revision SET lead = '' WHERE number = 2",
    "note": "UPDATE articles_revision SET note = 'Nothing moved.' WHERE number = 2",
    "kind": "UPDATE articles_revision SET kind = 'typo' WHERE number = 2",
    "time": "UPDATE articles_revision SET published_at = published_at - interval '1 hour' WHERE number = 2",
    "updated": "UPDATE articles_revision SET updated_at = updated_at + interval '1 second' WHERE number = 2",
    "name": "UPDATE articles_revision SET by_name = 'Nobody' WHERE number = 2",
    "content hash": "UPDATE articles_revision SET content_hash = md5('x') || md5('y') WHERE number = 2",
    "chain hash": "UPDATE articles_revision SET chain_hash = md5('x') || md5('y') WHERE number = 2",
    "deletion": "DELETE FROM articles_revision WHERE number = 2",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_the_first_bad_edition_is_named(story, statement, capsys):
    tamper(statement)

    with pytest.raises(CommandError, match="1 of 1 stories"):
        call_command("verify_history")

    assert capsys.readouterr().err.startswith("drone-deal: edition 2: ")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles_revision SET snapshot = NULL, headline = '', lead = '', note = '' WHERE number = 2",
        "UPDATE articles_revision SET snapshot = NULL WHERE number = 2",
    ],
)
def test_an_edition_that_lost_its_words_and_was_not_withheld_is_found_out(story, statement, capsys):
    tamper(statement)

    with pytest.raises(CommandError):
        call_command("verify_history")

    assert capsys.readouterr().err == "drone-deal: edition 2: its words are gone, and nobody withheld it.\n"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE articles_revision SET note = 'Six.' WHERE number = 2", "2: it is withheld, and some of its words"),
        ("UPDATE articles_revision SET by_name = 'Nobody' WHERE number = 2", "2: who published it is not who did"),
        (f"UPDATE articles_revision SET chain_hash = '{64 * '0'}' WHERE number = 2", "2: who published it"),
        ("UPDATE articles_revision SET changes = '[{}]' WHERE number = 3", "3: its list of changes"),
        ("DELETE FROM articles_withholding", "2: its words are gone, and nobody withheld it"),
    ],
)
def test_what_was_done_to_a_withheld_edition_is_found_out(story, statement, fault, capsys):
    withholding.withhold(story, numbers=[2], category="law", by=make.user("chief"))
    tamper(statement)

    with pytest.raises(CommandError):
        call_command("verify_history")

    assert f"drone-deal: edition {fault}" in capsys.readouterr().err


def test_a_changed_correction_is_found_out(story, capsys):
    tamper("""UPDATE articles_correction SET "right" = 'Five after all.'""")

    with pytest.raises(CommandError):
        call_command("verify_history")

    assert "edition 3: its correction" in capsys.readouterr().err


def test_a_newest_edition_that_vanished_is_found_out(story, capsys):
    tamper("DELETE FROM articles_correction")
    tamper("DELETE FROM articles_revision WHERE number = 3")

    with pytest.raises(CommandError):
        call_command("verify_history")

    assert "edition 3" in capsys.readouterr().err
