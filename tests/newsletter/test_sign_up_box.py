"""Where readers are offered a newsletter, or to follow a story."""

import re

import pytest

from newsletter import offers
from newsletter.models import (
    Newsletter,
)
from tests import make

from .sign_up_form import ANSWER, FOLLOW, ROAD, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]


def test_story_topic_and_front_page_offer_the_letter(reader, letter, story):
    site = make.newsletter("The day in one mail", slug="the-day")
    pages = {
        "/ukraine/drone-deal/": (letter, "/ukraine/drone-deal/"),
        "/ukraine/": (letter, "/ukraine/"),
        "/": (site, "/"),
    }

    for road, (offered, here) in pages.items():
        page = reader.get(road).text
        assert f'action="/newsletters/{offered.slug}/"' in page
        assert f'name="page" value="{here}"' in page
        assert offered.title in page and offered.promise in page
        assert "each development, daily or weekly" in page
        assert offers.offer_of(offered).wording in words_of(page)


def test_a_topic_without_a_letter_offers_that_of_the_site(reader, story):
    make.newsletter(slug="the-day")

    for road in ("/ukraine/drone-deal/", "/ukraine/", "/"):
        assert 'action="/newsletters/the-day/"' in reader.get(road).text


def test_beside_the_letter_a_story_can_be_followed_alone(reader, letter, story):
    assert f'Only want this story? <a href="{FOLLOW}">Follow it by mail</a>' in " ".join(
        reader.get("/ukraine/drone-deal/").text.split()
    )


def test_where_there_is_no_letter_the_story_offers_to_be_followed(reader, story):
    page = reader.get("/ukraine/drone-deal/").text

    assert f'action="{FOLLOW}"' in page and "Only this story?" not in page
    assert "sign-up__row" not in reader.get("/").text


def test_a_box_is_gone_when_the_letter_takes_no_more(reader, letter, story):
    before = reader.get("/ukraine/drone-deal/").text
    Newsletter.objects.update(is_open=False)

    after = reader.get("/ukraine/drone-deal/").text

    assert letter.title in before and letter.title not in after
    assert reader.get(ROAD).status_code == 404


def test_an_edition_as_it_stood_has_no_box(reader, letter, story):
    assert "<sign-up" not in reader.get("/ukraine/drone-deal/revisions/1/").text


def test_all_letters_stand_on_one_page(reader, letter):
    make.newsletter("The day in one mail", slug="the-day")
    make.newsletter("Asleep", slug="asleep", topic=make.topic("Sleep"), is_open=False)

    page = reader.get("/newsletters/").text

    assert re.findall(r'action="(/newsletters/[^"]+)"', page) == ["/newsletters/the-day/", ROAD]
    assert "Asleep" not in page


def test_pages_with_a_box_are_the_same_for_everybody_and_set_no_cookie(reader, letter, story):
    for road in ("/", "/ukraine/", "/ukraine/drone-deal/", "/newsletters/", ROAD, FOLLOW, ANSWER):
        answer = reader.get(road)
        assert "s-maxage" in answer["Cache-Control"] and 'name="token"' not in answer.text
        assert not answer.cookies
    assert not reader.cookies
