"""How many readers have each story open now: counted by the live processes, told to the desk."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from articles import live as live_module
from articles.models import OpenPages
from tests import make
from tests.streams import run, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story():
    return make.published("Italy weighs a drone deal", topic=make.topic("Ukraine"), slug="drone-deal")


def test_how_many_have_a_story_open_is_counted_for_the_desk(monkeypatch, story):
    monkeypatch.setattr(live_module, "COUNTS_EVERY", 0.01)

    async def count():
        process = live_module.Live(pages=None)
        process.stories[story.pk] = live_module.Story()
        process.stories[story.pk].learn(told(1))
        process.stories[story.pk].bells |= {asyncio.Event() for _ in range(3)}
        counting = asyncio.create_task(process.count())
        await asyncio.sleep(0.3)
        counting.cancel()

    run(count())

    assert story.open_pages.now().readers() == 3


def test_all_live_processes_count_together_and_one_that_is_gone_no_more(story):
    one, other = uuid.uuid4(), uuid.uuid4()
    OpenPages.objects.write(one, {story.pk: 3})
    OpenPages.objects.write(one, {story.pk: 5})
    OpenPages.objects.write(other, {story.pk: 7})
    assert story.open_pages.now().readers() == 12

    OpenPages.objects.filter(process=other).update(counted_at=timezone.now() - timedelta(seconds=31))
    assert story.open_pages.now().readers() == 5

    OpenPages.objects.write(one, {})
    assert not OpenPages.objects.exists()


def test_the_desk_is_told_how_many_are_reading(client_for, story):
    desk = client_for(make.editor())
    pages = ["/desk/", f"/desk/articles/article/{story.pk}/change/"]
    assert not [page for page in pages if "reading now" in desk.get(page).text]

    OpenPages.objects.write(uuid.uuid4(), {story.pk: 5})
    OpenPages.objects.write(uuid.uuid4(), {story.pk: 7})

    assert [page for page in pages if "12 reading now" in desk.get(page).text] == pages
