"""Asking for a newsletter or to follow a story, without a script and without a cookie."""

import time
from unittest.mock import patch

import pytest

from articles import publishing
from newsletter import form_tokens, signing_up
from newsletter.models import (
    Newsletter,
    SpentToken,
    Subscriber,
    Subscription,
)
from tests import make
from tests.articles.forms import Form

from .sign_up_form import ANSWER, FOLLOW, ROAD, VIRA, mails, ripe, send, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]


def test_without_script_one_step_more_signs_up(reader, letter, story):
    box = Form(reader, "/ukraine/drone-deal/")
    step = box.send(address=VIRA)
    assert step.status_code == 200 and "That keeps spam robots out." in step.text
    assert step["Cache-Control"] == "no-store"
    form = Form(reader, ROAD, step)
    assert form["address"] == [VIRA] and form["page"] == ["/ukraine/drone-deal/"]

    with patch("newsletter.form_tokens.time.time", return_value=time.time() + 3):
        answer = form.send(cadence="weekly")

    assert (answer.status_code, answer["Location"]) == (303, ANSWER)
    assert "Check your mail" in reader.get(ANSWER).text
    subscription = Subscription.objects.get()
    assert (subscription.subscriber.address, subscription.newsletter) == (VIRA, letter)
    assert subscription.is_pending and subscription.cadence == "weekly"
    assert len(mails()) == 1


def test_a_token_can_be_fetched_by_everybody_and_is_kept_by_no_cache(reader):
    answer = reader.get("/newsletters/form-token/")

    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.text != reader.get("/newsletters/form-token/").text
    assert not SpentToken.objects.exists() and not answer.cookies
    with patch("newsletter.form_tokens.time.time", return_value=time.time() + 3):
        assert send(reader, token=answer.text).status_code == 404  # There is no such letter.
        form_tokens.spend(answer.text)


@pytest.mark.parametrize("token", ["", "x", "young", "old", "spent"])
def test_without_a_good_token_the_page_comes_back_with_all_that_was_typed(reader, letter, token):
    spent = ripe()
    form_tokens.spend(spent)
    given = {"young": form_tokens.issue(), "old": form_tokens.issue(at=time.time() - 4000), "spent": spent}

    answer = send(reader, token=given.get(token, token), cadence="weekly", page="/ukraine/")

    assert answer.status_code == 200 and "please press “Sign up” again" in words_of(answer.text)
    form = Form(reader, ROAD, answer)
    assert (form["address"], form["cadence"], form["page"]) == ([VIRA], ["weekly"], ["/ukraine/"])
    assert not Subscriber.objects.exists()
    with patch("newsletter.form_tokens.time.time", return_value=time.time() + 3):
        assert form.send().status_code == 303


def test_a_machine_that_fills_in_every_field_is_answered_and_not_listened_to(reader, letter):
    answer = send(reader, website="https://spam.example")

    assert (answer.status_code, answer["Location"]) == (303, ANSWER)
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_a_form_on_another_site_signs_nobody_up(reader, letter, headers):
    assert send(reader, headers=headers).status_code == 403
    assert not Subscriber.objects.exists()


def test_what_nobody_may_sign_up_for_is_no_page(reader, letter, story):
    draft = make.story(topic=story.topic, slug="secret")
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=1)
    Newsletter.objects.update(is_open=False)

    for road in (ROAD, f"/newsletters/follow/{draft.slug}/", "/newsletters/nothing/"):
        assert [reader.get(road).status_code, send(reader, road).status_code] == [404, 404]
    assert [reader.get(FOLLOW).status_code, send(reader, FOLLOW).status_code] == [410, 410]
    for subject in ({"newsletter": Newsletter.objects.get()}, {"article": story}, {"article": draft}):
        with pytest.raises(signing_up.NotOffered):
            signing_up.ask(VIRA, **subject, language="en", page="/")
    assert not Subscriber.objects.exists()


def test_a_story_is_followed_under_its_newest_headline(reader, story):
    make.edition(story, headline="Italy signs a deal")
    assert "Italy signs a deal" in reader.get(FOLLOW).text

    assert send(reader, FOLLOW).status_code == 303

    subscription = Subscription.objects.get()
    assert (subscription.article, subscription.newsletter, subscription.cadence) == (story, None, "each")
    assert subscription.subscriber.language == "en-gb"


def test_a_former_address_of_a_story_follows_it_too(reader, story):
    story.slug = "drones"
    story.save()

    assert 'action="/newsletters/follow/drones/"' in reader.get(FOLLOW).text
    assert send(reader, FOLLOW).status_code == 303
    assert Subscription.objects.get().article == story
