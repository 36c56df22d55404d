"""How fast a reader is served: the story page from its row, and cached, beside a view that does nothing."""

import contextlib
import os
import re
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from articles.models import Revision
from bench import story as stories
from bench.figures import Figure
from tests import make

TITLE = "Reading a story of ordinary size (wrk, 16 connections, 2 server processes; medians of 7 rounds)"
ROUNDS, SECONDS = 7, 2
SERVERS = {
    # As deploy/ starts it.
    "granian": "granian --interface wsgi --workers 2 --blocking-threads 1 --runtime-mode st --http 1 --no-ws "
    "--port {port}",
    "gunicorn": "gunicorn --workers 2 --bind 127.0.0.1:{port}",
}


@dataclass(frozen=True)
class Load:
    """What one load did: requests a second, latencies in ms, and processor time in ms a request."""

    rate: float
    p50: float
    p99: float
    processor: float


@dataclass(frozen=True)
class Server:
    """A running one."""

    address: str
    process: subprocess.Popen
    log: TextIO

    def processor_seconds(self) -> float:
        """Of it and the processes it began, living ones."""
        ticks = 0
        for pid in family(self.process.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()[-3000:]


def run() -> Iterator[Figure]:
    if not shutil.which("wrk"):
        raise SystemExit("This bench needs wrk: apt-get install wrk (and nginx-light, to stand beside it).")
    road = Revision.objects.get(article=stories.of_ordinary_size(make.editor())).article.get_absolute_url()
    collect_static_files()
    with contextlib.ExitStack() as stack:
        served = {}
        for server in SERVERS:
            begun = [
                # A page that is asked for with a query is not even held for a second.
                ("bare view", "bench.bare", "dummycache://", "/"),
                ("uncached", "newsroom.wsgi", "dummycache://", f"{road}?now"),
                ("cached", "newsroom.wsgi", "locmemcache://", road),
            ]
            for name, module, cache, path in begun:
                served[name, server] = stack.enter_context(serving(server, module, cache)), path
        loads = measure(served)
        page = fetch(*served["cached", "granian"])
    for (name, server), rounds in loads.items():
        yield from figures(f"{name} under {server}", rounds)
    yield from promises(loads)
    if shutil.which("nginx"):
        with serving_file(page) as address:
            yield from figures("the same bytes from nginx", measure({"nginx": (address, "/")})["nginx"])


def promises(loads: dict[tuple[str, str], list[Load]]) -> Iterator[Figure]:
    """
    In absolute figures, and beside the bare view of the same round: on the machine where the absolute ones were
    set, gunicorn answered 3,814 bare views a second at 0.40 ms.
    """
    uncached, cached = loads["uncached", "granian"], loads["cached", "granian"]
    bare, usual = loads["bare view", "granian"], loads["bare view", "gunicorn"]

    def beside(ours: list[Load], theirs: list[Load], what: str) -> float:
        pairs = zip(ours, theirs, strict=True)
        return statistics.median(getattr(a, what) / getattr(b, what) for a, b in pairs)

    yield Figure("story page, uncached", median(uncached, "rate"), "requests/s", 1500, is_at_most=False)
    yield Figure("story page, uncached, processor time", median(uncached, "processor"), "ms/request", 1.1)
    of_rate, of_time = beside(uncached, usual, "rate"), beside(uncached, usual, "processor")
    yield Figure(
        "story page, uncached, beside gunicorn's bare view", of_rate, "times", 1500 / 3814, is_at_most=False
    )
    yield Figure("the same, processor time", of_time, "times", 1.1 / 0.40)
    of_bare = beside(cached, bare, "rate")
    yield Figure("story page, cached, beside the bare view", of_bare, "times", 0.75, is_at_most=False)


def figures(name: str, loads: list[Load]) -> Iterator[Figure]:
    yield Figure(name, median(loads, "rate"), "requests/s")
    yield Figure(f"{name}, p50", median(loads, "p50"), "ms")
    yield Figure(f"{name}, p99", median(loads, "p99"), "ms")
    yield Figure(f"{name}, processor time", median(loads, "processor"), "ms/request")


def median(loads: list[Load], what: str) -> float:
    return statistics.median(getattr(load, what) for load in loads)


def collect_static_files() -> None:
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, env=environment("dummycache://"), check=True)


def environment(cache: str) -> dict[str, str]:
    """A production machine's, with the bench's database."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {
        **os.environ,
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_hex(32),
        "CONFIDENTIAL_KEY": secrets.token_hex(32),
        "SUPPRESSION_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "https://newsroom.example",
        "BEHIND_TLS_PROXY": "1",
        "CACHE_URL": cache,
        "DATABASE_URL": urlunsplit(database),
    }


@contextlib.contextmanager
def serving(server: str, module: str, cache: str) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", *SERVERS[server].format(port=port).split(), f"{module}:application"]
    with running(command, port, environment(cache)) as begun:
        yield begun


@contextlib.contextmanager
def serving_file(page: bytes) -> Iterator[Server]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "index.html").write_bytes(page)
        Path(folder).chmod(0o755)
        Path(folder, "nginx.conf").write_text(
            f"worker_processes 2; daemon off; pid {folder}/pid; error_log stderr crit; events {{}} http {{"
            f" access_log off; server {{ listen 127.0.0.1:{port}; root {folder}; default_type text/html; }} }}"
        )
        with running(["nginx", "-c", f"{folder}/nginx.conf"], port, dict(os.environ)) as server:
            yield server


@contextlib.contextmanager
def running(command: list[str], port: int, env: dict[str, str]) -> Iterator[Server]:
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)
            yield Server(f"http://127.0.0.1:{port}", process, log)
        finally:
            process.terminate()
            process.wait(20)


def measure(served: dict[Any, tuple[Server, str]]) -> dict[Any, list[Load]]:
    """Warm up, then let each be asked in turn, again and again: the machine is another from minute to minute."""
    for server, road in served.values():
        fetch(server, road)
        wrk(server.address + road, 1)
    loads = {name: [] for name in served}
    for _ in range(ROUNDS):
        for name, (server, road) in served.items():
            loads[name].append(one_round(server, road))
    return loads


def one_round(server: Server, road: str) -> Load:
    before = server.processor_seconds()
    answer = wrk(server.address + road, SECONDS)
    spent = server.processor_seconds() - before
    if "Non-2xx" in answer or "Socket errors" in answer:
        raise SystemExit(f"The server failed under load at {road}:\n{answer}\n{server.said()}")
    requests = int(re.search(r"(\d+) requests in", answer)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", answer)[1])
    return Load(rate, latency(answer, "50%"), latency(answer, "99%"), 1000 * spent / requests)


def latency(answer: str, percentile: str) -> float:
    number, unit = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", answer).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def wrk(url: str, seconds: int) -> str:
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "--latency", "-H", "X-Forwarded-Proto: https", url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def fetch(server: Server, road: str) -> bytes:
    request = urllib.request.Request(server.address + road, headers={"X-Forwarded-Proto": "https"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{road} answered {error.code}:\n{server.said()}") from error


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(descendant for child in children for descendant in family(int(child)))]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
