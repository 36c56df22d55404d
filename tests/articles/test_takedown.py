"""A story taken down is gone from all its roads at once; editions of the same second keep their order."""

import re

import pytest

from articles import publishing, withholding
from articles.kinds import Kind
from tests import make, roads

pytestmark = pytest.mark.django_db

WORDS = "zorilla"


@pytest.fixture
def story():
    story = make.published(
        f"A {WORDS} is seen", topic=make.topic("Ukraine"), slug="first-address", photo=make.photo()
    )
    story.slug = "second-address"
    story.save()
    box = publishing.Box(f"A {WORDS} swam.", f"A {WORDS} ran.", 1, 1)
    make.edition(story, lead=f"The {WORDS} is known.")
    said = {"by": make.editor(), "base": 2, "note": "It ran.", "reason": "A test."}
    publishing.publish(story, kind=Kind.CORRECTION, box=box, **said)
    return story


def withdraw(story):
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=3)


def withhold(story):
    withholding.withhold(story, numbers=None, category="law", by=make.user("chief"))


def about_the_story(story) -> list[str]:
    """Its pages, and the files of its photo."""
    found = [road for road in roads.public_roads() if {"topic", "slug"} <= set(road.blanks)]
    assert len(found) > 8
    media = [road for road in roads.public_roads() if road.template.startswith("/media/")]
    return [address for road in [*found, *media] for address in roads.addresses(road, story)]


@pytest.mark.parametrize("take_down", [withdraw, withhold])
def test_it_is_gone_from_every_road_in_every_way_one_can_ask(reader, story, take_down):
    pages = about_the_story(story)
    for address in pages:
        reader.get(address)

    take_down(story)

    for address in pages:
        for asked in (
            address,
            f"{address}?utm_source=mail",
            f"{address}?page=2&before=2&after=1&part&only=substance&q={WORDS}",
            address.replace("second-address", "first-address"),
            address.replace("/ukraine/", "/elsewhere/"),
        ):
            response = reader.get(asked)
            assert response.status_code == 410, asked
            assert WORDS not in response.text
            assert "max-age=0" in response["Cache-Control"]
            assert reader.head(asked).status_code == 410, asked
        if address.endswith("/"):
            bare = reader.get(address.removesuffix("/"), follow=True)
            assert bare.status_code == 410


@pytest.mark.parametrize("take_down", [withdraw, withhold])
def test_nobody_can_begin_to_follow_it_or_hear_of_it(reader, story, take_down):
    roads = ["/newsletters/follow/second-address/", f"/live/{story.pk}/"]
    assert [reader.get(road).status_code for road in roads] == [200, 204]

    take_down(story)

    assert [reader.get(road).status_code for road in roads] == [410, 410]


@pytest.mark.parametrize("take_down", [withdraw, withhold])
def test_no_list_and_no_feed_says_a_word_of_it_any_more(reader, story, take_down):
    make.published("Another story", topic=story.topic)
    lists = [road.filled(slug="ukraine") for road in roads.public_roads() if set(road.blanks) <= {"slug"}]
    before = {address: reader.get(address).text for address in lists}
    assert sum(WORDS in page for page in before.values()) > 3

    take_down(story)

    assert [address for address in lists if WORDS in reader.get(address).text] == []


def test_two_editions_of_the_same_moment_stand_in_the_order_of_their_numbers(
    reader, story, monkeypatch, client_for
):
    moment = publishing.clock()
    monkeypatch.setattr(publishing, "clock", lambda: moment)
    for number in range(4, 9):
        make.edition(story, headline=f"Headline {number}", note=f"Note {number}.")

    log = reader.get("/ukraine/second-address/changes/").text
    feed = reader.get("/ukraine/feed/").text
    history = reader.get("/ukraine/second-address/history.json").json()["editions"]
    front = reader.get("/").text

    assert re.findall(r'id="edition-(\d)"', log) == list("87654321")
    assert re.findall(r"<summary[^>]*>.*?Note (\d)", feed, re.DOTALL) == list("87654")
    assert [row["record"]["number"] for row in history] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {row["record"]["published_at"] for row in history[3:]} == {history[3]["record"]["published_at"]}
    assert "Note 8." in front
    desk = client_for(make.editor()).get(
        f"/desk/articles/article/{story.pk}/history/compare/?from=edition-6&to=edition-5"
    )
    assert "From edition 5 to edition 6" in desk.text
