"""Two editors with one story open: each is told of the other, and who has gone is taken over from."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from articles.models import Desk
from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return make.published("Italy weighs a drone deal", by=make.user("editor", username="first"))


def desk_of(username, full_name=""):
    client = Client()
    user = make.user("editor", username=username)
    user.first_name = full_name
    user.save()
    client.force_login(user)
    return client


@pytest.fixture
def anna():
    return desk_of("anna", "Anna")


@pytest.fixture
def ben():
    return desk_of("ben", "Ben")


def told(client, story) -> str:
    return client.post(road(story, "presence")).text.strip()


def silence(story, seconds):
    Desk.objects.filter(article=story).update(editing_seen_at=F("editing_seen_at") - timedelta(seconds=seconds))


def test_who_is_alone_is_told_nothing(anna, story):
    assert told(anna, story) == told(anna, story) == ""


def test_the_second_is_told_who_was_first(anna, ben, story):
    told(anna, story)

    assert "<b>Anna</b> has this story open" in told(ben, story)
    assert told(anna, story) == ""


def test_one_is_not_taken_over_from_within_a_minute(anna, ben, story):
    told(anna, story)
    silence(story, 55)

    assert "<b>Anna</b> has this story open" in told(ben, story)


def test_who_is_silent_for_a_minute_is_taken_over_from_and_told_when_back(anna, ben, story):
    told(anna, story)
    silence(story, 61)

    assert "taken over from <b>Anna</b>" in told(ben, story)
    assert told(ben, story) == ""
    assert "<b>Ben</b> has this story open" in told(anna, story)


def test_what_the_first_then_saves_meets_a_conflict_and_no_word_is_lost(anna, ben, story):
    late = Form(anna, road(story))
    told(anna, story)
    silence(story, 61)
    told(ben, story)
    Form(ben, road(story)).send(lead="Six signed.")

    answer = late.send(lead="Rome waits.")

    assert answer.status_code == 409
    assert all(word in answer.text for word in ("Six", "signed", "Rome", "waits"))
    story.refresh_from_db()
    assert story.lead == "Six signed."


def test_looking_at_the_page_alone_claims_nothing(anna, ben, story):
    anna.get(road(story))

    assert told(ben, story) == ""
