#!/usr/bin/env python
"""Django's command line; on a machine with no configuration at all it is a development machine."""

import os
import sys
from pathlib import Path

import environ

CHECKOUT = Path(__file__).resolve().parent


def main():
    environ.Env.read_env(CHECKOUT / ".env")
    if not {"DEBUG", "SECRET_KEY", "DATABASE_URL"} & os.environ.keys():
        os.environ["DEBUG"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from newsroom import embedded_postgres

    try:
        embedded_postgres.ensure()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{error} The settings are listed in .env.example.")
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None):
            raise  # It answered, so this is no question of the address.
        reason = str(error).splitlines()[0]
        sys.exit(f"The database of DATABASE_URL cannot be reached; start it or correct the address. {reason}")
    except PermissionError as error:
        sys.exit(
            f"{error.filename} belongs to another user. Use a checkout of your own, "
            f"or take this one over: sudo chown -R $(id -u) '{CHECKOUT}'"
        )


if __name__ == "__main__":
    main()
