"""Addresses that changed lead on to where the page is now."""

import pytest

from articles import publishing
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return make.published(topic=make.topic("Ukraine"), slug="drone-deal")


ROADS = ["", "changes/", "revisions/1/"]


@pytest.mark.parametrize("road", ROADS)
def test_a_story_is_found_under_another_topic(reader, story, road):
    response = reader.get(f"/energy/drone-deal/{road}?utm_source=a&b=%C3%A9")

    assert response.status_code == 301
    assert response["Location"] == f"/ukraine/drone-deal/{road}?utm_source=a&b=%C3%A9"


@pytest.mark.parametrize("road", ROADS)
def test_a_story_is_found_at_an_address_it_had(reader, story, road):
    for slug in ("drones", "drones-for-rome"):
        story.slug = slug
        story.save()

    for slug in ("drone-deal", "drones"):
        response = reader.get(f"/ukraine/{slug}/{road}")
        assert (response.status_code, response["Location"]) == (301, f"/ukraine/drones-for-rome/{road}")


def test_a_topic_and_its_stories_are_found_at_an_address_it_had(reader, story):
    story.topic.slug = "kyiv"
    story.topic.save()

    for old, new in [
        ("/ukraine/?page=1", "/kyiv/?page=1"),
        ("/ukraine/feed/", "/kyiv/feed/"),
        ("/ukraine/drone-deal/", "/kyiv/drone-deal/"),
    ]:
        response = reader.get(old)
        assert (response.status_code, response["Location"]) == (301, new)


def test_a_draft_is_found_nowhere(reader):
    draft = make.story(topic=make.topic("Ukraine"), slug="secret-plan")
    draft.slug = "secret-plans"
    draft.save()

    for slug in ("secret-plan", "secret-plans"):
        assert reader.get(f"/ukraine/{slug}/").status_code == 404


@pytest.mark.parametrize("road", ROADS)
def test_a_withdrawn_story_is_gone_from_all_its_addresses(reader, story, road):
    story.slug = "drones"
    story.save()
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=1)

    for address in ("/ukraine/drones/", "/ukraine/drone-deal/", "/energy/drones/", "/energy/drone-deal/"):
        assert reader.get(address + road).status_code == 410


def test_a_moved_page_may_move_back(reader, story):
    """A browser that kept the redirect for good would be sent round in a circle."""
    assert "max-age=0" in reader.get("/energy/drone-deal/")["Cache-Control"]


def test_only_a_miss_costs_another_query(reader, story, django_assert_num_queries):
    with django_assert_num_queries(1):
        reader.get("/energy/drone-deal/")
    with django_assert_num_queries(2):
        reader.get("/ukraine/nothing-here/")
