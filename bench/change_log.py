"""That the pages about a story's past cost the same after thousands of editions as after ten."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from django.db import connection
from django.test import Client, override_settings

from articles.changes import compare, to_plain
from articles.kinds import Kind
from articles.models import Article, Desk, Revision
from articles.snapshot import to_json
from bench import story as stories
from bench.figures import Figure
from tests import make

TITLE = "The past of a story of ordinary size, each page rendered anew (medians of 41)"
SIZES = [10, 1_000, 5_000]
ROUNDS = 41
PAGES = {
    "change log": "changes/",
    "change log, substance only": "changes/?only=substance",
    "what changed since edition 1": "since/1/{newest}/",
    "lead timeline": "leads/",
}
NOTHING_KEPT = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


@override_settings(CACHES=NOTHING_KEPT)
def run() -> Iterator[Figure]:
    by = make.editor()
    articles = {size: grow(stories.of_ordinary_size(by), size) for size in SIZES}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    for name, page in PAGES.items():
        roads = {size: articles[size].get_absolute_url() + page.format(newest=size) for size in SIZES}
        medians = measure(roads)
        yield from (Figure(f"{name} at {size:,} editions", medians[size], "ms") for size in SIZES)
        beside = max(medians.values()) / min(medians.values())
        yield Figure(f"{name}, slowest beside fastest of these", beside, "times", 2)


def measure(roads: dict[int, str]) -> dict[int, float]:
    """Medians in milliseconds; the pages take turns, so that a busy moment of the machine meets all of them."""
    reader = Client(headers={"host": "localhost"})
    spent = {size: [] for size in roads}
    for turn in range(1 + ROUNDS):
        for size, road in roads.items():
            start = time.perf_counter()
            answer = reader.get(road)
            if turn:
                spent[size].append(1000 * (time.perf_counter() - start))
            assert answer.status_code == 200, road
    return {size: statistics.median(found) for size, found in spent.items()}


def grow(article: Article, size: int) -> Article:
    """Editions until there are so many, each with a new lead and every fourth a typo, written straight as rows."""
    newest = article.revisions.get()
    editions = []
    while newest.number < size:
        newest = following(newest)
        editions.append(newest)
    Revision.objects.bulk_create(editions, batch_size=500)
    Desk.objects.filter(article=article).update(base_edition=newest.pk)
    return article


def following(edition: Revision) -> Revision:
    number, content = edition.number + 1, edition.content
    lead = f"Rome wants to build drones with Kyiv, the president said in statement {number}."
    moved = replace(content, story=replace(content.story, lead=lead))
    fields = {field.attname: getattr(edition, field.attname) for field in Revision._meta.concrete_fields}
    kind = Kind.TIGHTENED if number % 4 else Kind.TYPO
    changed = {
        "id": None,
        "number": number,
        "kind": kind,
        "note": "Tightened." if number % 4 else "",
        "lead": lead,
        "snapshot": to_json(moved),
        "changes": to_plain(compare(content, moved)),
        "published_at": edition.published_at + timedelta(minutes=1),
    }
    return Revision(**{**fields, **changed})
