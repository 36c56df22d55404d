"""What fifty readers of a story notice of a letter that goes out to twenty thousand from the same machine."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import random

from articles.models import Revision
from bench import reading, sending
from bench import story as stories
from bench.figures import Figure
from newsletter import live_mail
from newsletter import sending as letters
from newsletter.models import Delivery, Issue
from tests import make

TITLE = (
    "Fifty readers who each load a story every second, while 20,000 letters go out, 120 a second at most "
    "(medians of 5 turns)"
)
READERS, LETTERS, PER_SECOND = 50, 20_000, "120"
TURNS, SECONDS = 5, 8


def run() -> Iterator[Figure]:
    if not sending.has_smtp_sink():
        raise SystemExit("This bench needs smtp-sink: apt-get install postfix.")
    live_mail.permit()
    reading.collect_static_files()
    road = Revision.objects.get(article=stories.of_ordinary_size(make.editor())).article.get_absolute_url()
    issue = sending.issue_to(LETTERS)
    letters.pause(issue)
    with (
        reading.serving("granian", "newsroom.wsgi", "locmemcache://") as server,
        sending.smtp_sink() as port,
        sending.workers(1, port, MAILS_PER_SECOND=PER_SECOND),
    ):
        p95_of(server, road)
        turns = [(p95_of(server, road), *while_sending(issue, server, road)) for _ in range(TURNS)]
    calm, busy, rates = zip(*turns, strict=True)
    yield Figure("p95 of the story page", statistics.median(calm), "ms")
    yield Figure("p95 while letters go out", statistics.median(busy), "ms")
    worse = statistics.median(b / a for a, b in zip(calm, busy, strict=True))
    yield Figure("beside the same without letters", worse, "x", 1.2)
    yield Figure("letters meanwhile", statistics.median(rates), "mails/s", 100, is_at_most=False)


def while_sending(issue: Issue, server: reading.Server, road: str) -> tuple[float, float]:
    """The p95 of readers, in ms, and letters a second."""
    letters.resume(issue)
    before, start = sent(issue), time.perf_counter()
    while sent(issue) == before:
        time.sleep(0.1)
    before, start = sent(issue), time.perf_counter()
    p95 = p95_of(server, road)
    rate = (sent(issue) - before) / (time.perf_counter() - start)
    letters.pause(issue)
    time.sleep(1)
    return p95, rate


def sent(issue: Issue) -> int:
    """With those that are not on record as sent for a second at most."""
    return issue.deliveries.exclude(state=Delivery.State.QUEUED).count()


def p95_of(server: reading.Server, road: str) -> float:
    """In ms, of all that the readers load."""
    with ThreadPoolExecutor(READERS) as readers:
        taken = [ms for loads in readers.map(lambda _: read(server, road), range(READERS)) for ms in loads]
    return sorted(taken)[int(0.95 * len(taken))]


def read(server: reading.Server, road: str) -> list[float]:
    """How many ms each load took; they come at moments of their own."""
    time.sleep(random())
    return [_load(server, road) for _ in range(SECONDS)]


def _load(server: reading.Server, road: str) -> float:
    start = time.perf_counter()
    reading.fetch(server, road)
    spent = time.perf_counter() - start
    time.sleep(max(0, 1 - spent))
    return 1000 * spent
