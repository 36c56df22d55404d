"""What a tightened text no longer says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.losses import Lost, lost, names

TEXTS = st.lists(
    st.sampled_from(["Five", "Ada", "Kell", "said", "in", "Rome", "1,200", "on", "Monday.", "“Peace"])
).map(" ".join)


@given(TEXTS)
def test_nothing_is_lost_where_nothing_changes(text):
    assert not lost(text, text)


@given(TEXTS, TEXTS)
def test_nothing_is_lost_that_was_not_there_or_is_there_still(before, after):
    found = lost(before, after)

    assert all(number in before for number in found.numbers)
    assert all(word in before for name in found.names for word in name.split())
    assert not any(word in after.split() for word in found.attributions)


@given(TEXTS)
def test_everything_is_lost_where_all_is_taken_out(text):
    assert lost(text, "").names == tuple(names(text))


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ("Two of two died.", "Two died.", Lost(numbers=("two",))),
        ("Five died.", "five people died", Lost()),
        ("It was Zelensky’s plan.", "It was Zelensky who planned it.", Lost()),
        ("So they say, according to Kyiv.", "So they say, in Kyiv.", Lost(attributions=("according to",))),
        ("We met Ada Kell. She spoke.", "We met Kell.", Lost()),
        ("", "Anything", Lost()),
    ],
)
def test_examples(before, after, gone):
    assert lost(before, after) == gone
