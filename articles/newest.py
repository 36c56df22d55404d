"""The newest edition at an address: the query of every reader, not composed and planned for each of them."""

import functools
import json
from weakref import WeakSet

from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, Func, JSONField, Value

from .models import Article, Revision, Topic

_SLUG = "the-slug-that-is-asked-for"
# The columns that are read of each model, in its own order.
_EDITION = [
    field.attname for field in Revision._meta.concrete_fields if field.name not in ("changes", "private_note")
]
_STORY = ["id", "topic_id", "slug"]
_TOPIC = ["id", "slug", "name"]

# The database's connections that know the query by its name.
_prepared = WeakSet()


def newest_public(slug: str) -> Revision | None:
    """
    What `Revision.objects.public().with_address().at(slug).first()` gives; of what moved, only the ids.

    Django takes ten times longer to compose that query than PostgreSQL to answer it, and PostgreSQL longer to plan
    it, so it is composed once for a process and planned once for a connection.
    """
    row = _row(slug)
    if row is None:
        return None
    values = iter(row)
    edition = _read(Revision, _EDITION, values)
    edition.article = _read(Article, _STORY, values)
    edition.article.topic = _read(Topic, _TOPIC, values)
    edition.moved_ids = set(json.loads(next(values)))
    return edition


def _read(model, names, values):
    return model.from_db(connection.alias, names, [next(values) for _ in names])


def _row(slug: str) -> tuple | None:
    """
    The first row. The query itself finds out whether the connection still lives, and is asked again on a new one;
    the health check would be a second trip to the database for every reader.
    """
    connection.health_check_done = True
    try:
        return _fetch(slug)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return _fetch(slug)


def _fetch(slug: str) -> tuple | None:
    with connection.cursor() as cursor:
        if connection.connection not in _prepared:
            cursor.execute(f"PREPARE newest_public (text) AS {_query()}")
            _prepared.add(connection.connection)
        cursor.execute("EXECUTE newest_public (%s)", [slug])
        return cursor.fetchone()


@functools.cache
def _query() -> str:
    """The SQL of the queryset, with $1 for the slug."""
    moved = Func(F("changes"), Value("$[*].id"), function="jsonb_path_query_array", output_field=JSONField())
    editions = Revision.objects.public().at(_SLUG).order_by().annotate(moved=moved)
    story = [f"article__{name}" for name in _STORY]
    topic = [f"article__topic__{name}" for name in _TOPIC]
    query = editions.values_list(*_EDITION, *story, *topic, "moved").query
    with connection.cursor() as cursor:
        return cursor.mogrify(*query.sql_with_params()).decode().replace(f"'{_SLUG}'", "$1")
