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
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from articles.models import Revision
from bench import story as stories
from bench.figures import Figure
from tests import make

TITLE = "Reading a story of ordinary size (wrk, 16 connections, 2 server processes; medians of 3 rounds)"
ROUNDS, SECONDS = 3, 4
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


def run() -> Iterator[Figure]:
    if not shutil.which("wrk"):
        raise SystemExit("This bench needs wrk: apt-get install wrk (and nginx-light, to stand beside it).")
    road = Revision.objects.get(article=stories.of_ordinary_size(make.editor())).article.get_absolute_url()
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
        env=environment("dummycache://"),
        check=True,
    )
    found = {}
    for server in SERVERS:
        with serving(server, "bench.bare") as address:
            found[server, "bare view"] = measure(address, "/")
        with serving(server, "newsroom.wsgi", "dummycache://") as address:
            # A page that is asked for with a query is not even held for a second.
            found[server, "uncached"] = measure(address, f"{road}?now")
        with serving(server, "newsroom.wsgi", "locmemcache://") as address:
            found[server, "cached"] = measure(address, road)
            page = fetch(address, road)
    for (server, name), load in found.items():
        yield from figures(f"{name} under {server}", load)
    yield from promises(found)
    yield Figure("the page, uncompressed", len(page) / 1024, "KB")
    if shutil.which("nginx"):
        with serving_file(page) as address:
            yield from figures("the same bytes from nginx", measure(address, "/"))


def promises(found: dict) -> Iterator[Figure]:
    """
    In absolute figures, and beside the bare view of the same run: on the machine where the absolute ones were set,
    gunicorn answered 3,814 bare views a second at 0.40 ms.
    """
    uncached, cached, bare = (found["granian", name] for name in ("uncached", "cached", "bare view"))
    usual = found["gunicorn", "bare view"]
    yield Figure("story page, uncached", uncached.rate, "requests/s", 1500, is_at_most=False)
    yield Figure("story page, uncached, processor time", uncached.processor, "ms/request", 1.1)
    of_rate, of_time = uncached.rate / usual.rate, uncached.processor / usual.processor
    yield Figure(
        "story page, uncached, beside gunicorn's bare view", of_rate, "times", 1500 / 3814, is_at_most=False
    )
    yield Figure("the same, processor time", of_time, "times", 1.1 / 0.40)
    of_bare = cached.rate / bare.rate
    yield Figure("story page, cached, beside the bare view", of_bare, "times", 0.75, is_at_most=False)


def figures(name: str, load: Load) -> Iterator[Figure]:
    yield Figure(name, load.rate, "requests/s")
    yield Figure(f"{name}, p50", load.p50, "ms")
    yield Figure(f"{name}, p99", load.p99, "ms")
    yield Figure(f"{name}, processor time", load.processor, "ms/request")


def environment(cache: str) -> dict[str, str]:
    """A production machine's, with the bench's database."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {
        **os.environ,
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_hex(32),
        "CONFIDENTIAL_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "https://newsroom.example",
        "BEHIND_TLS_PROXY": "1",
        "CACHE_URL": cache,
        "DATABASE_URL": urlunsplit(database),
    }


@contextlib.contextmanager
def serving(server: str, module: str, cache: str = "dummycache://") -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", *SERVERS[server].format(port=port).split(), f"{module}:application"]
    with running(command, port, environment(cache)):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def serving_file(page: bytes) -> Iterator[str]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "index.html").write_bytes(page)
        Path(folder).chmod(0o755)
        Path(folder, "nginx.conf").write_text(
            f"worker_processes 2; daemon off; pid {folder}/pid; error_log stderr crit; events {{}} http {{"
            f" access_log off; server {{ listen 127.0.0.1:{port}; root {folder}; default_type text/html; }} }}"
        )
        with running(["nginx", "-c", f"{folder}/nginx.conf"], port, dict(os.environ)):
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def running(command: list[str], port: int, env: dict[str, str]) -> Iterator[None]:
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        running.process, running.log = process, log
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(20)


def measure(address: str, road: str) -> Load:
    """Warm up, then the medians of a few rounds of load."""
    fetch(address, road)
    wrk(address + road, 1)
    loads = [one_round(address + road) for _ in range(ROUNDS)]
    return Load(*(statistics.median(getattr(load, name) for load in loads) for name in Load.__annotations__))


def one_round(url: str) -> Load:
    before = processor_seconds()
    answer = wrk(url, SECONDS)
    spent = processor_seconds() - before
    if "Non-2xx" in answer or "Socket errors" in answer:
        raise SystemExit(f"The server failed under load at {url}:\n{answer}\n{what_the_server_said()}")
    requests = int(re.search(r"(\d+) requests in", answer)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", answer)[1])
    return Load(rate, latency(answer, "50%"), latency(answer, "99%"), 1000 * spent / requests)


def what_the_server_said() -> str:
    running.log.seek(0)
    return running.log.read()[-3000:]


def latency(answer: str, percentile: str) -> float:
    number, unit = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", answer).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def wrk(url: str, seconds: int) -> str:
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "--latency", "-H", "X-Forwarded-Proto: https", url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def fetch(address: str, road: str) -> bytes:
    request = urllib.request.Request(address + road, headers={"X-Forwarded-Proto": "https"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{address}{road} answered {error.code}:\n{what_the_server_said()}") from error


def processor_seconds() -> float:
    """Of the running server and the processes it began, living ones."""
    ticks = 0
    for pid in family(running.process.pid):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(descendant for child in children for descendant in family(int(child)))]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
