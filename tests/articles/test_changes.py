"""What moved between two snapshots, and what can be done with it."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.changes import LISTS, DoesNotApply, apply, compare, from_plain, to_plain
from articles.snapshot import (
    Citation,
    Pace,
    Section,
    SectionRole,
    Story,
    Topic,
    Verification,
)

from .snapshots import BASE, PHOTO, SOURCE, STORY, point, section
from .strategies import snapshot_pairs, whole_snapshots


def said(new, old=BASE):
    """The changes as (key, what)."""
    return [(change.key, change.what) for change in compare(old, new)]


def marked(change):
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in change.pieces)


@settings(max_examples=40)
@given(snapshot_pairs())
def test_the_new_snapshot_is_the_old_one_with_the_changes_applied(pair):
    old, new = pair
    changes = compare(old, new)

    assert apply(old, changes) == new
    assert apply(old, reversed(changes)) == new
    assert apply(None, compare(None, new)) == new


@settings(max_examples=30)
@given(whole_snapshots)
def test_a_snapshot_and_itself_differ_in_nothing(snapshot):
    assert compare(snapshot, snapshot) == ()
    assert apply(snapshot, ()) == snapshot


@settings(max_examples=40)
@given(snapshot_pairs(), st.data())
def test_parts_published_alone_leave_every_other_part_as_it_was(pair, data):
    old, new = pair
    changes = compare(old, new)
    chosen = {change.key for change in changes if data.draw(st.booleans())}

    result = apply(old, [change for change in changes if change.key in chosen])

    for field in fields(Story):
        assert getattr(result.story, field.name) == getattr(
            (new if field.name in chosen else old).story, field.name
        )
    assert result.photo == (new if "photo" in chosen else old).photo
    for part, (attribute, _) in LISTS.items():
        before, after, wanted = (getattr(snapshot, attribute) for snapshot in (old, result, new))
        assert others(part, after, chosen) == others(part, before, chosen)
        assert set(after) - set(others(part, after, chosen)) <= set(wanted)


def others(part, items, chosen):
    return [item for item in items if f"{part}:{item.id}" not in chosen]


@settings(max_examples=40)
@given(snapshot_pairs(), st.data())
def test_any_of_the_changes_can_be_applied(pair, data):
    old, new = pair
    some = [change for change in compare(old, new) if data.draw(st.booleans())]

    halfway = apply(old, some)

    assert apply(halfway, compare(halfway, new)) == new


@settings(max_examples=40)
@given(snapshot_pairs())
def test_changes_survive_being_stored_as_json(pair):
    changes = compare(*pair)

    assert from_plain(json.loads(json.dumps(to_plain(changes)))) == changes


@settings(max_examples=40)
@given(snapshot_pairs())
def test_what_stood_before_and_after_can_be_read_out_of_each_change(pair):
    for change in compare(*pair):
        if isinstance(change.before, str) and isinstance(change.after, str) and change.field != "body":
            assert "".join(piece.text for piece in change.pieces if piece.kind != "added") == change.before
            assert "".join(piece.text for piece in change.pieces if piece.kind != "removed") == change.after
        assert change.before != change.after or change.what == "moved"
        assert change.label


def test_words_at_the_top_are_compared_one_by_one():
    (lead,) = compare(BASE, replace(BASE, story=replace(STORY, lead="Six drones were shown in Rome.")))

    assert (lead.key, lead.what, lead.label) == ("lead", "reworded", "Lead reworded")
    assert marked(lead) == "[-Five-]{+Six+} drones were shown in Rome."


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ({"why_it_matters": "It is near."}, ("why_it_matters", "added")),
        ({"lead": ""}, ("lead", "removed")),
        ({"topic": Topic("europe", "Europe")}, ("topic", "changed")),
        ({"byline": ()}, ("byline", "changed")),
        ({"pace": Pace.SETTLED}, ("pace", "changed")),
        ({"language": "uk"}, ("language", "changed")),
    ],
)
def test_every_field_of_the_story_is_a_part(story, expected):
    assert said(replace(BASE, story=replace(STORY, **story))) == [expected]


def test_a_section_taken_to_the_top_is_one_move():
    first, *rest = reversed(BASE.sections)
    new = replace(BASE, sections=(first, *reversed(rest)))

    (change,) = compare(BASE, new)

    assert (change.key, change.what, change.before, change.after) == ("section:s5", "moved", 5, 1)
    assert change.name == "Part 5"


def test_a_section_taken_to_the_end_is_one_move():
    first, *rest = BASE.sections

    assert said(replace(BASE, sections=(*rest, first))) == [("section:s1", "moved")]


def test_one_section_can_change_in_every_way_at_once():
    _, two, *rest = BASE.sections
    changed = Section("s1", "What happened", "<p>Two teams met twice.</p>", SectionRole.CONTEXT)

    assert said(replace(BASE, sections=(two, *rest, changed))) == [
        ("section:s1", "moved"),
        ("section:s1", "renamed"),
        ("section:s1", "reworded"),
        ("section:s1", "role"),
    ]


def test_a_link_that_leads_elsewhere_is_shown_with_both_its_targets():
    link = '<p>See the <a href="https://example.org/{}" rel="noopener noreferrer">deal</a>.</p>'
    old = replace(BASE, sections=(section("s1", body=link.format("old")),))
    new = replace(BASE, sections=(section("s1", body=link.format("new")),))

    (change,) = compare(old, new)

    assert [(piece.kind, piece.text, piece.href) for piece in change.blocks[0].pieces] == [
        ("same", "See the ", ""),
        ("removed", "deal", "https://example.org/old"),
        ("added", "deal", "https://example.org/new"),
        ("same", ".", ""),
    ]


def test_a_section_that_came_shows_its_words_as_added():
    new = replace(BASE, sections=(*BASE.sections, section("s6", "Background", "<p>It began in 2022.</p>")))

    (change,) = compare(BASE, new)

    assert (change.key, change.what, marked(change)) == ("section:s6", "added", "{+Background+}")
    assert [piece.text for piece in change.blocks[0].pieces] == ["It began in 2022."]


def test_a_key_point_tells_apart_what_moved_in_it():
    later = datetime(2026, 4, 15, 13, tzinfo=UTC)
    changed = point(
        "k1", "Italy signed.", Verification.CONFIRMED, as_of=later, citations=("c1",), reason="Both said so."
    )
    new = replace(BASE, key_points=(changed, point("k3", "Jobs are expected.")))

    assert said(new) == [
        ("key_point:k1", "reworded"),
        ("key_point:k1", "verification"),
        ("key_point:k1", "as_of"),
        ("key_point:k1", "citations"),
        ("key_point:k1", "reason"),
        ("key_point:k3", "added"),
        ("key_point:k2", "removed"),
    ]
    assert compare(BASE, new)[1].label == "Key point: confirmed, was reported"


def test_sources_come_go_move_and_change():
    one, two = BASE.citations
    three = Citation("c3", None, is_primary=False)
    elsewhere = replace(one, source=replace(SOURCE, url="https://example.org/b"))

    assert said(replace(BASE, citations=(two, three))) == [("citation:c3", "added"), ("citation:c1", "removed")]
    assert said(replace(BASE, citations=(two, one))) == [("citation:c2", "moved")]
    assert said(replace(BASE, citations=(elsewhere, two))) == [("citation:c1", "changed")]


@pytest.mark.parametrize(
    ("photo", "expected"),
    [
        (None, ["removed"]),
        (replace(PHOTO, photo="p2", caption="In Kyiv"), ["replaced"]),
        (replace(PHOTO, alt="A table", credit="ANSA"), ["alt", "credit"]),
        (replace(PHOTO, crop="4:3", focal_x=20, file="rome-20-50"), ["crop"]),
    ],
)
def test_a_photo_says_what_became_of_it(photo, expected):
    changes = compare(BASE, replace(BASE, photo=photo))

    assert [change.what for change in changes] == expected
    assert {change.key for change in changes} == {"photo"}


def test_a_change_of_a_part_that_is_gone_does_not_apply():
    (change,) = compare(BASE, replace(BASE, key_points=(BASE.key_points[0], point("k2", "Norway signed."))))

    with pytest.raises(DoesNotApply, match=r"Key point “Norway signed\.” is no longer there"):
        apply(replace(BASE, key_points=()), [change])
