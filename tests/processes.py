"""Processes that tests start: the project's commands as somebody at a shell runs them."""

import os
import subprocess
import sys
import time

from django.conf import settings


def manage(database: str, *arguments, **options) -> subprocess.Popen:
    """`python manage.py ...` on the database with this address."""
    environment = {**os.environ, "DEBUG": "1", "DATABASE_URL": database, **options.pop("env", {})}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, text=True, **options)


def wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
