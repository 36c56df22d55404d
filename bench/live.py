"""What it costs to tell open pages: memory for each of them, and the time until the last one has heard."""

import asyncio
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe, Process
from pathlib import Path

from articles.models import Revision
from bench import reading
from bench import story as stories
from bench.figures import Figure
from tests import make

TITLE = "Open pages on one live process, and from publishing to the last of them (dialled from loopback addresses)"
# How many pages, how many editions they are told of, and whether it is promised or only recorded.
ROUNDS = [(1_000, 60, True), (2_000, 20, True), (5_000, 20, False)]
MOST_KB, MOST_MS = 80, 500
SECONDS_BETWEEN = 1
AT_ONE_ADDRESS = 25
# As deploy/ starts it.
SERVER = (
    "granian --interface asgi --runtime-mode st --http 1 --no-ws --backlog 16384 --backpressure 16384"
    " --workers-kill-timeout 2 --port {port}"
)


def run() -> Iterator[Figure]:
    resource.setrlimit(resource.RLIMIT_NOFILE, (20_000, 20_000))
    by = make.editor()
    for count, editions, is_promised in ROUNDS:
        story = stories.of_ordinary_size(by)
        with live_process() as (port, pid), opened(port, story, 1) as warm:
            warm.recv()
            before = memory(pid)
            with opened(port, story, count) as pages:
                pages.recv()
                taken = (memory(pid) - before) / count
                waits, are_in_order = publications(story, by, pages, editions)
        name = f"{count:,} open pages and {editions} editions"
        yield Figure(f"{name}, memory for each", taken, "KB", MOST_KB if is_promised else None)
        p95 = waits[int(0.95 * len(waits)) - 1]
        yield Figure(f"{name}, from publishing to the last, median", waits[len(waits) // 2], "ms")
        yield Figure(f"{name}, from publishing to the last, p95", p95, "ms", MOST_MS if is_promised else None)
        yield Figure(f"{name}, told out of order, twice or not at all", float(not are_in_order), "times", 0)


def publications(story, by, pages, editions: int) -> tuple[list[float], bool]:
    """How long each took to reach the last page, in ms, shortest first; whether every page heard all, in order."""
    waits = []
    for _ in range(editions):
        edition = make.edition(story, lead=f"Statement {time.monotonic()}.", by=by)
        published = time.monotonic()
        number, heard_by_all, are_in_order = pages.recv()
        if number != edition.number or not are_in_order:
            return waits, False
        waits.append(1000 * (heard_by_all - published))
        time.sleep(SECONDS_BETWEEN)
    return sorted(waits), True


@contextmanager
def live_process() -> Iterator[tuple[int, int]]:
    port = reading.free_port()
    command = [sys.executable, "-m", *SERVER.format(port=port).split(), "newsroom.asgi:application"]
    with reading.running(command, port, reading.environment("locmemcache://")) as server:
        yield port, server.process.pid


@contextmanager
def opened(port: int, story, count: int):
    """So many pages open in a process of their own: what they hear comes through the pipe."""
    newest = Revision.objects.newest().get(article=story).number
    here, there = Pipe()
    process = Process(target=listen, args=(port, f"/live/{story.pk}/?after={newest}", newest, count, there))
    process.start()
    try:
        yield here
    finally:
        process.kill()
        process.join()


class Page(asyncio.Protocol):
    """One open page; it tells `heard` the number of each event, and 0 when the stream begins."""

    def __init__(self, road: str, heard):
        self.road, self.heard = road, heard

    def connection_made(self, transport):
        transport.write(f"GET {self.road} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def data_received(self, data):
        if b"event: hello" in data:
            self.heard(self, 0)
        for line in data.split(b"\n"):
            if line.startswith(b"id: "):
                self.heard(self, int(line[4:]))


def listen(port: int, road: str, newest: int, count: int, pipe) -> None:
    """Open the pages, and tell of every number, once all heard it, when the last did, and if all is in order."""
    heard_by, last_heard, in_order = Counter(), {}, [True]

    def heard(page: Page, number: int):
        if number:
            in_order[0] &= number == last_heard.get(page, newest) + 1
            last_heard[page] = number
        heard_by[number] += 1
        if heard_by[number] == count:
            pipe.send((number, time.monotonic(), in_order[0]))

    async def open_all():
        loop = asyncio.get_running_loop()
        for n in range(count):
            network, host = divmod(n // AT_ONE_ADDRESS, 250)
            address = (f"127.0.{network + 1}.{host + 1}", 0)
            await loop.create_connection(lambda: Page(road, heard), "127.0.0.1", port, local_addr=address)
        await asyncio.Event().wait()

    asyncio.run(open_all())


def memory(pid: int) -> int:
    """Of a server and the processes it began, in KB."""
    statuses = [Path(f"/proc/{member}/status").read_text() for member in reading.family(pid)]
    return sum(int(status.partition("VmRSS:")[2].split()[0]) for status in statuses)
