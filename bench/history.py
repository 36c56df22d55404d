"""What a long history costs: looking at it, comparing its ends, and the list of what was deleted."""

from collections.abc import Callable, Iterator
from multiprocessing import Process
from pathlib import Path

from django.db import connections
from django.test import Client

from bench import story as stories
from bench.figures import Figure, median_ms
from tests import make

TITLE = "The history of a story of 29 KB at the desk, and what was deleted"
SAVES = [2_000, 10_000]
DELETED = 5_000
MOST_MS, MOST_KB, MOST_MB = 300, 200, 30


def run() -> Iterator[Figure]:
    chief = make.user("chief")
    desk = Client(headers={"host": "localhost"})
    desk.force_login(chief)
    article = make.published(
        "Italy interested in a drone defence deal with Ukraine",
        by=chief,
        key_points=[f"Point {n} of what is known about the drone deal so far." for n in range(5)],
        sections=[(f"Section {n}", stories.PARAGRAPH * 18) for n in range(4)],
    )
    road = f"/desk/articles/article/{article.pk}/history/"
    # What is loaded once, for whatever page comes first.
    for warm in (road, f"{road}compare/?from=save-1&to=save-2", "/desk/articles/article/recover/"):
        desk.get(warm)
    for size in SAVES:
        elsewhere(make.saves, article, size - article.saved_states.count())
        last = (size - 1) // 50 + 1
        yield from looked_at(desk, f"history of {size:,} saves, first page", road)
        yield from looked_at(desk, f"history of {size:,} saves, last page", f"{road}?page={last}")
        ends = f"compare/?from=save-1&to=save-{size}"
        yield from looked_at(desk, f"first and last of {size:,} saves beside each other", road + ends)
    elsewhere(make.deleted, article, DELETED)
    recover = "/desk/articles/article/recover/"
    yield from looked_at(desk, f"list of {DELETED:,} deleted stories, first page", recover)
    yield from looked_at(desk, f"list of {DELETED:,} deleted stories, last page", f"{recover}?page={DELETED // 50}")


def elsewhere(make_them: Callable[..., None], *given) -> None:
    """Done by another process, so that nothing it took is there to be used again by what is measured."""
    connections.close_all()
    maker = Process(target=make_them, args=given)
    maker.start()
    maker.join()
    assert maker.exitcode == 0


def looked_at(desk: Client, name: str, address: str) -> Iterator[Figure]:
    """One page: how long it takes, how large it is, and how much memory it takes at its peak."""
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # The peak begins anew.
    answer = desk.get(address)
    assert answer.status_code == 200, address
    yield Figure(name, median_ms(lambda: desk.get(address)), "ms", MOST_MS)
    yield Figure(f"{name}, its size", len(answer.content) / 1000, "KB", MOST_KB)
    yield Figure(f"{name}, memory at its peak", (memory("VmHWM") - before) / 1024, "MB more", MOST_MB)


def memory(kind: str) -> int:
    """Of this process, in KB."""
    return int(Path("/proc/self/status").read_text().partition(f"{kind}:")[2].split()[0])
