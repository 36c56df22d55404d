"""The Atom feeds: an entry for each edition that readers should hear of, valid after RFC 4287."""

import re
from datetime import datetime
from xml.etree import ElementTree

import pytest

from articles import publishing
from articles.kinds import Kind
from tests import make

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://news.example"


@pytest.fixture
def story():
    story = make.published(
        "Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal", lead="Rome wants."
    )
    make.edition(story, headline="Italy & Kyiv sign", note="Rome <signed> at noon.")
    make.edition(story, kind=Kind.TYPO, headline="Italy & Kyiv singed")
    make.edition(story, kind=Kind.TIGHTENED, headline="Italy signs")
    return story


def feed(reader, road="/feeds/") -> ElementTree.Element:
    response = reader.get(road)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def texts(element, path: str) -> list[str]:
    return [found.text for found in element.findall(path, ATOM)]


def test_it_tells_what_readers_should_hear_of_newest_first(reader, story):
    entries = feed(reader).findall("a:entry", ATOM)

    assert [entry.find("a:title", ATOM).text for entry in entries] == ["Italy & Kyiv sign", "Italy weighs a deal"]
    # The summary is HTML in XML; a first report without a note is told by its lead.
    assert [entry.find("a:summary", ATOM).text for entry in entries] == [
        "Rome &lt;signed&gt; at noon.",
        "Rome wants.",
    ]
    assert [category.get("term") for category in entries[0].findall("a:category", ATOM)] == [
        "New development",
        "Ukraine",
    ]
    links = {entry.find("a:link", ATOM).get("href") for entry in entries}
    assert links == {"https://news.example/ukraine/drone-deal/"}


def test_it_has_what_the_standard_asks_for(reader, story):
    root = feed(reader)

    for element in [root, *root.findall("a:entry", ATOM)]:
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", ATOM)) == 1
        assert element.find("a:id", ATOM).text.startswith("tag:news.example,2026:")
        assert datetime.fromisoformat(element.find("a:updated", ATOM).text).tzinfo
    assert texts(root, "a:author/a:name") == ["The Newsroom"]
    links = {link.get("rel"): link.get("href") for link in root.findall("a:link", ATOM)}
    assert links == {"self": "https://news.example/feeds/", "alternate": "https://news.example/"}
    ids = texts(root, "a:entry/a:id")
    assert len(set(ids)) == len(ids) == 2


def test_an_entry_stays_the_same_when_the_address_of_its_story_changes(reader, story):
    before = texts(feed(reader), "a:entry/a:id")
    story.slug = "drones"
    story.save()

    after = feed(reader)

    assert texts(after, "a:entry/a:id") == before
    assert after.find("a:entry/a:link", ATOM).get("href").endswith("/ukraine/drones/")


def test_it_is_another_when_a_topic_is_renamed(reader, story):
    etag = reader.get("/feeds/")["ETag"]
    story.topic.name = "Kyiv"
    story.topic.save()

    assert 'term="Kyiv"' in reader.get("/feeds/", headers={"If-None-Match": etag}).text


def test_a_topic_has_a_feed_of_its_own(reader, story):
    make.published("Elsewhere", topic=make.topic("Energy"))

    root = feed(reader, "/ukraine/feed/")

    assert root.find("a:title", ATOM).text == "Ukraine – The Newsroom"
    assert texts(root, "a:entry/a:title") == ["Italy & Kyiv sign", "Italy weighs a deal"]
    links = {link.get("rel"): link.get("href") for link in root.findall("a:link", ATOM)}
    assert links == {"self": "https://news.example/ukraine/feed/", "alternate": "https://news.example/ukraine/"}


def test_drafts_are_not_told(reader, story):
    make.story("A draft", topic=story.topic)

    for road in ("/feeds/", "/ukraine/feed/"):
        assert "A draft" not in reader.get(road).text


def test_of_a_withdrawn_story_only_that_and_why_is_told(reader, story):
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=4)

    for road in ("/feeds/", "/ukraine/feed/"):
        (entry,) = feed(reader, road).findall("a:entry", ATOM)
        assert texts(entry, "a:title") == ["Withdrawn"]
        assert texts(entry, "a:summary") == ["It was staged."]
        assert entry.find("a:link", ATOM).get("href") == "https://news.example/ukraine/"
        assert "Italy" not in reader.get(road).text
        assert "drone-deal" not in reader.get(road).text


def test_of_a_reopened_story_all_is_told_again(reader, story):
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=4)
    publishing.reopen(story, note="It was not.", by=make.editor(), base=5)

    titles = texts(feed(reader), "a:entry/a:title")

    assert titles == ["Italy signs", "Withdrawn", "Italy & Kyiv sign", "Italy weighs a deal"]


def test_text_that_xml_cannot_hold_does_not_break_it(reader):
    make.published("A \x08bell, an \U0001f600 and \u202eturned", lead="\x1b[0m")

    assert texts(feed(reader), "a:entry/a:title") == ["A bell, an \U0001f600 and turned"]


def test_browsers_find_the_feeds(reader, story):
    def found(road):
        return re.findall(
            r'<link rel="alternate"\s+type="application/atom\+xml"[^>]*href="([^"]+)"', reader.get(road).text
        )

    assert found("/") == found("/ukraine/drone-deal/") == ["/feeds/"]
    assert found("/ukraine/") == ["/feeds/", "/ukraine/feed/"]


def test_it_costs_one_query(reader, story, django_assert_num_queries):
    with django_assert_num_queries(1):
        reader.get("/feeds/")
