"""The page of a topic: its description, its stories, and the way to its feed."""

import re

import pytest

from articles import publishing
from articles.models import FormerAddress
from tests import make
from tests.words import words

from .test_front_page import headlines

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic():
    return make.topic("Energy", description="Grids, gas & prices.")


def test_it_shows_the_stories_of_the_topic_the_developing_first(reader, topic):
    settled = make.published("Settled", topic=topic)
    publishing.settle(settled, note="Done.", by=make.editor(), base=1)
    make.published("Old", topic=topic)
    make.published("New", topic=topic)
    make.published("Elsewhere")
    make.story("A draft", topic=topic)

    page = reader.get("/energy/")

    assert headlines(page) == ["[Developing]", "New", "Old", "[Settled]", "Settled"]
    assert "Grids, gas &amp; prices." in page.text
    assert 'href="/energy/feed/"' in page.text


def test_a_topic_of_drafts_alone_is_nobodys(reader, topic):
    make.story("A draft", topic=topic)
    FormerAddress.objects.create(slug="power", topic=topic)

    for road in ("/energy/", "/energy/feed/", "/power/"):
        assert reader.get(road).status_code == 404


def test_it_stays_when_its_last_story_is_withdrawn(reader, topic):
    publishing.withdraw(make.published("Staged", topic=topic), note="-", by=make.user("chief"), base=1)

    page = reader.get("/energy/").text

    assert "Nothing is published on this topic now." in page
    assert "Staged" not in page


def test_it_is_read_page_by_page(reader, topic, monkeypatch):
    monkeypatch.setattr("articles.views.lists.STORIES_ON_PAGE", 2)
    for name in ("One", "Two", "Three"):
        make.published(name, topic=topic)

    first, second = reader.get("/energy/"), reader.get("/energy/?page=2")

    assert headlines(first) == ["[Developing]", "Three", "Two"]
    assert '<a href="?page=2" rel="next">Older stories</a>' in first.text
    assert headlines(second) == ["[Developing]", "One"]
    assert '<a href="?page=1" rel="prev">Newer stories</a>' in second.text


@pytest.mark.parametrize("number", ["0", "-1", "2", "abc", "1.5", str(10**20), "%00", "٣", ""])
def test_there_is_no_odd_page(reader, topic, number):
    make.published(topic=topic)

    assert reader.get(f"/energy/?page={number}").status_code == 404


def test_another_name_or_description_makes_another_page(reader, topic):
    make.published(topic=topic)
    etag = reader.get("/energy/")["ETag"]
    topic.description = "Who pays for heat."
    topic.save()

    response = reader.get("/energy/", headers={"If-None-Match": etag})

    assert "Who pays for heat." in response.text


def test_the_other_topics_are_at_the_top_and_this_one_is_marked(reader, topic):
    make.published(topic=topic)
    etag = reader.get("/energy/")["ETag"]
    make.published(topic=make.topic("Ukraine"))
    make.topic("Empty")

    page = reader.get("/energy/", headers={"If-None-Match": etag}).text

    masthead = re.search('<header class="masthead".*?</header>', page, re.DOTALL)[0]
    assert words(masthead) == "The Newsroom Energy Ukraine"
    assert '<a href="/energy/" aria-current="page">' in masthead
    assert '<a href="/ukraine/"><bdi>Ukraine' in masthead


def test_the_queries_do_not_grow_with_the_stories(reader, topic, django_assert_num_queries):
    """The topic, how many stories it has, a page of them, all topics; when it is rendered, languages."""
    for name in "ABCDEF":
        make.published(name, topic=topic)

    with django_assert_num_queries(5):
        reader.get("/energy/")
    with django_assert_num_queries(4):
        reader.get("/energy/")
