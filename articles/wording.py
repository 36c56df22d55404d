"""What moved between two texts, word by word."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

# The table of `common` takes a bit for every pair of items; this many bits are 25 MB.
LARGEST_TABLE = 200_000_000

Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that stayed, came or went."""

    kind: Kind
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """
    The fewest words that have to be marked to turn `before` into `after`.

    Joining the same and removed pieces gives `before`, the same and added ones `after`, to the character.
    A word is replaced whole and what is replaced stands together, old before new. Words are those of Unicode
    (UAX #29) with hyphens kept inside; Chinese, Japanese, Thai and their like are compared by character.
    The time depends on the length alone. What differs over more than about 14,000 words is marked whole.

    >>> word_diff("Five died", "Six died")
    [Piece(kind='removed', text='Five'), Piece(kind='added', text='Six'), Piece(kind='same', text=' died')]
    """
    old, new = Words(before, before), Words(after, after)
    return [Piece(kind, (new if kind == "added" else old).text[start:end]) for kind, start, end in ranges(old, new)]


def common(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[int, int]]:
    """
    The places (in `before`, in `after`) of a longest common subsequence, in order.

    >>> common("abcd", "dabc")
    [(0, 1), (1, 2), (2, 3)]
    """
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    middle = _common(before[head : len(before) - tail], after[head : len(after) - tail])
    return [
        *((place, place) for place in range(head)),
        *((head + old, head + new) for old, new in middle),
        *((len(before) - left, len(after) - left) for left in range(tail, 0, -1)),
    ]


def _common(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[int, int]]:
    """
    Bit-parallel dynamic programming (Hyyrö 2004): one whole row of the table is one integer.

    Bit i of row j is 0 where the longest common subsequence of before[:i+1] and after[:j] is longer than that
    of before[:i]. So the time does not depend on what the items are, only on how many there are.
    """
    if len(before) * len(after) > LARGEST_TABLE:
        return []
    where: dict[Hashable, int] = defaultdict(int)
    for place, item in enumerate(before):
        where[item] |= 1 << place
    full = (1 << len(before)) - 1
    rows = [full]
    for item in after:
        row = rows[-1]
        hits = row & where.get(item, 0)
        rows.append((row + hits | row - hits) & full if hits else row)
    return _walk_back(rows, len(before))


def _walk_back(rows: list[int], column: int) -> list[tuple[int, int]]:
    pairs = []
    row = len(rows) - 1
    while row and column:
        if rows[row] >> (column - 1) & 1:
            column -= 1
            continue
        row -= 1
        if rows[row] >> (column - 1) & 1:
            column -= 1
            pairs.append((column, row))
    return pairs[::-1]


def _character_class(*categories: str) -> str:
    """The characters of the basic plane in these Unicode categories, for use in a regular expression."""
    plane = map(chr, range(0x10000))
    return re.escape("".join(c for c in plane if unicodedata.category(c).startswith(categories) and c != "_"))


_MARKS = _character_class("M") + "\U000e0100-\U000e01ef"
_PUNCTUATION = _character_class("P", "Sm", "Sc", "Sk")
_CURRENCY = _character_class("Sc")
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30fa\u30fc-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
)
_LETTER = rf"[^\s{_PUNCTUATION}{_SPACELESS}]"
WORD = re.compile(
    rf"https?://\S*[^\s{_PUNCTUATION}]"
    rf"|[#@{_CURRENCY}]?{_LETTER}++(?:[-‐‑'’.:·‧׳״]{_LETTER}++|(?<=\d)[,/]\d{_LETTER}*+)*+[%‰{_CURRENCY}]?"
    rf"|[{_SPACELESS}][{_MARKS}]*+"
    rf"|([{_PUNCTUATION}])\1*+"
)
_SENTENCE_ENDS = frozenset(".!?…。！？।؟")

Range = tuple[Kind, int, int]


class Words:
    """A text cut into words. `characters` are those of the text, each perhaps with how it looks."""

    def __init__(self, text: str, characters: Sequence[Hashable]):
        self.text = text
        self.characters = characters
        self.spans = [word.span() for word in WORD.finditer(text)]
        self.words = [characters[start:end] for start, end in self.spans]

    def start(self, word: int) -> int:
        return self.spans[word][0] if word < len(self.spans) else len(self.text)

    def end(self, word: int) -> int:
        return self.spans[word][1] if word >= 0 else 0

    def starts_sentence(self, word: int) -> bool:
        return not word or self.text[self.end(word - 1) - 1] in _SENTENCE_ENDS


def ranges(old: Words, new: Words) -> list[Range]:
    """What stayed, went and came, as (kind, start, end): places in the new text for "added", else in the old."""
    found: list[Range] = []
    for kind, start, end in _all_ranges(old, new):
        if found and found[-1][0] == kind:
            start = found.pop()[1]
        found.append((kind, start, end))
    return found


def _all_ranges(old: Words, new: Words) -> Iterator[Range]:
    """What was between two words that stayed, then the second of them, and so on to the end."""
    was = now = -1
    for i, j in [*_settle(common(old.words, new.words), old, new), (len(old.words), len(new.words))]:
        yield from _between(old, old.end(was), old.start(i), new, new.end(now), new.start(j))
        if i < len(old.words):
            yield "same", old.start(i), old.end(i)
        was, now = i, j


def _between(old: Words, start: int, end: int, new: Words, new_start: int, new_end: int) -> Iterator[Range]:
    """One replacement, without the white space that it begins and ends with on both sides."""
    room = min(end - start, new_end - new_start)
    head = 0
    while head < room and _same_space(old, start + head, new, new_start + head):
        head += 1
    tail = 0
    while tail < room - head and _same_space(old, end - 1 - tail, new, new_end - 1 - tail):
        tail += 1
    pieces: list[Range] = [
        ("same", start, start + head),
        ("removed", start + head, end - tail),
        ("added", new_start + head, new_end - tail),
        ("same", end - tail, end),
    ]
    return (piece for piece in pieces if piece[1] < piece[2])


def _same_space(old: Words, place: int, new: Words, new_place: int) -> bool:
    return old.text[place].isspace() and old.characters[place] == new.characters[new_place]


def _settle(pairs: list[tuple[int, int]], old: Words, new: Words) -> list[tuple[int, int]]:
    """
    Let what was only added or only removed begin with its sentence where it may as well.

    "It rains. It pours." with "It snows. " put between could also be read as "snows. It " put between.
    """
    for k in range(1, len(pairs) + 1):
        i, j = pairs[k - 1]
        next_i, next_j = pairs[k] if k < len(pairs) else (len(old.words), len(new.words))
        came, went = next_j - j - 1, next_i - i - 1
        if bool(came) == bool(went):
            continue
        text, last = (new, j) if came else (old, i)
        shift = 0
        while not text.starts_sentence(last + 1 - shift):
            place = last - shift
            if shift == k or pairs[k - 1 - shift] != (i - shift, j - shift):
                break
            if text.words[place] != text.words[place + came + went]:
                break
            shift += 1
        else:
            for place in range(k - shift, k):
                pairs[place] = (pairs[place][0] + went, pairs[place][1] + came)
    return pairs
