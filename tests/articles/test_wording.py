"""Two texts compared word by word."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.wording import Piece, common, word_diff

WORDS = [
    "Rome",
    "rome",
    "Rome's",
    "five",
    "six",
    "5%",
    "1,000.5",
    "14:30",
    "Київ",
    "п'ять",
    "well-known",
    "中国人",
    "🇺🇦",
]
JOINTS = [" ", "  ", "\n", "\u00a0", ". ", ", ", "—", "...", "“", "”", ""]
prose = st.lists(st.sampled_from(WORDS + JOINTS), max_size=30).map("".join)
any_text = st.one_of(prose, st.text(max_size=60))
plain_words = st.lists(st.sampled_from("abcde"), max_size=14)


def marked(before, after):
    """A diff as people write it in a mail: [-gone-]{+new+}."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in word_diff(before, after))


@given(any_text, any_text)
def test_both_texts_can_be_read_back_out_of_a_diff(before, after):
    pieces = word_diff(before, after)

    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after


@given(any_text)
def test_a_text_and_itself_differ_in_nothing(text):
    assert word_diff(text, text) == ([Piece("same", text)] if text else [])


@given(any_text, any_text)
def test_pieces_are_never_empty_and_never_two_of_a_kind_in_a_row(before, after):
    kinds = [piece.kind for piece in word_diff(before, after)]

    assert all(piece.text for piece in word_diff(before, after))
    assert all(one != next_one for one, next_one in pairwise(kinds))
    assert ("added", "removed") not in pairwise(kinds)


@given(plain_words, plain_words)
def test_no_word_is_marked_that_could_have_stayed(before, after):
    pieces = word_diff(" ".join(before), " ".join(after))

    kept = sum(len(piece.text.split()) for piece in pieces if piece.kind == "same")
    assert kept == longest_common(before, after)


@given(plain_words, plain_words)
def test_what_two_lists_have_in_common_keeps_its_order(before, after):
    pairs = common(before, after)

    assert [before[i] for i, _ in pairs] == [after[j] for _, j in pairs]
    assert len(pairs) == longest_common(before, after)
    assert pairs == sorted(set(pairs))


def longest_common(before, after):
    """The textbook table, to check the quick one against."""
    row = [0] * (len(after) + 1)
    for item in before:
        above, row = row, [0]
        for place, other in enumerate(after):
            row.append(above[place] + 1 if item == other else max(above[place + 1], row[place]))
    return row[-1]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Five died", "Six died", "[-Five-]{+Six+} died"),
        ("He has five.", "He has six.", "He has [-five-]{+six+}."),
        ("“Five,” he said", "“Six,” he said", "“[-Five-]{+Six+},” he said"),
        ("Five men died.", "Six women died.", "[-Five men-]{+Six women+} died."),
        ("It is over", "It is not over", "It is {+not +}over"),
        ("in Rome.", "in Rome, Italy.", "in Rome{+, Italy+}."),
        ("rome", "Rome", "[-rome-]{+Rome+}"),
        ("It rains. It pours.", "It rains. It snows. It pours.", "It rains. {+It snows. +}It pours."),
        ("She stayed. She left.", "She left.", "[-She stayed. -]She left."),
        ("Zelensky's visit", "Zelensky’s visit", "[-Zelensky's-]{+Zelensky’s+} visit"),
        ("a well-known deal", "a well-made deal", "a [-well-known-]{+well-made+} deal"),
        ("1,000.5 tonnes", "1,000.6 tonnes", "[-1,000.5-]{+1,000.6+} tonnes"),
        ("at 14:30, up 5%", "at 14:35, up 6%", "at [-14:30-]{+14:35+}, up [-5%-]{+6%+}"),
        ("cost $5 million", "cost €5 million", "cost [-$5-]{+€5+} million"),
        ("Зеленський у Римі", "Зеленський в Римі", "Зеленський [-у-]{+в+} Римі"),
        ("हिन्दी में", "हिन्दु में", "[-हिन्दी-]{+हिन्दु+} में"),
        ("中国人好", "中国大人好", "中国{+大+}人好"),
        ("ที่กรุงโรม", "ที่กรุงเทพ", "ที่กรุง[-โรม-]{+เทพ+}"),
        ("family 👨‍👩‍👧 here", "family 👨‍👩‍👦 here", "family [-👨‍👩‍👧-]{+👨‍👩‍👦+} here"),
        ("one  space", "one space", "one [- -]space"),
    ],
)
def test_a_change_is_marked_as_a_person_would_mark_it(before, after, expected):
    assert marked(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("drone " * 10_000, "drone " * 9_000 + "deal"),
        (" ".join(f"a{n}" for n in range(10_000)), " ".join(f"b{n}" for n in range(10_000))),
        ("drone deal " * 5_000, "deal drone drone " * 3_333),
        ("drone. " * 20_000, "deal. " + "drone. " * 19_000 + "deal"),
    ],
    ids=["alike", "different", "periodic", "too long to compare"],
)
def test_hostile_texts_are_compared_too(before, after):
    pieces = word_diff(before, after)

    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
