"""Queries that are asked so often that the database plans them once for a connection."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from django.db.backends.utils import CursorWrapper

# The database's connections, and the queries that each of them knows by name.
_known = WeakKeyDictionary()


def execute(cursor: CursorWrapper, name: str, types: str, query: str, values: Sequence) -> None:
    """
    Execute a query with $1, $2 ... in it, whose values are of these types of PostgreSQL: `"bigint, text"`.

    The connection must be PostgreSQL's own or a pooler's in session mode.
    """
    names = _known.setdefault(cursor.db.connection, set())
    if name not in names:
        cursor.execute(f"PREPARE {name} ({types}) AS {query}")
        names.add(name)
    cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(values))})", values)
