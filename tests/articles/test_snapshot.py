"""What readers are given, as bytes that are read for ever."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest
import rfc8785
from django.db import connection
from hypothesis import given, settings

from articles.changes import apply, compare, from_plain, to_plain
from articles.richtext import clean
from articles.snapshot import Snapshot, UnknownSchema, Verification, from_json, to_json
from tests import make
from tests.words import words

from .snapshots import BASE, NOON, STORY, point
from .strategies import whole_snapshots

VERSION_1 = (Path(__file__).parent / "snapshot_v1.json").read_text()


@settings(max_examples=50)
@given(whole_snapshots)
def test_a_snapshot_is_read_back_as_it_was_written(snapshot):
    assert from_json(to_json(snapshot)) == snapshot


@settings(max_examples=50)
@given(whole_snapshots)
def test_the_bytes_are_canonical(snapshot):
    text = to_json(snapshot)

    assert text == to_json(from_json(text))
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_the_same_moment_in_two_zones_gives_the_same_bytes():
    in_kyiv = NOON.astimezone(timezone(timedelta(hours=3)))

    assert to_json(Snapshot(STORY, (point("k1", as_of=in_kyiv),))) == to_json(Snapshot(STORY, (point("k1"),)))


def test_half_a_character_cannot_be_stored():
    with pytest.raises(rfc8785.CanonicalizationError):
        to_json(replace(BASE, story=replace(STORY, headline="Rome \ud83d")))


def test_an_edition_of_a_later_release_is_refused_in_words():
    with pytest.raises(UnknownSchema, match="stored with schema 2; this release reads 1"):
        from_json(VERSION_1.replace('"schema":1', '"schema":2'))


def test_the_fixture_of_schema_version_1_is_never_edited():
    assert hashlib.sha256(VERSION_1.encode()).hexdigest() == (
        "a4f096a5fd9871648f1b94db6a7edb9bc502c2523609cfd2209ab80744a92818"
    )


def test_schema_version_1_is_read_whole():
    snapshot = from_json(VERSION_1)

    assert to_json(snapshot) == VERSION_1
    assert snapshot.story.byline[0].name == "Олена Гриценко"
    assert {point.verification for point in snapshot.key_points} == set(Verification)
    assert snapshot.key_points[0].as_of.isoformat() == "2026-04-15T09:10:00+00:00"
    assert [citation.source is None for citation in snapshot.citations] == [False, False, True]
    assert snapshot.photo.alt
    assert [correction.right for correction in snapshot.standing_corrections] == [
        "Both governments say that only talks were agreed."
    ]


def test_every_part_of_schema_version_1_is_filled():
    def empty(value, path=""):
        if isinstance(value, dict):
            return [found for name, item in value.items() for found in empty(item, f"{path}.{name}")]
        if isinstance(value, list) and value:
            return [] if any(not empty(item) for item in value) else [path]
        return [path] if value in ("", [], None) else []

    assert empty(json.loads(VERSION_1)) == []


def test_schema_version_1_is_compared():
    old = from_json(VERSION_1)
    new = replace(BASE, story=replace(old.story, lead="Rome has signed."), sections=old.sections[::-1])

    changes = compare(old, new)

    assert apply(old, changes) == new
    assert apply(None, compare(None, old)) == old
    assert from_plain(json.loads(json.dumps(to_plain(changes)))) == changes
    assert compare(old, old) == ()


def test_the_bodies_of_schema_version_1_pass_the_guard_unchanged():
    for section in from_json(VERSION_1).sections:
        assert clean(section.body) == section.body


@pytest.mark.django_db
def test_schema_version_1_is_shown_to_readers(reader):
    story = make.published(topic=make.topic("Ukraine"), slug="drone-deal")
    make.edition(story, lead="It moved.")
    changes = json.dumps(to_plain(compare(BASE, from_json(VERSION_1))))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE articles_revision SET snapshot = %s, changes = %s", [VERSION_1, changes])

    page, old, log = (
        words(reader.get(f"/ukraine/drone-deal/{road}").text) for road in ("", "revisions/1/", "changes/")
    )

    snapshot = from_json(VERSION_1)
    told = [snapshot.corrections[-1].right, *(point.text for point in snapshot.key_points)]
    names = [f"{citation.source.publisher} {citation.source.title}" for citation in snapshot.citations[:2]]
    whole = [snapshot.story.headline, snapshot.story.lead, snapshot.photo.caption, *told, *names]
    for shown, expected in [(page, whole), (old, whole), (log, told)]:
        assert [text for text in expected if text not in shown] == []
