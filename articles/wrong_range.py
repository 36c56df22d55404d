"""Since which edition readers had what a correction changes away: the range of wrong editions, as proposed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Any

from .changes import LABELS, Change
from .richtext import text_of
from .wording import WORD, Piece, word_diff

Place = tuple[int, int]
# An edition's number, and what changed in it since the one before.
Edition = tuple[int, Sequence[Change]]
# A value that stood in a part, and the edition since which it did.
Run = tuple[int, Any]

# The field with the words of a part, where the whole part goes.
_WORDS = {"key_point": "text", "section": "body"}
# Fields whose value is one of a few, or the same for every story.
_CHOSEN = {"verification", "role", "language", "pace"}
# In characters: what has to be the same around a word so that it is the same word.
NEAR = 2


@dataclass(frozen=True)
class Stood:
    """What a change takes away, and the first edition of the unbroken run up to the newest that had it."""

    label: str
    words: str
    since: int


def stood(changes: Sequence[Change], history: Sequence[Edition], oldest: int = 1) -> list[Stood]:
    """
    Since when readers had what each of these `changes` to the newest edition takes away, the longest first.

    `history` goes from the newest edition back to `oldest`; editions that touched none of these parts may be
    left out. What only adds, moves or confirms takes nothing away.

    >>> began = Change("lead", None, "added", "lead", "", "Five died.")
    >>> longer = Change("lead", None, "reworded", "lead", "Five died.", "Five died in Rome.")
    >>> fix = Change("lead", None, "reworded", "lead", "Five died in Rome.", "Six died in Rome.")
    >>> stood([fix], [(3, [longer]), (1, [began])])
    [Stood(label='Lead', words='Five', since=1)]
    """
    takes_away = (
        change
        for change in changes
        if change.before and change.part not in ("pace", "correction") and change.what not in ("moved", "as_of")
    )
    found = [_stood(change, list(_runs(change, history, oldest))) for change in takes_away]
    return sorted(found, key=lambda stood: stood.since)


def _stood(change: Change, runs: list[Run]) -> Stood:
    """Of several passages the one that stood longest is told."""
    label, (_, value) = LABELS[change.part], runs[0]
    passages = _passages(change, value)
    if not passages:
        same = takewhile(lambda run: run[1] == value, runs)
        return Stood(label, "", min(number for number, _ in same))
    text, diff = cache(lambda value: _text(change, value)), cache(word_diff)
    since = {place: _since(place, ((number, text(value)) for number, value in runs), diff) for place in passages}
    place = min(since, key=since.__getitem__)
    return Stood(label, text(value)[slice(*place)], since[place])


def _since(place: Place, texts: Iterator[tuple[int, str]], diff: Callable[[str, str], list[Piece]]) -> int:
    """Follow the words at `place` of the first text from each text to the one before it, until one has them not."""
    since, text = next(texts)
    for number, older in texts:
        place = _before(place, text, older, diff)
        if place is None:
            break
        since, text = number, older
    return since


def _before(place: Place, text: str, older: str, diff: Callable[[str, str], list[Piece]]) -> Place | None:
    """Where in `older` the words stood that are at `place` of `text`, and nothing between them."""
    start, end = place
    # Mostly something else changed, and all around them is the same.
    near, rest = end + NEAR, len(text) - start + NEAR
    if text[:near] == older[:near]:
        return place
    if text[-rest:] == older[-rest:]:
        return start + len(older) - len(text), end + len(older) - len(text)
    here = there = 0
    for piece in diff(text, older):
        size = len(piece.text)
        if piece.kind == "same" and here <= start and end <= here + size:
            return start - here + there, end - here + there
        here += size if piece.kind != "added" else 0
        there += size if piece.kind != "removed" else 0
    return None


def _field(change: Change) -> str:
    """The one that the change is of, or that has the words of a whole part; empty for a part without."""
    return change.field or _WORDS.get(change.part, "")


def _runs(change: Change, history: Sequence[Edition], oldest: int) -> Iterator[Run]:
    """What stood where the change takes place, newest first."""
    field = _field(change)
    value = change.before if change.field or not field else getattr(change.before, field)
    for number, changes in history:
        here = [earlier for earlier in changes if (earlier.part, earlier.id) == (change.part, change.id)]
        touched = [earlier for earlier in here if not field or earlier.field in (field, "")]
        for earlier in touched:
            yield number, value
            value = earlier.before
        if any(not earlier.field for earlier in touched):
            return
    yield oldest, value


def _passages(change: Change, value: Any) -> list[Place]:
    """The places of the words taken away, or of the two words between which some were put; none without words."""
    if not isinstance(value, str) or _field(change) in _CHOSEN:
        return []
    text = _text(change, value)
    differences = _differences(text, _text(change, change.after if change.field else ""))
    places = [place if place[0] < place[1] else _around(text, place[0]) for place in differences]
    return [place for place in places if text[slice(*place)].strip()]


def _around(text: str, here: int) -> Place:
    words = [word.span() for word in WORD.finditer(text)]
    start = max((start for start, end in words if end <= here), default=here)
    end = min((end for start, end in words if start >= here), default=here)
    return start, end


def _text(change: Change, value: str) -> str:
    return text_of(value) if _field(change) == "body" else value


def _differences(text: str, other: str) -> list[Place]:
    """The places in `text` of words that `other` does not have there; an empty one where it has more."""
    here, places = 0, []
    for piece in word_diff(text, other):
        end = here + (len(piece.text) if piece.kind != "added" else 0)
        is_replaced = bool(places) and places[-1][1] == here
        if piece.kind == "removed" or (piece.kind == "added" and not is_replaced):
            places.append((here, end))
        here = end
    return places
