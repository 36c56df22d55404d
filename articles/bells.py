"""The bells of publishing: PostgreSQL rings one for every edition, and whoever listens looks again."""

import asyncio
import json
from collections.abc import AsyncIterator

import psycopg2
from django.db import connections

# So that a database that vanished without a word is missed within a minute.
KEEPALIVES = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}


async def rings() -> AsyncIterator[int | None]:
    """
    The key of each story that rings, and None whenever any may have rung unheard, as at the beginning.

    It holds one connection for listening, and raises `psycopg2.Error` when that is lost.
    """
    connection = await asyncio.to_thread(_listening)
    loop, heard, descriptor = asyncio.get_running_loop(), asyncio.Event(), connection.fileno()
    loop.add_reader(descriptor, heard.set)
    try:
        yield None
        while True:
            await heard.wait()
            heard.clear()
            connection.poll()
            while connection.notifies:
                yield _story(connection.notifies.pop(0).payload)
    finally:
        loop.remove_reader(descriptor)
        connection.close()


def _listening():
    parameters = connections["default"].get_connection_params()
    connection = psycopg2.connect(**{**KEEPALIVES, **parameters})
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("LISTEN editions")
    return connection


def _story(payload: str) -> int | None:
    """
    >>> _story('{"article": 7, "number": 2}'), _story("?")
    (7, None)
    """
    try:
        return int(json.loads(payload)["article"])
    except (ValueError, KeyError, TypeError):
        return None
