"""An edition as it stood: what readers were given then, and what has become of it."""

import re

import pytest

from articles import publishing
from articles.kinds import Kind
from tests import make
from tests.words import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    story = make.published("Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal")
    make.edition(story, headline="Italy signs a deal", note="Rome signed at noon.")
    make.edition(story, kind=Kind.TYPO, headline="Italy signs the deal")
    return story


def bar(response) -> str:
    return words(re.search(r'<aside class="edition-bar".*?</aside>', response.text, re.DOTALL)[0])


def test_it_is_shown_as_it_stood(reader, story):
    first, newest = reader.get("/ukraine/drone-deal/revisions/1/"), reader.get("/ukraine/drone-deal/revisions/3/")

    assert "Italy weighs a deal" in first.text
    assert "Italy signs" not in first.text
    assert "Italy signs the deal" in newest.text


def test_it_says_when_it_was_replaced_and_by_what(reader, story):
    response = reader.get("/ukraine/drone-deal/revisions/1/")

    first, second = story.revisions.order_by("number")[:2]
    times = [f"{time.day} {time:%B %Y, %H:%M} UTC" for time in (first.published_at, second.published_at)]
    assert bar(response) == (
        f"Edition 1, as it stood from {times[0]} until {times[1]}, when edition 2 replaced it (new development): "
        "Rome signed at noon. What changed since edition 1 Read the newest edition, number 3"
    )
    assert 'href="/ukraine/drone-deal/revisions/2/"' in response.text
    assert '<a href="/ukraine/drone-deal/since/1/">What changed since edition 1</a>' in response.text
    assert '<a href="/ukraine/drone-deal/">Read the newest edition' in response.text


def test_the_newest_says_that_it_is(reader, story):
    assert "Edition 3 is the newest." in bar(reader.get("/ukraine/drone-deal/revisions/3/"))

    make.edition(story, headline="Italy ratifies")

    assert "Edition 3, as it stood" in bar(reader.get("/ukraine/drone-deal/revisions/3/"))


def correct(story, *, base, kind=Kind.CORRECTION, **box):
    box = publishing.Box(**{"wrong": "It was Rome.", "right": "It was Oslo.", "first_wrong": 1, **box})
    publishing.publish(story, kind=kind, by=make.editor(), base=base, note="The city.", box=box, reason="A test.")


def test_what_was_corrected_later_is_said_on_the_editions_that_had_it_wrong_alone(reader, story):
    correct(story, base=3, first_wrong=2, last_wrong=3)
    make.edition(story, headline="Italy ratifies")

    pages = [reader.get(f"/ukraine/drone-deal/revisions/{number}/") for number in range(1, 6)]

    said = ["Corrected in edition 4: It was Oslo." in bar(page) for page in pages]
    assert said == [False, True, True, False, False]
    assert '<a href="/ukraine/drone-deal/revisions/4/">4</a>:' in pages[1].text


def test_a_clarification_is_not_called_a_correction(reader, story):
    correct(story, base=3, last_wrong=3, kind=Kind.CLARIFICATION)

    assert "Clarified in edition 4: It was Oslo." in bar(reader.get("/ukraine/drone-deal/revisions/1/"))


def test_of_corrections_that_supersede_each_other_the_last_one_is_said(reader, story):
    correct(story, base=3, last_wrong=1)
    correct(story, base=4, first_wrong=4, last_wrong=4, right="It was Bergen.", supersedes=story.corrections.get())

    first = bar(reader.get("/ukraine/drone-deal/revisions/1/"))

    assert "Corrected in edition 5: It was Bergen." in first
    assert "Oslo" not in first
    assert "Corrected" not in bar(reader.get("/ukraine/drone-deal/revisions/2/"))


def test_search_engines_are_sent_to_the_story(reader, story, settings):
    settings.SITE_URL = "https://news.example"

    response = reader.get("/ukraine/drone-deal/revisions/1/")

    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.text
    assert '<link rel="canonical" href="https://news.example/ukraine/drone-deal/">' in response.text
    assert "Share" not in response.text


def test_a_note_is_not_shown_for_a_kind_that_has_none(reader, story):
    assert "replaced it (typo) What changed since" in bar(reader.get("/ukraine/drone-deal/revisions/2/"))


def test_the_editions_of_a_draft_are_nobodys(reader):
    make.story(topic=make.topic("Ukraine"), slug="draft")

    assert reader.get("/ukraine/draft/revisions/1/").status_code == 404


def test_a_reader_who_has_it_is_asked_again_when_a_newer_one_comes(reader, story):
    etag = reader.get("/ukraine/drone-deal/revisions/1/")["ETag"]
    publishing.reconfirm(story, by=make.editor(), base=3)

    response = reader.get("/ukraine/drone-deal/revisions/1/", headers={"If-None-Match": etag})

    assert "number 4" in bar(response)


def test_it_costs_three_queries(reader, story, django_assert_num_queries):
    """The newest edition, this one, and the one that followed it."""
    with django_assert_num_queries(3):
        reader.get("/ukraine/drone-deal/revisions/1/")
