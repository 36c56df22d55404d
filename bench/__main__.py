"""`make bench`: measures everything we promise about speed, in one run, and exits 1 if a promise is broken."""

import os
import platform
import sys
from importlib import import_module
from pathlib import Path

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

from newsroom import embedded_postgres

BENCHES = [
    "wording",
    "photos",
    "publishing",
    "change_log",
    "desk",
    "history",
    "reading",
    "live",
    "letters",
    "sending",
    "while_sending",
]


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.processor())
    return f"{os.cpu_count()} cores of {cpu}, {platform.system()}, Python {platform.python_version()}"


def main(names: list[str]) -> int:
    embedded_postgres.ensure()
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    # Measured is what a production machine does.
    settings.DEBUG = False
    print(machine())
    databases = setup_databases(verbosity=0, interactive=False, keepdb=False)
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        print(f"PostgreSQL {cursor.fetchone()[0]}")
    try:
        return sum(_run(name) for name in names or BENCHES) and 1
    finally:
        teardown_databases(databases, verbosity=0)


def _run(name: str) -> int:
    """Run one bench; the number of its broken promises."""
    bench = import_module(f"bench.{name}")
    print(f"\n{bench.TITLE}")
    broken = 0
    for figure in bench.run():
        print(f"  {figure}", flush=True)
        broken += not figure.is_kept
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
