"""The chart of an issue: how many mails were handed over, from its start to its newest one."""

from dataclasses import dataclass

from django.utils import timezone

from ..reporting import SLICES, Slice

# In the units of the drawing: a column of words at the left, and a line of them below the bars.
WORDS, STEP, BAR, HIGH, TOP = 90, 20, 16, 110, 10
UNITS = [(7 * 86_400, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")]


def length(seconds: int) -> str:
    """
    >>> length(1), length(300), length(86_400)
    ('second', '5 minutes', 'day')
    """
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    count = seconds // size
    return unit if count == 1 else f"{count} {unit}s"


@dataclass(frozen=True)
class Bar:
    slice: Slice
    said: str
    x: int
    high: int

    @property
    def top(self) -> int:
        return TOP + HIGH - self.high

    @property
    def end(self) -> int:
        return self.x + BAR


class Chart:
    """A bar for each slice of the time, and the words of what is seen: what `became` of the mails, sent or kept."""

    width, height, words, first, bar = WORDS + STEP * SLICES, TOP + HIGH + 26, WORDS - 10, WORDS, BAR
    line, top_line, text_line = TOP + HIGH, TOP + 8, TOP + HIGH + 20

    def __init__(self, step: int, slices: list[Slice], became: str = "sent"):
        self.became = became
        self.most = max(piece.sent for piece in slices)
        self.slice = length(step)
        self.bars = [
            Bar(piece, _said(piece, step), WORDS + at * STEP + (STEP - BAR) // 2, self._high(piece.sent))
            for at, piece in enumerate(slices)
        ]
        sent = sum(piece.sent for piece in slices)
        self.summary = f"{sent:,} {became}, at most {self.most:,} per {self.slice}."

    def _high(self, count: int) -> int:
        """A single one is still to be seen."""
        return max(2, round(HIGH * count / self.most)) if count else 0


def _said(piece: Slice, step: int) -> str:
    """When it begins, as exactly as slices of so many seconds want it."""
    begins = timezone.localtime(piece.begins)
    if step >= 86_400:
        return f"{begins.day} {begins:%B}"
    return f"{begins:%H:%M:%S}" if step < 60 else f"{begins.day} {begins:%b}, {begins:%H:%M}"
