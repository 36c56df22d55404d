"""Two editors at one story: nobody's work is lost, and what they must decide is laid before them."""

from dataclasses import replace

from hypothesis import given, settings

from articles.changes import compare
from articles.merging import merge
from articles.snapshot import Verification

from .snapshots import BASE, PHOTO, STORY, point, section
from .strategies import snapshot_pairs, snapshot_triples

ONE, TWO, *REST = BASE.sections


@settings(max_examples=30)
@given(snapshot_pairs())
def test_work_of_one_side_alone_is_taken_as_it_is(pair):
    base, changed = pair

    for merged in (merge(base, changed, base), merge(base, base, changed), merge(base, changed, changed)):
        assert merged.snapshot == changed
        assert merged.conflicts == ()


@settings(max_examples=30)
@given(snapshot_triples())
def test_what_conflicts_does_not_depend_on_the_side(triple):
    base, mine, theirs = triple

    assert {*merge(base, mine, theirs).conflicts} == {*merge(base, theirs, mine).conflicts}


@settings(max_examples=30)
@given(snapshot_triples())
def test_what_only_one_side_touched_is_as_that_side_has_it(triple):
    base, mine, theirs = triple
    merged = merge(base, mine, theirs)
    by_me, by_them = ({change.key for change in edits(compare(base, side))} for side in (mine, theirs))

    assert {change.key for change in edits(compare(mine, merged.snapshot))} <= by_them - by_me
    assert {change.key for change in edits(compare(theirs, merged.snapshot))} <= by_me


@settings(max_examples=30)
@given(snapshot_triples())
def test_theirs_can_be_taken_wherever_there_is_a_conflict(triple):
    base, mine, theirs = triple
    decided = {*merge(base, mine, theirs).conflicts}

    merged = merge(base, mine, theirs, taking=decided)

    assert merged.conflicts == ()
    assert not decided & {change.key for change in edits(compare(theirs, merged.snapshot))}


def edits(changes):
    return [change for change in changes if change.what != "moved"]


def test_two_editors_of_different_parts_both_have_their_way():
    mine = replace(
        BASE, story=replace(STORY, lead="Six drones."), sections=(ONE, replace(TWO, body="<p>Mine.</p>"), *REST)
    )
    theirs = replace(
        BASE,
        story=replace(STORY, headline="Italy signs"),
        sections=(TWO, ONE, *REST, section("s6")),
        key_points=BASE.key_points[:1],
    )

    merged = merge(BASE, mine, theirs)

    assert merged.conflicts == ()
    assert (merged.snapshot.story.lead, merged.snapshot.story.headline) == ("Six drones.", "Italy signs")
    assert [part.id for part in merged.snapshot.sections] == ["s2", "s1", "s3", "s4", "s5", "s6"]
    assert merged.snapshot.sections[0].body == "<p>Mine.</p>"
    assert len(merged.snapshot.key_points) == 1


def test_two_editors_of_one_part_choose_one_of_the_two():
    mine = replace(BASE, story=replace(STORY, lead="Six drones."))
    theirs = replace(BASE, story=replace(STORY, lead="Seven drones."))

    merged = merge(BASE, mine, theirs)

    assert merged.conflicts == ("lead",)
    assert merged.snapshot == mine
    assert merge(BASE, mine, theirs, taking=["lead"]).snapshot == theirs


def test_a_section_deleted_by_one_and_edited_by_the_other_is_a_conflict():
    edited = replace(TWO, body="<p>New words.</p>")
    mine = replace(BASE, sections=(ONE, *REST))
    theirs = replace(BASE, sections=(ONE, edited, *REST))

    merged = merge(BASE, mine, theirs)

    assert merged.conflicts == ("section:s2",)
    assert merged.snapshot == mine
    assert merge(BASE, mine, theirs, taking=["section:s2"]).snapshot == theirs
    assert merge(BASE, theirs, mine).snapshot == theirs


def test_two_fields_of_one_key_point_are_decided_together():
    mine = replace(BASE, key_points=(point("k1", "Italy has signed."), BASE.key_points[1]))
    theirs = replace(BASE, key_points=(point("k1", verification=Verification.DISPUTED), BASE.key_points[1]))

    assert merge(BASE, mine, theirs).conflicts == ("key_point:k1",)


def test_a_section_moved_to_two_places_is_a_conflict_about_its_place_alone():
    *rest, last = BASE.sections
    mine = replace(BASE, sections=(last, *rest))
    theirs = replace(BASE, sections=(rest[0], replace(last, heading="Renamed"), *rest[1:]))

    merged = merge(BASE, mine, theirs)

    assert merged.conflicts == ("section:s5",)
    assert [part.heading for part in merged.snapshot.sections][:2] == ["Renamed", "Part 1"]
    assert merge(BASE, mine, theirs, taking=["section:s5"]).snapshot == theirs


def test_a_photo_replaced_by_both_is_a_conflict():
    mine, theirs = (replace(BASE, photo=replace(PHOTO, photo=other)) for other in ("p2", "p3"))

    assert merge(BASE, mine, theirs).conflicts == ("photo",)


def test_two_first_versions_of_a_story_are_merged_as_from_nothing():
    assert merge(None, BASE, BASE).snapshot == BASE
