"""The web server and the worker on a development machine: started, started again when the code changes, ended."""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from django.core.management import CommandError

BASE_DIR = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# A little longer than the worker takes at most to finish or give up its job.
PATIENCE_IN_SECONDS = 11


class Processes:
    """
    They end when this process does. Should it be killed, the next start finds those it left behind: all of them
    inherit an open file, locked as long as one of them lives.
    """

    def __init__(self, port: int):
        self.port = port
        self.children: dict[str, subprocess.Popen] = {}
        self.lock_path = BASE_DIR / f"var/run-{port}.lock"

    def __enter__(self):
        self.lock_path.parent.mkdir(exist_ok=True)
        self.lock = self.lock_path.open("a+")
        self._take_lock()
        self._check_port()
        return self

    def __exit__(self, *_):
        self._set_owner("")  # What still lives is on its way out.
        self.stop()
        self.lock.close()

    def start(self) -> bool:
        """Starts web and worker and waits for the first page to be had; False if the web server ended at once."""
        # Pages and streams from one process: elsewhere a web server in front sends each to its own.
        granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", HOST, "--port", str(self.port)]
        tuning = ["--workers-kill-timeout", "2", "--log-level", "error"]
        self._spawn("web server", [*granian, *tuning, "newsroom.asgi:application"])
        self._spawn("worker", [sys.executable, "manage.py", "worker"])
        while self.children["web server"].poll() is None:
            with socket.socket() as client:
                if client.connect_ex((HOST, self.port)) == 0:
                    return True
            time.sleep(0.1)
        return False

    def stop(self) -> None:
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(PATIENCE_IN_SECONDS)
            child.kill()
            child.wait()
        self.children.clear()
        self._end_others()

    def watch(self, say) -> None:
        """Starts all again whenever the code has changed or one was killed; for ever."""
        code = code_times()
        while True:
            time.sleep(1)
            ended = {name: child.returncode for name, child in self.children.items() if child.poll() is not None}
            for name, status in ended.items():
                say(f"The {name} has ended, with status {status}.")
                del self.children[name]
            if code != (code := code_times()) or any(status < 0 for status in ended.values()):
                say("Starting again ...")
                self.stop()
                self.start()
            elif ended:
                say("It is started again when the code changes.")

    def others(self) -> set[int]:
        """The processes besides this one that share our lock, as Linux tells."""
        others = set()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # It has ended, or is another user's.
                if any(map(self._is_our_lock, (process / "fd").iterdir())):
                    others.add(int(process.name))
        return others - {os.getpid()}

    def _spawn(self, name, command):
        self.children[name] = subprocess.Popen(
            command,
            cwd=BASE_DIR,
            pass_fds=[self.lock.fileno()],
            preexec_fn=end_with_parent,
            process_group=0,  # Ctrl-C reaches us alone; we end them in order.
        )

    def _take_lock(self):
        if not within(3, self._has_lock):
            if self._owner() in self.others():
                raise CommandError(f"The newsroom runs already on port {self.port}. {another_port(self.port)}")
            self._end_others()
            if not self._has_lock():
                raise CommandError(f"Somebody else uses {self.lock_path}. {another_port(self.port)}")
        self._set_owner(str(os.getpid()))

    def _has_lock(self) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def _owner(self) -> int:
        self.lock.seek(0)
        return int(self.lock.read() or 0)

    def _set_owner(self, pid: str):
        self.lock.truncate(0)
        self.lock.write(pid)
        self.lock.flush()

    def _check_port(self):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.port))
            except (OSError, OverflowError) as error:
                raise CommandError(
                    f"Port {self.port} is taken ({error.args[-1]}). {another_port(self.port)}"
                ) from error

    def _end_others(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.others():
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            within(PATIENCE_IN_SECONDS, lambda: not self.others())

    def _is_our_lock(self, file: Path) -> bool:
        """Whether an open file of a process is the locked one; who waits for the lock has opened it anew."""
        with suppress(OSError):
            information = file.parent.with_name("fdinfo") / file.name
            return file.readlink() == self.lock_path and "FLOCK" in information.read_text()
        return False


def within(seconds: float, condition) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def another_port(port: int) -> str:
    return f"Stop what uses it, or choose another: make run PORT={port + 1}"


def code_times() -> dict[Path, int]:
    """When each file of code was last changed; templates count, Django reads them once."""
    times = {}
    for folder in ("articles", "newsletter", "newsroom", "templates"):
        for path in (BASE_DIR / folder).rglob("*"):
            if path.suffix in (".py", ".html"):
                with suppress(FileNotFoundError):
                    times[path] = path.stat().st_mtime_ns
    return times


def end_with_parent() -> None:
    """Has Linux end this process when its parent is gone, be it killed."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
