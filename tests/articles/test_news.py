"""The news of a story for who cannot hold a stream, and asks instead."""

import json

import pytest

from articles import news, publishing, withholding
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return make.published("Italy weighs a drone deal", topic=make.topic("Ukraine"), slug="drone-deal")


def test_who_cannot_hold_a_stream_may_ask_for_the_same(reader, story):
    make.edition(story, headline="Italy signs", note="They signed.")

    answer = reader.get("/ukraine/drone-deal/newest.json")

    assert answer.json() == json.loads(news.newest([story.pk])[story.pk].as_json())
    assert answer.json()["note"] == "They signed."
    assert answer["Cache-Control"] == "public, max-age=0, s-maxage=2"
    again = reader.get("/ukraine/drone-deal/newest.json", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_asking_after_a_new_edition_gives_another_answer(reader, story):
    before = reader.get("/ukraine/drone-deal/newest.json")
    make.edition(story, headline="Italy signs")

    after = reader.get("/ukraine/drone-deal/newest.json", headers={"If-None-Match": before["ETag"]})

    assert (after.status_code, after.json()["number"]) == (200, 2)


def test_asking_after_an_edition_was_withheld_gives_another_answer(reader, story):
    make.edition(story, headline="Italy signs")
    before = reader.get("/ukraine/drone-deal/newest.json")
    withholding.withhold(story, numbers=[1], category="law", by=make.user("chief"))

    after = reader.get("/ukraine/drone-deal/newest.json", headers={"If-None-Match": before["ETag"]})

    assert (after.status_code, after.json()["withheld"]) == (200, [1])


def test_who_asks_after_a_withdrawn_story_is_told_that_it_is_gone(reader, story):
    publishing.withdraw(story, by=make.user("chief"), base=1, note="It was staged.")

    assert reader.get("/ukraine/drone-deal/newest.json").status_code == 410


def test_where_there_is_no_live_process_a_browser_is_told_not_to_try_again(reader, story):
    """204 is the one answer after which an EventSource gives up without a word in the console."""
    assert reader.get(f"/live/{story.pk}/").status_code == 204
    assert reader.get(f"/live/{make.story().pk}/").status_code == 404
