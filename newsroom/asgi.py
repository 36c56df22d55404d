"""
The live process: open pages are told of new editions.

It can serve every other road too, and does on a development machine; elsewhere those are left to the web process.
"""

import os

from asgiref.wsgi import WsgiToAsgi
from django.core.wsgi import get_wsgi_application

from . import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

web = get_wsgi_application()

from articles.live import Live  # noqa: E402 - the models can be imported only now


def closing(environ, start_response):
    """`web`, with its answers closed when they are sent, as WSGI wants it and the adapter forgets."""
    answer = web(environ, start_response)
    try:
        yield from answer
    finally:
        answer.close()


async def pages(scope, receive, send):
    async def say(message):  # The adapter warns about what is not a coroutine function, as Granian's is not.
        await send(message)

    await WsgiToAsgi(closing)(scope, receive, say)


application = Live(pages)
memory.set_aside_what_is_loaded()
