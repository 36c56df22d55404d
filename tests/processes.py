"""Processes that tests start: the project's commands as somebody at a shell runs them."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def manage(database: str, *arguments, **options) -> subprocess.Popen:
    """`python manage.py ...` on the database with this address."""
    environment = {**os.environ, "DEBUG": "1", "DATABASE_URL": database, **options.pop("env", {})}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(command, cwd=BASE_DIR, env=environment, text=True, **options)


@contextmanager
def live(database: str, *, port: int | None = None, **settings):
    """The live process on the database with this address, which serves all the pages too: its own address."""
    port = port or free_port()
    server = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--log-level", "error"]
    tuning = ["--workers-kill-timeout", "1", "newsroom.asgi:application"]
    environment = {**os.environ, "DEBUG": "1", "DATABASE_URL": database, **settings}
    with subprocess.Popen([*server, *tuning], cwd=BASE_DIR, env=environment) as process:
        try:
            wait_for(lambda: is_open(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
