"""How long the publish verb takes, and that a long history does not slow it."""

import statistics
import time
from collections.abc import Iterator

from articles import publishing, working_copy
from articles.kinds import Kind
from articles.models import Desk
from bench import story as stories
from bench.figures import Figure
from tests import make

TITLE = "Publishing a story of ordinary size, the verb and its transaction"
SIZES = [10, 1_000, 5_000]
PROMISE_MS = 40


def run() -> Iterator[Figure]:
    by = make.editor()
    article = stories.of_ordinary_size(by)
    medians = []
    for size in SIZES:
        while article.revisions.count() < size:
            for _ in range(min(100, size - article.revisions.count())):
                tighten(article, by)
        medians.append(statistics.median(tighten(article, by) for _ in range(41)))
        yield Figure(f"publish at {size:,} editions, median", medians[-1], "ms", PROMISE_MS)
    yield Figure("slowest beside fastest of these", max(medians) / min(medians), "times", 1.5)


def tighten(article, by) -> float:
    """Save a new lead, then publish it; the milliseconds of the publication alone."""
    desk = Desk.objects.select_related("base_edition").get(article=article)
    lead = f"Rome wants to build drones with Kyiv, the president said in statement {desk.base_number}."
    with working_copy.saving(article, by=by, version=desk.version):
        article.lead = lead
        article.save()
    start = time.perf_counter()
    publishing.publish(
        article,
        kind=Kind.TIGHTENED,
        by=by,
        base=desk.base_number,
        note="Tightened.",
        reason="As the bench needs it.",
    )
    return 1000 * (time.perf_counter() - start)
