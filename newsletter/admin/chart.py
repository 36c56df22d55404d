"""The chart of a newsletter: who signed up above the line, who unsubscribed below it, week by week."""

from dataclasses import dataclass

from ..growth import Week

# In the units of the drawing: a column of words at the left, and a line of them above the bars.
WORDS, LINE, STEP, BAR, HALF = 130, 20, 50, 34, 80


@dataclass(frozen=True)
class Bar:
    week: Week
    x: int
    up: int
    down: int

    @property
    def middle(self) -> int:
        return self.x + BAR // 2

    @property
    def top(self) -> int:
        return LINE + HALF - self.up

    @property
    def above(self) -> int:
        """Where the number of those who were imported stands."""
        return self.top - 5


class Chart:
    """
    Bars of one scale for both, and the words of what is seen.

    A file may bring more people than sign up in a year: those are told by their number, not drawn.
    """

    width, words, first, bar = WORDS + STEP * 12, WORDS - 12, LINE + 12, BAR
    line, last, text_line, height = LINE + HALF, LINE + 2 * HALF - 2, LINE + 2 * HALF + 20, LINE + 2 * HALF + 26

    def __init__(self, weeks: list[Week]):
        self.most = max(max(week.signed_up, week.left) for week in weeks)
        self.longest = f"{self.most:,}" if self.most else ""
        self.bars = [
            Bar(week, WORDS + at * STEP + (STEP - BAR) // 2, self._high(week.signed_up), self._high(week.left))
            for at, week in enumerate(weeks)
        ]
        signed_up, left, imported = (
            sum(getattr(week, of) for week in weeks) for of in ("signed_up", "left", "imported")
        )
        self.summary = f"In the last {len(weeks)} weeks {signed_up:,} signed up and {left:,} unsubscribed."
        self.imported = f"{imported:,}" if imported else ""

    def _high(self, count: int) -> int:
        """A single one is still to be seen."""
        return max(2, round(HALF * count / self.most)) if count else 0
