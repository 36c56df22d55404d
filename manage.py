#!/usr/bin/env python
"""Django's command line; on a machine with no configuration at all it is a development machine."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

    from newsroom import embedded_postgres

    embedded_postgres.ensure()

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
