"""The chart of a letter: who signed up above the line, who left below it, week by week."""

from dataclasses import dataclass

from ..growth import Week

# In the units of the drawing.
STEP, BAR, HALF = 50, 34, 80


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
        return HALF - self.up


class Chart:
    """Bars of one scale for both, and the words of what is seen."""

    width, line, bar, text_line, height = STEP * 12, HALF, BAR, 2 * HALF + 18, 2 * HALF + 24

    def __init__(self, weeks: list[Week]):
        self.most = max(max(week.signed_up, week.left) for week in weeks)
        self.longest = f"{self.most:,}"
        self.bars = [
            Bar(week, at * STEP + (STEP - BAR) // 2, self._high(week.signed_up), self._high(week.left))
            for at, week in enumerate(weeks)
        ]
        signed_up, left = sum(week.signed_up for week in weeks), sum(week.left for week in weeks)
        self.summary = f"In the last {len(weeks)} weeks {signed_up:,} signed up and {left:,} left."

    def _high(self, count: int) -> int:
        """A single one is still to be seen."""
        return max(2, round(HALF * count / self.most)) if count else 0
