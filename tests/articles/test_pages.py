"""What a page depends on: readers who have it are told so, and it is rendered once."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string

from articles import frame, pages, publishing
from articles.views import lists
from articles.views import story as story_views
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def renderings(monkeypatch):
    """The names of the templates that are rendered."""
    rendered = []

    def render(name, *args):
        rendered.append(name)
        return render_to_string(name, *args)

    for module in (lists, story_views):
        monkeypatch.setattr(module, "render_to_string", render)
    return rendered


@pytest.fixture
def story():
    return make.published(topic=make.topic("Ukraine"), slug="drone-deal")


STORY = "/ukraine/drone-deal/"
ROADS = ["/", "/ukraine/", STORY, f"{STORY}changes/", f"{STORY}revisions/1/"]


@pytest.mark.parametrize("road", [*ROADS, "/feeds/", "/ukraine/feed/"])
def test_a_reader_who_has_the_page_is_told_so_until_it_moves(reader, story, road):
    first = reader.get(road)

    again = reader.get(road, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]

    make.edition(story, headline="Italy signs")
    moved = reader.get(road, headers={"If-None-Match": first["ETag"]})
    assert moved.status_code == 200
    assert moved.content != first.content


@pytest.mark.parametrize("road", ROADS)
def test_a_page_is_rendered_once_for_one_state(reader, story, renderings, road):
    etag = reader.get(road)["ETag"]
    reader.get(road)
    reader.get(f"{road}?utm_source=anywhere")
    reader.get(road, headers={"If-None-Match": etag})
    assert len(renderings) == 1

    make.edition(story, headline="Italy signs")
    reader.get(road)
    assert len(renderings) == 2


def test_readers_who_come_at_once_have_the_page_rendered_once(rf, monkeypatch):
    monkeypatch.setattr(pages, "WAITS_FOR", 60)
    renderings = []

    def render():
        renderings.append("one")
        time.sleep(0.1)
        return "The page."

    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(lambda _: pages.page(rf.get("/"), "edition", render).content, range(8)))

    assert answers == [b"The page."] * 8
    assert len(renderings) == 1


def test_nobody_waits_long_for_one_who_fails_to_render_a_page(rf):
    with pytest.raises(ZeroDivisionError):
        pages.page(rf.get("/"), "edition", lambda: 1 / 0)

    assert pages.page(rf.get("/"), "edition", lambda: "The page.").content == b"The page."


def test_the_cache_holds_a_thousand_pages(reader, story, renderings):
    reader.get(STORY)
    for number in range(1000):
        cache.set(f"page-{number}", b"Another page.")
    reader.get(STORY)

    assert len(renderings) == 1


def test_a_reader_who_has_the_page_costs_no_reading_of_the_story(reader, story, monkeypatch):
    etag = reader.get(STORY)["ETag"]
    monkeypatch.setattr("articles.snapshot.from_json", None)

    assert reader.get(STORY, headers={"If-None-Match": etag}).status_code == 304


def test_the_story_page_is_held_for_a_moment_and_asks_the_database_nothing(
    reader, story, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(pages, "HELD_FOR", 60)
    monkeypatch.setattr(pages, "_held", {})
    first = reader.get(STORY)
    make.edition(story, headline="Italy signs")

    with django_assert_num_queries(0):
        again = reader.get(STORY)
        known = reader.get(STORY, headers={"If-None-Match": first["ETag"]})

    assert (again.content, again.headers) == (first.content, first.headers)
    assert known.status_code == 304
    assert "Italy signs" in reader.get(f"{STORY}?now").text

    monkeypatch.setattr(pages, "HELD_FOR", 0)
    pages._held.clear()
    assert "Italy signs" in reader.get(STORY).text


def test_another_release_makes_other_pages(reader, story, renderings, monkeypatch):
    etag = reader.get(STORY)["ETag"]

    monkeypatch.setattr(frame, "version", lambda: "another")
    assert reader.get(STORY, headers={"If-None-Match": etag}).status_code == 200
    assert len(renderings) == 2


def test_the_frame_is_another_when_a_template_is(settings, tmp_path):
    settings.BASE_DIR, settings.DEBUG = tmp_path, True
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/base.html").write_text("one")
    before = frame.version()

    (tmp_path / "templates/base.html").write_text("two")

    assert frame.version() != before


@pytest.mark.parametrize("name", ["SITE_NAME", "SITE_URL", "TIME_ZONE", "LANGUAGE_CODE", "MEDIA_URL", "STATIC_URL"])
def test_the_frame_is_another_when_a_setting_is_that_pages_show(settings, tmp_path, name):
    settings.BASE_DIR, settings.DEBUG = tmp_path, True
    before = frame.version()

    another = {"TIME_ZONE": "Europe/Kyiv", "LANGUAGE_CODE": "uk"}.get(name, "https://another.example/")
    setattr(settings, name, another)

    assert frame.version() != before


@pytest.mark.parametrize("road", [*ROADS, "/feeds/", "/energy/drone-deal/"])
def test_no_shared_cache_keeps_a_page_for_more_than_a_minute(reader, story, road):
    rules = dict(re.findall(r"([a-z-]+)=(\d+)", reader.get(road)["Cache-Control"]))

    assert int(rules["max-age"]) == 0
    assert int(rules["s-maxage"]) + int(rules["stale-while-revalidate"]) <= 60
    assert int(rules["stale-if-error"]) <= 3600
    assert "immutable" not in pages.CACHE_CONTROL


def test_what_was_withdrawn_is_gone_from_the_cache_at_once(reader, story):
    etags = {road: reader.get(road)["ETag"] for road in ROADS}

    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=1)

    for road in ROADS:
        response = reader.get(road, headers={"If-None-Match": etags[road]})
        assert response.status_code == (410 if "drone-deal" in road else 200)
        assert "Italy weighs" not in response.text


def test_a_process_that_holds_a_withdrawn_story_answers_with_it_for_a_second_at_most(reader, story, monkeypatch):
    now = 1_000.0
    monkeypatch.setattr(pages, "HELD_FOR", 1)
    monkeypatch.setattr(pages, "_held", {})
    monkeypatch.setattr(pages.time, "monotonic", lambda: now)
    reader.get(STORY)
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=1)

    statuses = {}
    for after in (0, 0.99, 1):
        now = 1_000 + after
        statuses[after] = reader.get(STORY).status_code

    assert statuses == {0: 200, 0.99: 200, 1: 410}


@pytest.mark.parametrize("road", ["/nothing-here/", "/ukraine/nothing-here/"])
def test_that_there_is_no_page_is_not_kept(reader, story, road):
    assert "max-age" not in reader.get(road).get("Cache-Control", "")
