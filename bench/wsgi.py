"""The site as the bench serves it: with one road more, a view that does nothing."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

from django.conf import settings

settings.ROOT_URLCONF = "bench.urls"

from newsroom.wsgi import application  # noqa: E402

__all__ = ["application"]
