"""Two bodies compared: block by block, then word by word, with links and emphasis."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from articles.blocks import blocks
from articles.html_wording import html_diff
from articles.richtext import clean

SENTENCES = [
    "Two teams met in Rome.",
    "Two teams met in Oslo on Tuesday.",
    "<strong>Norway</strong> signed first.",
    '<a href="https://example.org/1">Norway</a> signed first.',
    '<a href="https://example.org/2"><em>Norway</em></a> signed first.',
    "Зеленський у Римі<br>сказав.",
    "中国",
]
TEMPLATES = [
    *("<p>{}</p>", "<p>{}</p>", "<h3>{}</h3>", "<ul><li>{}</li></ul>", "<blockquote><p>{}</p></blockquote>"),
    "<table><tr><th>{}</th><td>5</td></tr></table>",
]
texts = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join)
bodies = st.lists(st.builds(str.format, st.sampled_from(TEMPLATES), texts), max_size=6).map("".join).map(clean)


def looks(runs):
    return [(character, run.href, run.marks) for run in runs for character in run.text]


def in_order(changes, side):
    placed = [change for change in changes if getattr(change, side) is not None]
    return sorted(placed, key=lambda change: getattr(change, side))


@settings(max_examples=60)
@given(bodies, bodies)
@example(
    before="<p>{0} {0}</p><p>{0} {0}</p>".format(SENTENCES[0]),
    after="<p>{0} {0} {0}</p><p>{0}</p><p>{0}</p>".format(SENTENCES[0]),
).via("a paragraph that one wants to join and another is split from")
def test_both_bodies_can_be_read_back_out_of_a_diff(before, after):
    changes = html_diff(before, after)

    assert tuple(change.before for change in in_order(changes, "was") if change.before) == blocks(before)
    assert tuple(change.after for change in in_order(changes, "now") if change.after) == blocks(after)
    for side, body, other in (("was", before, "added"), ("now", after, "removed")):
        for place, block in enumerate(blocks(body)):
            pieces = [piece for c in changes if getattr(c, side) == place for piece in c.pieces]
            assert looks(piece for piece in pieces if piece.kind != other) == looks(block.runs)


@settings(max_examples=60)
@given(bodies)
def test_a_body_and_itself_differ_in_nothing(body):
    assert all(change.kind == "same" for change in html_diff(body, body))
    assert all(piece.kind == "same" for change in html_diff(body, body) for piece in change.pieces)


@settings(max_examples=60)
@given(bodies, bodies)
def test_the_blocks_stand_in_their_new_order(before, after):
    places = [change.now for change in html_diff(before, after) if change.now is not None]

    assert places == sorted(places)


def marked(before, after):
    """Each block as kind and words: [-gone-]{+new+}, a link's target behind it, its marks before it."""
    return [
        (change.kind, "".join(_marked(piece) for piece in change.pieces))
        for change in html_diff(clean(before), clean(after))
    ]


def _marked(piece):
    text = "".join(f"{mark}:" for mark in piece.marks) + piece.text + (f" ({piece.href})" if piece.href else "")
    return {"same": text, "removed": f"[-{text}-]", "added": f"{{+{text}+}}"}[piece.kind]


ONE, TWO, THREE = "Two teams met in Rome.", "Norway signed first.", "Jobs are expected in both countries."


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            '<p>See the <a href="https://a.example">deal</a> now</p>',
            '<p>See the <a href="https://b.example">deal</a> now</p>',
            [("changed", "See the [-deal (https://a.example)-]{+deal (https://b.example)+} now")],
        ),
        ("<p>It is here</p>", "<p>It <em>is</em> here</p>", [("changed", "It [-is-]{+em:is+} here")]),
        (
            "<p>un<em>known</em> word</p>",
            "<p><em>un</em>known word</p>",
            [("changed", "[-un-][-em:known-]{+em:un+}{+known+} word")],
        ),
        ("<p>one two</p>", "<p>one<br>two</p>", [("changed", "one[- -]{+\n+}two")]),
        (
            f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>",
            f"<p>{THREE}</p><p>{ONE}</p><p>{TWO}</p>",
            [("moved", THREE), ("same", ONE), ("same", TWO)],
        ),
        (
            f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>",
            f"<p>{THREE.replace('expected', 'promised')}</p><p>{ONE}</p><p>{TWO}</p>",
            [("moved", "Jobs are [-expected-]{+promised+} in both countries."), ("same", ONE), ("same", TWO)],
        ),
        (
            f"<p>{ONE}</p><p>{TWO}</p>",
            f"<p>{ONE}</p><p>{THREE}</p>",
            [("same", ONE), ("removed", f"[-{TWO}-]"), ("added", f"{{+{THREE}+}}")],
        ),
        (f"<p>{ONE} {TWO}</p>", f"<p>{ONE}</p><p>{TWO}</p>", [("changed", f"{ONE}[- -]"), ("split", TWO)]),
        (f"<p>{ONE}</p><p>{TWO}</p>", f"<p>{ONE} {TWO}</p>", [("changed", ONE), ("joined", f"{{+ +}}{TWO}")]),
        (
            "<ul><li>one drone</li><li>two drones</li></ul>",
            "<ul><li>one drone</li><li>six drones</li><li>more</li></ul>",
            [("same", "one drone"), ("changed", "[-two-]{+six+} drones"), ("added", "{+more+}")],
        ),
        (
            "<table><tr><th>Italy</th><td>5</td></tr><tr><td>Norway</td><td>7</td></tr></table>",
            "<table><tr><th>Italy</th><td>6</td></tr><tr><td>Norway</td><td>7</td></tr></table>",
            [("changed", "th:Italy\t[-5-]{+6+}"), ("same", "Norway\t7")],
        ),
        ("", f"<p>{ONE}</p>", [("added", f"{{+{ONE}+}}")]),
        ("", "", []),
    ],
)
def test_a_change_is_marked_as_a_person_would_mark_it(before, after, expected):
    assert marked(before, after) == expected


def test_a_paragraph_that_is_a_heading_now_keeps_its_words_unmarked():
    (change,) = html_diff("<p>Key details</p>", "<h3>Key details</h3>")

    assert (change.kind, change.is_recast, change.block.tag) == ("changed", True, "h3")
    assert [piece.kind for piece in change.pieces] == ["same"]


def test_one_rewritten_word_in_each_of_many_items_finds_each_its_own():
    items = [f"place {n} of the {n} in all" for n in range(300)]
    before = "".join(f"<li>{item}</li>" for item in items)
    after = "".join(f"<li>{item.replace('place', 'row')}</li>" for item in items)

    changes = html_diff(f"<ul>{before}</ul>", f"<ul>{after}</ul>")

    assert [(change.kind, change.was, change.now) for change in changes] == [("changed", n, n) for n in range(300)]
