"""What moved between two texts, word by word: of plain text, and of two pieces of editor HTML."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal

from .blocks import Block, blocks

# The table of `common` takes a bit for every pair of items; this many bits are 25 MB.
LARGEST_TABLE = 200_000_000

# Two blocks are one block changed if at least this share of their words is common to both.
ALIKE = 0.5
# A word in more blocks than this is no help in finding what a block became.
COMMONEST = 5

Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that stayed, came or went."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class MarkedPiece:
    """A `Piece` of HTML: words that look alike, `href` where they lead, `marks` as of `blocks.Run`."""

    kind: Kind
    text: str
    href: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockChange:
    """
    What became of one block: "same", "added", "removed", "changed" in its place, or "moved" (and perhaps changed).

    `was` and `now` are its places before and after, from 0.
    """

    kind: Literal["same", "added", "removed", "changed", "moved"]
    before: Block | None
    after: Block | None
    was: int | None
    now: int | None
    pieces: tuple[MarkedPiece, ...]

    @property
    def block(self) -> Block:
        return self.after or self.before

    @property
    def is_recast(self) -> bool:
        """It was another sort of block, as a paragraph that is a heading now."""
        return bool(self.before and self.after) and self.before.path != self.after.path


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
    old, new = _Words(before, before), _Words(after, after)
    return [Piece(kind, (new if kind == "added" else old).text[start:end]) for kind, start, end in _diff(old, new)]


def html_diff(before: str, after: str) -> list[BlockChange]:
    """
    Two pieces of HTML that `richtext.clean` has passed, compared block by block and then word by word.

    Links and emphasis are content: a word that leads elsewhere, or is bold now, is removed and added. The blocks
    stand in their new order, a removed one behind what it stood behind.
    The `before` in the order of `was` are exactly `blocks(before)`, the `after` in the order of `now` are exactly
    `blocks(after)`, and the pieces of each are the runs of both, as the pieces of `word_diff` are the texts.

    >>> [(change.kind, change.block.text) for change in html_diff("<p>One</p><p>Two</p>", "<p>Two</p><p>One</p>")]
    [('moved', 'Two'), ('same', 'One')]
    """
    old, new = blocks(before), blocks(after)
    origins = _origins(old, new)
    in_order = [origins[now] for now in sorted(origins)]
    stayed = {in_order[place] for _, place in common(sorted(in_order), in_order)}
    behind: dict[int, list[BlockChange]] = defaultdict(list)
    last = -1
    now_of = {was: now for now, was in origins.items()}
    for was, block in enumerate(old):
        if was in stayed:
            last = now_of[was]
        elif was not in now_of:
            behind[last].append(_block_change("removed", block, None, was, None))
    changes = behind[-1]
    for now, block in enumerate(new):
        was = origins.get(now)
        if was is None:
            changes.append(_block_change("added", None, block, None, now))
        else:
            kind = "moved" if was not in stayed else "same" if block == old[was] else "changed"
            changes.append(_block_change(kind, old[was], block, was, now))
        changes += behind[now]
    return changes


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
_WORD = re.compile(
    rf"https?://\S*[^\s{_PUNCTUATION}]"
    rf"|[#@{_CURRENCY}]?{_LETTER}++(?:[-‐‑'’.:·‧׳״]{_LETTER}++|(?<=\d)[,/]\d{_LETTER}*+)*+[%‰{_CURRENCY}]?"
    rf"|[{_SPACELESS}][{_MARKS}]*+"
    rf"|([{_PUNCTUATION}])\1*+"
)
_SENTENCE_ENDS = frozenset(".!?…。！？।؟")

_Range = tuple[Kind, int, int]


class _Words:
    """A text cut into words. `characters` is the text, or the text with what each character carries."""

    def __init__(self, text: str, characters: Sequence[Hashable]):
        self.text = text
        self.characters = characters
        self.spans = [word.span() for word in _WORD.finditer(text)]
        self.words = [characters[start:end] for start, end in self.spans]

    def start(self, word: int) -> int:
        return self.spans[word][0] if word < len(self.spans) else len(self.text)

    def end(self, word: int) -> int:
        return self.spans[word][1] if word >= 0 else 0

    def starts_sentence(self, word: int) -> bool:
        return not word or self.text[self.end(word - 1) - 1] in _SENTENCE_ENDS


def _diff(old: _Words, new: _Words) -> list[_Range]:
    ranges: list[_Range] = []
    for kind, start, end in _ranges(old, new):
        if ranges and ranges[-1][0] == kind:
            start = ranges.pop()[1]
        ranges.append((kind, start, end))
    return ranges


def _ranges(old: _Words, new: _Words) -> Iterator[_Range]:
    """What was between two words that stayed, then the second of them, and so on to the end."""
    was = now = -1
    for i, j in [*_settle(common(old.words, new.words), old, new), (len(old.words), len(new.words))]:
        yield from _between(old, old.end(was), old.start(i), new, new.end(now), new.start(j))
        if i < len(old.words):
            yield "same", old.start(i), old.end(i)
        was, now = i, j


def _between(old: _Words, start: int, end: int, new: _Words, new_start: int, new_end: int) -> Iterator[_Range]:
    """One replacement, without the white space that it begins and ends with on both sides."""
    room = min(end - start, new_end - new_start)
    head = 0
    while head < room and _same_space(old, start + head, new, new_start + head):
        head += 1
    tail = 0
    while tail < room - head and _same_space(old, end - 1 - tail, new, new_end - 1 - tail):
        tail += 1
    pieces: list[_Range] = [
        ("same", start, start + head),
        ("removed", start + head, end - tail),
        ("added", new_start + head, new_end - tail),
        ("same", end - tail, end),
    ]
    return (piece for piece in pieces if piece[1] < piece[2])


def _same_space(old: _Words, place: int, new: _Words, new_place: int) -> bool:
    return old.text[place].isspace() and old.characters[place] == new.characters[new_place]


def _settle(pairs: list[tuple[int, int]], old: _Words, new: _Words) -> list[tuple[int, int]]:
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


def _block_change(kind, before: Block | None, after: Block | None, was: int | None, now: int | None) -> BlockChange:
    old, new = _block_words(before), _block_words(after)
    pieces = (
        MarkedPiece(kind, "".join(character for character, _, _ in alike), *look)
        for kind, start, end in _diff(old, new)
        for look, alike in groupby((new if kind == "added" else old).characters[start:end], itemgetter(1, 2))
    )
    return BlockChange(kind, before, after, was, now, tuple(pieces))


def _block_words(block: Block | None) -> _Words:
    runs = block.runs if block else ()
    characters = tuple((character, run.href, run.marks) for run in runs for character in run.text)
    return _Words("".join(run.text for run in runs), characters)


def _origins(old: Sequence[Block], new: Sequence[Block]) -> dict[int, int]:
    """For the place of a new block that of the old one it was: equal and in order, equal, alike."""
    origins = {now: was for was, now in common(old, new)}
    for match in (_equal, _alike):
        taken = set(origins.values())
        left_old = {was: block for was, block in enumerate(old) if was not in taken}
        left_new = {now: block for now, block in enumerate(new) if now not in origins}
        origins.update(match(left_old, left_new))
    return origins


def _equal(old: dict[int, Block], new: dict[int, Block]) -> dict[int, int]:
    places: dict[Block, list[int]] = defaultdict(list)
    for was, block in old.items():
        places[block].append(was)
    return {now: places[block].pop(0) for now, block in new.items() if places.get(block)}


def _alike(old: dict[int, Block], new: dict[int, Block]) -> dict[int, int]:
    """The likest first. Only a few blocks that share rare words are weighed, so this stays linear."""
    words = {now: Counter(_words_of(block)) for now, block in new.items()}
    holders: dict[str, list[int]] = defaultdict(list)
    for now, counted in words.items():
        for word in counted:
            holders[word].append(now)
    likeness = []
    for was, block in old.items():
        counted = Counter(_words_of(block))
        votes = Counter(now for word in counted if len(holders[word]) <= COMMONEST for now in holders[word])
        for now, _ in votes.most_common(3):
            shared = 2 * (counted & words[now]).total() / (counted.total() + words[now].total())
            likeness.append((-shared, was, now))
    origins: dict[int, int] = {}
    for shared, was, now in sorted(likeness):
        if -shared >= ALIKE and now not in origins and was not in origins.values():
            origins[now] = was
    return origins


def _words_of(block: Block) -> list[str]:
    return [word[0] for word in _WORD.finditer(block.text)]
