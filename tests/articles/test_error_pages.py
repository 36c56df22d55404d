"""What readers see where there is no page, or none any more, or where we broke."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client

from articles import publishing
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def withdrawn():
    story = make.published("A defamatory headline", topic=make.topic("Ukraine"), slug="drone-deal", lead="A lead.")
    make.edition(story, lead="Another lead.")
    publishing.withdraw(story, note="The document was forged.", by=make.user("chief"), base=2)
    return story


@pytest.mark.parametrize("road", ["", "changes/", "changes/?before=2", "revisions/1/", "revisions/3/"])
def test_a_withdrawn_story_says_when_and_why_and_nothing_it_said(reader, withdrawn, road):
    response = reader.get(f"/ukraine/drone-deal/{road}")

    assert response.status_code == 410
    assert "Cookie" not in response.get("Vary", "")
    assert "This story has been withdrawn" in response.text
    assert "The document was forged." in response.text
    assert '<a href="/ukraine/">Ukraine</a>' in response.text
    assert f"{withdrawn.revisions.get(number=3).published_at:%H:%M} UTC" in response.text
    assert "defamatory" not in response.text
    assert "lead." not in response.text


def test_a_story_that_is_reopened_is_there_again_but_not_as_the_edition_that_withdrew_it(reader, withdrawn):
    publishing.reopen(withdrawn, note="The document was real.", by=make.editor(), base=3)

    assert reader.get("/ukraine/drone-deal/").status_code == 200
    assert reader.get("/ukraine/drone-deal/revisions/2/").status_code == 200
    gone = reader.get("/ukraine/drone-deal/revisions/3/")
    assert gone.status_code == 410
    assert "This edition withdrew the story" in gone.text
    assert "This story has been withdrawn" not in gone.text
    assert '<a href="/ukraine/drone-deal/">Read the newest edition, number 4</a>' in gone.text
    log = reader.get("/ukraine/drone-deal/changes/").text
    assert re.findall(r'revisions/(\d)/">As it stood', log) == ["4", "2", "1"]


@pytest.mark.parametrize(
    "road", ["/nothing-here/", "/a/b/", "/a/b/changes/", "/a/b/revisions/1/", "/a/feed/", "/x/y/z/"]
)
def test_where_there_is_no_page_the_site_says_so(reader, road):
    response = reader.get(road)

    assert response.status_code == 404
    assert "There is no page at this address" in response.text
    assert "The Newsroom" in response.text


@pytest.mark.parametrize("number", ["0", "2", "-1", "abc", "1.5", "01e", "9" * 5000, str(10**20)])
def test_there_is_no_odd_edition(reader, number):
    make.published(topic=make.topic("Ukraine"), slug="drone-deal")

    assert reader.get(f"/ukraine/drone-deal/revisions/{number}/").status_code == 404


def test_where_we_broke_the_site_says_so_without_its_database(monkeypatch):
    monkeypatch.setattr("articles.views.finding.newest_public", lambda slug: 1 / 0)

    response = Client(raise_request_exception=False).get("/ukraine/drone-deal/")

    assert response.status_code == 500
    assert "Something broke on our side" in response.text
    assert "s-maxage" not in response.get("Cache-Control", "")


@pytest.mark.parametrize("code", [403, 404, 500])
def test_an_error_page_needs_nothing_to_be_rendered(code, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = render_to_string(f"{code}.html")

    assert '<a href="/">To the front page</a>' in page


def test_robots_are_kept_from_the_desk_only(reader):
    response = reader.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.split("\n") == ["User-agent: *", "Disallow: /desk/", ""]


def test_there_is_an_icon_where_browsers_look_for_one(reader):
    assert reader.get("/favicon.ico")["Location"] == "/static/favicon.ico"
