"""How much changes weigh: the kind of edition they look like, and what in them cannot pass as a typo."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from .changes import LABELS, Change
from .html_wording import MarkedPiece
from .kinds import Kind
from .snapshot import Pace, Source
from .wording import Piece, common

# Mending a spelling takes and adds this many letters at most, and there are this many to mend at most.
MOST_LETTERS = 2
MOST_SPELLINGS = 5
# A text that is tightened gets no longer than by this many words.
MOST_WORDS_MORE = 3

_NUMBER = re.compile(
    r"\d(?:[\d.,:/]*\d)?"
    r"|\b(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:dozen|hundred|thousand|million|billion)s?)\b",
    re.IGNORECASE,
)


def numbers_of(text: str) -> list[str]:
    """
    The numbers in a text, in digits or, in English, in words.

    >>> numbers_of("Five of 1,200 in 2026")
    ['Five', '1,200', '2026']
    """
    return _NUMBER.findall(text)


def suggest_kind(changes: Collection[Change]) -> Kind:
    """The kind that an edition with these changes most likely is, for an editor to decide; never the first."""
    boxes = [change.after for change in changes if change.part == "correction" and change.what == "added"]
    paces = [change.after for change in changes if change.part == "pace"]
    if boxes:
        return Kind(boxes[-1].kind)
    if paces:
        return Kind.SETTLED if paces == [Pace.SETTLED] else Kind.REOPENED
    if all(change.what == "as_of" for change in changes):
        return Kind.RECONFIRMED
    if any(_is_news(change) for change in changes):
        return Kind.DEVELOPMENT
    if not typo_objections(changes) and _are_spellings(changes):
        return Kind.TYPO
    return Kind.TIGHTENED


def typo_objections(changes: Collection[Change]) -> list[str]:
    """
    Why these changes are no typo, in sentences: a number, a link or a verification changed, or something came
    or went. Numbers are those in digits and, in English, in words.
    """
    return [f"{_where(change)} {objection}." for change in changes for objection in _objections(change)]


def _where(change: Change) -> str:
    return f"{LABELS[change.part]} “{change.name}”:" if change.name else f"{LABELS[change.part]}:"


def _objections(change: Change) -> Iterator[str]:
    if change.what in ("added", "removed", "replaced"):
        yield f"it was {change.what}"
        return
    if change.what == "verification":
        yield f"its verification changed from {change.before} to {change.after}"
    if change.what == "citations":
        yield "its sources changed"
    if _came_or_went(change):
        yield "a paragraph was added or removed"
    if _links(change, "added") != _links(change, "removed"):
        yield "a link changed"
    gone, new = _numbers(change, "added"), _numbers(change, "removed")
    if gone != new:
        yield f"a number changed ({_listed(gone - new)} to {_listed(new - gone)})"


def _listed(numbers: Counter[str]) -> str:
    return ", ".join(numbers) or "none"


def _is_news(change: Change) -> bool:
    """
    Something was learned: a point or section came or went, its verification moved, a number changed, or a text
    that stood says more.
    """
    if change.part in ("key_point", "section") and change.what in ("added", "removed", "verification"):
        return True
    if _numbers(change, "added") != _numbers(change, "removed"):
        return True
    return _came_or_went(change) or _words_more(change) > MOST_WORDS_MORE


def _came_or_went(change: Change) -> bool:
    return change.field == "body" and any(block.kind in ("added", "removed") for block in change.blocks)


def _pieces(change: Change) -> Sequence[Piece | MarkedPiece]:
    return change.pieces or [piece for block in change.blocks for piece in block.pieces]


def _numbers(change: Change, other_side: str) -> Counter[str]:
    """The numbers before, for which the other side is "added", or after."""
    return Counter(number.casefold() for number in numbers_of(_text(change, other_side)))


def _text(change: Change, other_side: str) -> str:
    return "".join(piece.text for piece in _pieces(change) if piece.kind != other_side)


def _words_more(change: Change) -> int:
    """By how many words a text that stood before grew."""
    if change.before == "":
        return 0
    return len(_text(change, "removed").split()) - len(_text(change, "added").split())


def _links(change: Change, other_side: str) -> set[str]:
    value = change.before if other_side == "added" else change.after
    if isinstance(value, Source):
        return {value.url, value.archived_url}
    return {piece.href for block in change.blocks for piece in block.pieces if piece.kind != other_side}


def _are_spellings(changes: Collection[Change]) -> bool:
    regions = [region for change in changes for region in _regions(change)]
    is_all_in_words = all(_pieces(change) for change in changes)
    return is_all_in_words and len(regions) <= MOST_SPELLINGS and all(_letters(*r) <= MOST_LETTERS for r in regions)


def _regions(change: Change) -> Iterator[tuple[str, str]]:
    """What was replaced by what."""
    for is_same, group in groupby(_pieces(change), key=lambda piece: piece.kind == "same"):
        if not is_same:
            pieces = list(group)
            yield tuple("".join(p.text for p in pieces if p.kind == kind) for kind in ("removed", "added"))


def _letters(before: str, after: str) -> int:
    """How many letters it takes to make one of the other, upper or lower case."""
    before, after = before.casefold(), after.casefold()
    return len(before) + len(after) - 2 * len(common(before, after))
