"""The web process: pages for readers and the desk."""

import os

from django.core.wsgi import get_wsgi_application

from . import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

application = get_wsgi_application()
memory.set_aside_what_is_loaded()
