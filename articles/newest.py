"""The newest edition at an address: the query of every reader, not composed and planned for each of them."""

import functools
import json

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, JSONField, OuterRef, Value
from django.db.models.base import ModelState

from . import prepared
from .models import Article, Revision, Topic

_SLUG = "the-slug-that-is-asked-for"
# The columns that are read of each model, in its own order.
_UNREAD = ("changes", "private_note", "content_hash", "by_hash", "by", "by_name")
_EDITION = [field.attname for field in Revision._meta.concrete_fields if field.name not in _UNREAD]
_STORY = ["id", "topic_id", "slug"]
_TOPIC = ["id", "slug", "name"]


def newest_public(slug: str) -> Revision | None:
    """
    What `Revision.objects.public().with_address().at(slug).first()` gives, with what is untold in it, but not who
    published it, and of what moved only the ids.

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
    edition.untold = next(values)
    return edition


def _read(model, names, values):
    """What `from_db` gives, which asks every field of the model, read or not."""
    instance = model.__new__(model)
    instance._state = ModelState()
    instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS
    vars(instance).update(zip(names, values, strict=False))
    return instance


def _row(slug: str) -> tuple | None:
    """
    The first row. The query itself finds out whether the connection still lives, and is asked again on a new one;
    the health check would be a second trip to the database for every reader.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.health_check_done = True
    try:
        return _fetch(database, slug)
    except (OperationalError, InterfaceError):
        if database.in_atomic_block:
            raise
        database.close()
        return _fetch(database, slug)


def _fetch(database: BaseDatabaseWrapper, slug: str) -> tuple | None:
    with database.cursor() as cursor:
        prepared.execute(cursor, "newest_public", "text", _query(), [slug])
        return cursor.fetchone()


@functools.cache
def _query() -> str:
    """The SQL of the queryset, with $1 for the slug."""
    moved = Func(F("changes"), Value("$[*].id"), function="jsonb_path_query_array", output_field=JSONField())
    untold = ArraySubquery(Revision.objects.untold_of(OuterRef("article")))
    editions = Revision.objects.public().at(_SLUG).order_by().annotate(moved=moved, untold=untold)
    story = [f"article__{name}" for name in _STORY]
    topic = [f"article__topic__{name}" for name in _TOPIC]
    query = editions.values_list(*_EDITION, *story, *topic, "moved", "untold").query
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        return cursor.mogrify(*query.sql_with_params()).decode().replace(f"'{_SLUG}'", "$1")
