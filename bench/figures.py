"""A figure that was measured, beside what we promise."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`promise` is the most it may be, or the least where `is_at_most` is not set; None promises nothing."""

    name: str
    value: float
    unit: str
    promise: float | None = None
    is_at_most: bool = True

    @property
    def is_kept(self) -> bool:
        if self.promise is None:
            return True
        return self.value <= self.promise if self.is_at_most else self.value >= self.promise

    def __str__(self) -> str:
        """
        >>> str(Figure("word_diff, two 5,000-word bodies", 31.4, "ms", 150))
        'word_diff, two 5,000-word bodies: 31 ms (promise: at most 150 ms)'
        """
        measured = f"{self.name}: {_shown(self.value)} {self.unit}"
        if self.promise is None:
            return measured
        bound = "at most" if self.is_at_most else "at least"
        verdict = "" if self.is_kept else ", BROKEN"
        return f"{measured} (promise: {bound} {_shown(self.promise)} {self.unit}{verdict})"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


def median_ms(function: Callable[[], object], repeat: int = 7) -> float:
    """The median of `repeat` runs, after one that does not count, in milliseconds."""
    function()
    return statistics.median(_ms(function) for _ in range(repeat))


def _ms(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return 1000 * (time.perf_counter() - start)
