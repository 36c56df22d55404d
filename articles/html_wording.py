"""What moved between two pieces of editor HTML: block by block, then word by word with links and emphasis."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Literal

from .blocks import Block, blocks
from .wording import WORD, Kind, Words, common, ranges

# Two blocks are one block changed if at least this share of their words is common to both.
ALIKE = 0.5
# A word in more blocks than this is no help in finding what a block became.
COMMONEST = 5


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
    What became of one block: "same", "added", "removed", "changed" in its place or "moved", changed or not;
    "split" if its words stood in the block beside it, "joined" if they stand in the block beside it now.

    `was` and `now` are the places, from 0, of the block that the words stood in and the one they stand in.
    """

    kind: Literal["same", "added", "removed", "changed", "moved", "split", "joined"]
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


def html_diff(before: str, after: str) -> list[BlockChange]:
    """
    Two pieces of HTML that `richtext.clean` has passed, compared block by block and then word by word.

    Links and emphasis are content: a word that leads elsewhere, or is bold now, is removed and added. The blocks
    stand in their new order, a removed one behind what it stood behind.
    The `before` in the order of `was` are exactly `blocks(before)`, the `after` in the order of `now` are exactly
    `blocks(after)`. Of the pieces with one `was`, those that are not added are the runs of that block; of those
    with one `now`, the ones that are not removed are.

    >>> [(change.kind, change.block.text) for change in html_diff("<p>One</p><p>Two</p>", "<p>Two</p><p>One</p>")]
    [('moved', 'Two'), ('same', 'One')]
    """
    old, new = blocks(before), blocks(after)
    matches = _matches(old, new)
    changes = [change for match in matches for change in _became(old, new, match)]
    came = sorted(set(range(len(new))) - {change.now for change in changes})
    went = sorted(set(range(len(old))) - {change.was for change in changes})
    changes += [BlockChange("added", None, new[now], None, now, _whole("added", new[now])) for now in came]
    changes += [BlockChange("removed", old[was], None, was, None, _whole("removed", old[was])) for was in went]
    behind = _behind(matches, len(old))
    return sorted(changes, key=lambda c: (behind[c.was], True) if c.now is None else (c.now, False))


@dataclass(frozen=True, slots=True)
class _Match:
    """The place of a block and of what it became, and of all blocks that its words stood in and stand in."""

    was: int
    now: int
    wases: list[int]
    nows: list[int]
    is_in_place: bool


def _matches(old: Sequence[Block], new: Sequence[Block]) -> list[_Match]:
    origins = _origins(old, new)
    split = _parted(old, new, origins, set(origins.values()))
    undivided = {now for now, was in origins.items() if was not in split}
    joined = _parted(new, old, {was: now for now, was in origins.items()}, undivided)
    in_order = [origins[now] for now in sorted(origins)]
    in_place = {in_order[place] for _, place in common(sorted(in_order), in_order)}
    return [
        _Match(was, now, sorted([was, *joined.get(now, [])]), sorted([now, *split.get(was, [])]), was in in_place)
        for now, was in origins.items()
    ]


def _became(old: Sequence[Block], new: Sequence[Block], match: _Match) -> Iterator[BlockChange]:
    main = "changed" if old[match.was] != new[match.now] else "same"
    if not match.is_in_place:
        main = "moved"
    places = [(was, now) for was in match.wases for now in match.nows]
    parts = _pieces(_block_words(old, match.wases), _block_words(new, match.nows))
    for (was, now), pieces in zip(places, parts, strict=True):
        kind = "joined" if was != match.was else "split" if now != match.now else main
        before, after = (None if kind == "split" else old[was]), (None if kind == "joined" else new[now])
        yield BlockChange(kind, before, after, was, now, tuple(pieces))


def _behind(matches: Iterable[_Match], count: int) -> list[int]:
    """For each old place that of the block, of those in place, that it stood behind; -1 is the start."""
    nows = {match.was: match.now for match in matches if match.is_in_place}
    return list(accumulate(range(count), lambda behind, was: nows.get(was, behind), initial=-1))[1:]


def _whole(kind: Kind, block: Block) -> tuple[MarkedPiece, ...]:
    return tuple(MarkedPiece(kind, run.text, run.href, run.marks) for run in block.runs)


# How the break between two blocks looks, so that it is never taken for a line break within one.
_BREAK = (None, None)


def _pieces(old: Words, new: Words) -> list[list[MarkedPiece]]:
    """The pieces, in a list of their own from each break on."""
    parts: list[list[MarkedPiece]] = [[]]
    for kind, start, end in ranges(old, new):
        characters = (new if kind == "added" else old).characters[start:end]
        for look, alike in groupby(characters, itemgetter(1, 2)):
            if look == _BREAK:
                parts += ([] for _ in alike)
            else:
                parts[-1].append(MarkedPiece(kind, "".join(character for character, _, _ in alike), *look))
    return parts


def _block_words(blocks: Sequence[Block], places: list[int]) -> Words:
    characters = []
    for place in places:
        characters += [("\n", *_BREAK)] if characters else []
        characters += [(character, run.href, run.marks) for run in blocks[place].runs for character in run.text]
    return Words("".join(character for character, _, _ in characters), tuple(characters))


def _origins(old: Sequence[Block], new: Sequence[Block]) -> dict[int, int]:
    """For the place of a new block that of the old one it was: equal and in order, equal, alike."""
    origins = {now: was for was, now in common(old, new)}
    for match in (_equal, _alike):
        taken = set(origins.values())
        left_old = {was: block for was, block in enumerate(old) if was not in taken}
        left_new = {now: block for now, block in enumerate(new) if now not in origins}
        origins.update(match(left_old, left_new))
    return origins


def _parted(
    wholes: Sequence[Block], parts: Sequence[Block], owners: dict[int, int], divisible: set[int]
) -> dict[int, list[int]]:
    """For the place of a whole those of the parts beside the one it became that have the rest of its words."""
    owners, parted = dict(owners), defaultdict(list)
    rest: dict[int, Counter[str]] = {}
    became = {whole: part for part, whole in owners.items()}
    for part in range(len(parts)):
        beside = {owners.get(part - 1), owners.get(part + 1)} if part not in owners else set()
        for whole in sorted(beside & divisible):
            if whole not in rest:
                rest[whole] = _counted(wholes[whole]) - _counted(parts[became[whole]])
            words = _counted(parts[part])
            if (words & rest[whole]).total() >= ALIKE * words.total():
                rest[whole].subtract(words)
                owners[part] = whole
                parted[whole].append(part)
                break
    return parted


def _equal(old: dict[int, Block], new: dict[int, Block]) -> dict[int, int]:
    places: dict[Block, list[int]] = defaultdict(list)
    for was, block in old.items():
        places[block].append(was)
    return {now: places[block].pop(0) for now, block in new.items() if places.get(block)}


def _alike(old: dict[int, Block], new: dict[int, Block]) -> dict[int, int]:
    """The likest first. Only a few blocks that share rare words are weighed, so this stays linear."""
    words = {now: _counted(block) for now, block in new.items()}
    holders: dict[str, list[int]] = defaultdict(list)
    for now, counted in words.items():
        for word in counted:
            holders[word].append(now)
    likeness = []
    for was, block in old.items():
        counted = _counted(block)
        votes = Counter(now for word in counted if len(holders[word]) <= COMMONEST for now in holders[word])
        for now, _ in votes.most_common(3):
            shared = 2 * (counted & words[now]).total() / (counted.total() + words[now].total())
            likeness.append((-shared, was, now))
    origins: dict[int, int] = {}
    taken = set()
    for shared, was, now in sorted(likeness):
        if -shared >= ALIKE and now not in origins and was not in taken:
            origins[now] = was
            taken.add(was)
    return origins


def _counted(block: Block) -> Counter[str]:
    return Counter(word[0] for word in WORD.finditer(block.text))
