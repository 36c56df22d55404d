"""How long the publish verb takes, and that a long history does not slow it."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

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
    yield from crowd()


def crowd() -> Iterator[Figure]:
    """Twenty editors of one story at once, each ten times: from pressing the button to being published."""
    by = make.editor()
    article = stories.of_ordinary_size(by)
    with ThreadPoolExecutor(20) as editors:
        waits = sorted(wait for ten in editors.map(lambda _: insist(article, by), range(20)) for wait in ten)
    yield Figure("publish among 20 editors at once, median", statistics.median(waits), "ms")
    yield Figure("publish among 20 editors at once, p95", waits[int(0.95 * len(waits))], "ms")


def insist(article, by) -> list[float]:
    """Publish ten times, each time until it is not refused; the milliseconds each took in all."""
    waits = []
    while len(waits) < 10:
        start = time.perf_counter()
        while True:
            try:
                tighten(article, by)
                break
            except (working_copy.StaleCopy, publishing.BaseMoved):
                continue
        waits.append(1000 * (time.perf_counter() - start))
    connections.close_all()
    return waits


def tighten(article, by) -> float:
    """Save a new lead and publish it; the milliseconds of the publication and its commit."""
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
