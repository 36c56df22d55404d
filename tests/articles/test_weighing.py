"""Which kind of edition changes look like, and what cannot pass as a typo."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from articles.changes import compare
from articles.kinds import Kind
from articles.snapshot import Correction, Pace, Verification
from articles.weighing import suggest_kind, typo_objections

from .snapshots import BASE, NOON, PHOTO, SOURCE, STORY, point, section
from .strategies import snapshot_pairs

LATER = datetime(2026, 4, 15, 18, tzinfo=UTC)
LINKED = '<p>See <a href="https://example.org/{}" rel="noopener noreferrer">the deal</a>.</p>'
BODY = section("s1", body=LINKED.format("a"))
STORY_WITH_BODY = replace(BASE, sections=(BODY,))
CITED = BASE.citations[0]


def of(**parts):
    return compare(STORY_WITH_BODY, replace(STORY_WITH_BODY, **parts))


def top(**fields):
    return of(story=replace(STORY, **fields))


def body(html):
    return of(sections=(replace(BODY, body=html),))


def first_point(**fields):
    return of(key_points=(replace(BASE.key_points[0], **fields), BASE.key_points[1]))


BOX = Correction("x1", "clarification", "It said Milan.", "It was Rome.", 2, 1, 1, NOON)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        (top(lead="Five drones were shwon in Rome."), Kind.TYPO),
        (top(lead="five drones were shown, in Rome"), Kind.TYPO),
        (body(LINKED.format("a").replace("the deal", "teh deal")), Kind.TYPO),
        (top(lead="Drones were the subject in Rome: five of them."), Kind.TIGHTENED),
        (top(lead="Five drones were not shown in Rome."), Kind.TIGHTENED),
        (top(why_it_matters="It is near."), Kind.TIGHTENED),
        (body(LINKED.format("b")), Kind.TIGHTENED),
        (of(photo=None), Kind.TIGHTENED),
        (of(photo=replace(PHOTO, crop="4:3")), Kind.TIGHTENED),
        (of(citations=BASE.citations[::-1]), Kind.TIGHTENED),
        (top(lead="Six drones were shown in Rome."), Kind.DEVELOPMENT),
        (top(lead="Five drones were shown in Rome. Norway has joined them."), Kind.DEVELOPMENT),
        (body(LINKED.format("a") + "<p>Norway has joined them.</p>"), Kind.DEVELOPMENT),
        (of(key_points=(*BASE.key_points, point("k3", "Jobs."))), Kind.DEVELOPMENT),
        (of(sections=()), Kind.DEVELOPMENT),
        (first_point(verification=Verification.CONFIRMED), Kind.DEVELOPMENT),
        (first_point(as_of=LATER), Kind.RECONFIRMED),
        ((), Kind.RECONFIRMED),
        (top(pace=Pace.SETTLED), Kind.SETTLED),
        (of(corrections=(BOX,)), Kind.CLARIFICATION),
    ],
)
def test_the_desk_is_offered_the_likeliest_kind(changes, kind):
    assert suggest_kind(changes) == kind


@pytest.mark.parametrize(
    ("changes", "objections"),
    [
        (top(lead="Fife drones were shwon in Rome."), ["Lead: a number changed (five to none)."]),
        (top(lead="Six drones were shown in Rome."), ["Lead: a number changed (five to six)."]),
        (top(headline="Italy weighs 2 drone deals"), ["Headline: a number changed (none to 2)."]),
        (top(why_it_matters="It is near."), ["Why it matters: it was added."]),
        (body(LINKED.format("b")), ["Section “Key details”: a link changed."]),
        (body("<p>See the deal.</p>"), ["Section “Key details”: a link changed."]),
        (body(LINKED.format("a") + "<p>Norway.</p>"), ["Section “Key details”: a paragraph was added or removed."]),
        (
            first_point(verification=Verification.DISPUTED),
            ["Key point “Italy is interested.”: its verification changed from reported to disputed."],
        ),
        (first_point(citations=("c1",)), ["Key point “Italy is interested.”: its sources changed."]),
        (of(key_points=BASE.key_points[1:]), ["Key point “Italy is interested.”: it was removed."]),
        (of(photo=replace(PHOTO, photo="p2")), ["Photo “In Rome”: it was replaced."]),
        (
            of(
                citations=(replace(CITED, source=replace(SOURCE, url="https://example.org/b")), *BASE.citations[1:])
            ),
            ["Source “Ukrinform UA”: a link changed."],
        ),
        (top(lead="Five drones were shwon in Rome"), []),
        (body(LINKED.format("a").replace("the deal", "<strong>the deal</strong>")), []),
    ],
)
def test_what_cannot_pass_as_a_typo_is_said_in_sentences(changes, objections):
    assert typo_objections(changes) == objections


@settings(max_examples=40)
@given(snapshot_pairs())
def test_every_change_can_be_weighed_and_no_typo_is_suggested_that_would_be_refused(pair):
    changes = compare(*pair)

    assert suggest_kind(changes) != Kind.TYPO or not typo_objections(changes)
