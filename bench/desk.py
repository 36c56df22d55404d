"""How fast the desk answers about a very long story: its page, a save, and what follows the typing."""

import statistics
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from django.db import transaction
from django.test import Client
from reversion.models import Revision as KeptRevision
from reversion.models import Version

from articles.models import Article, Desk, SavedState
from bench import story as stories
from bench.figures import Figure
from newsroom import memory
from tests import make
from tests.articles.forms import Form, road

TITLE = "The desk with a story of 40 sections, 60 key points, 200 sources and 2,000 saved states (medians of 9)"
SAVED_STATES = 2_000


def run() -> Iterator[Figure]:
    by = make.editor()
    story = long_story(by)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(by)
    form = Form(client, road(story))
    memory.set_aside_what_is_loaded()  # As a serving process does.
    yield Figure("opening its page", median(lambda: client.get(road(story))), "ms", 600)
    yield Figure("its page", len(form.html) / 1024, "KB")
    yield Figure("what follows the typing", median(lambda: type_into(client, story, form)), "ms", 150)
    yield Figure("saving a changed lead", median(lambda: save(client, story)), "ms", 300)


def long_story(by) -> Article:
    story = make.published(
        "A very long story",
        by=by,
        key_points=[f"Point {n} of what is known so far." for n in range(60)],
        sections=[(f"Part {n}", stories.PARAGRAPH * 3) for n in range(40)],
        sources=[make.source(f"Agency {n}") for n in range(200)],
    )
    add_saved_states(story, by)
    return story


@transaction.atomic
def add_saved_states(story: Article, by) -> None:
    """As many saves more, each with all that one keeps."""
    desk = Desk.objects.get(article=story)
    kept = KeptRevision.objects.get(saved_state__article=story, saved_state__version=desk.version)
    versions = list(kept.version_set.all())
    revisions = KeptRevision.objects.bulk_create(
        KeptRevision(date_created=kept.date_created, user=by, comment="Changed lead") for _ in range(SAVED_STATES)
    )
    for revision in revisions:
        for version in versions:
            version.pk, version.revision = None, revision
        Version.objects.bulk_create(versions)
    SavedState.objects.bulk_create(
        SavedState(revision=revision, article=story, version=desk.version + place)
        for place, revision in enumerate(revisions, start=1)
    )
    desk.version += SAVED_STATES
    desk.save()


def type_into(client: Client, story: Article, form: Form) -> None:
    typed = urlencode({**form, "tab": "a", "lead": "Six died, the ministry says."}, doseq=True)
    answer = client.post(road(story, "rail"), typed, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200, answer.content[:500]


def save(client: Client, story: Article) -> float:
    """The milliseconds of sending a form; reading the page it came from does not count."""
    form = Form(client, road(story))
    start = time.perf_counter()
    answer = form.send(lead=f"The lead of {time.time()}.")
    spent = time.perf_counter() - start
    assert answer.status_code == 302, answer.content[:500]
    return 1000 * spent


def median(measured: Callable[[], float | None]) -> float:
    """In milliseconds: what `measured` says it took, or took."""

    def once() -> float:
        start = time.perf_counter()
        said = measured()
        return said if isinstance(said, float) else 1000 * (time.perf_counter() - start)

    once()
    return statistics.median(once() for _ in range(9))
