"""
The Atom feeds: an entry for each edition that readers should hear of, valid after RFC 4287, and a tombstone after
RFC 6721 for each that was taken back.
"""

import re
from datetime import datetime
from xml.etree import ElementTree

import pytest

from articles import feeds, publishing, withholding
from articles.kinds import Kind
from tests import make

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
OF_STORY = "/ukraine/drone-deal/changes/feed/"


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

    assert found("/") == ["/feeds/"]
    assert found("/ukraine/drone-deal/") == ["/feeds/", OF_STORY]
    assert found("/ukraine/") == ["/feeds/", "/ukraine/feed/"]


def test_it_costs_four_queries_and_three_when_it_is_kept(reader, story, django_assert_num_queries):
    """Which entries, the entries, the tombstones; corrections when it is rendered."""
    with django_assert_num_queries(4):
        reader.get("/feeds/")
    with django_assert_num_queries(3):
        reader.get("/feeds/")


def contents(reader, road=OF_STORY) -> list[ElementTree.Element]:
    """What the entries say, as the HTML they hold, which is well-formed too."""
    found = feed(reader, road).findall("a:entry/a:content", ATOM)
    assert {content.get("type") for content in found} <= {"html"}
    return [ElementTree.fromstring(f"<div>{content.text}</div>") for content in found]


def words(element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_a_story_tells_all_that_changed_but_typos(reader, story):
    make.edition(story, kind=Kind.TYPO, headline="Italy sings")
    publishing.reconfirm(story, by=make.editor(), base=5)

    root = feed(reader, OF_STORY)

    assert root.find("a:title", ATOM).text == "Italy sings – The Newsroom"
    assert [entry.find("a:category", ATOM).get("term") for entry in root.findall("a:entry", ATOM)] == [
        "Tightened",
        "New development",
        "First report",
    ]
    links = {link.get("rel"): link.get("href") for link in root.findall("a:link", ATOM)}
    story_page = "https://news.example/ukraine/drone-deal/"
    assert links == {"self": f"{story_page}changes/feed/", "alternate": f"{story_page}changes/"}


def test_an_entry_shows_what_moved_in_the_lead_and_the_lead_before_and_now(reader, story):
    make.edition(story, lead="Rome wants & pays.", note="It pays.")

    newest, *older = contents(reader)

    assert [(mark.tag, mark.text) for mark in newest.iter() if mark.tag in ("del", "ins")] == [("ins", " & pays")]
    assert words(newest) == (
        "New development: It pays. What moved in the lead: Rome wants & pays. The lead before: Rome wants. "
        "The lead now: Rome wants & pays. Edition 5, as it stood"
    )
    assert newest.find(".//a").get("href") == "https://news.example/ukraine/drone-deal/revisions/5/"
    assert [words(content).partition(" Edition")[0] for content in older][-1] == "The lead: Rome wants."


def test_a_correction_is_marked_and_says_what_was_wrong(reader, story):
    box = publishing.Box("Five <signed>.", "Six signed.", 1, 4)
    said = {"kind": Kind.CORRECTION, "note": "Six signed.", "box": box, "reason": "A test."}
    publishing.publish(story, by=make.editor(), base=4, **said)

    for road in ("/feeds/", "/ukraine/feed/", OF_STORY, "/corrections/feed/", "/ukraine/corrections/feed/"):
        entry = feed(reader, road).find("a:entry", ATOM)
        assert entry.find("a:title", ATOM).text == "Correction: Italy signs"
        assert entry.find("a:category", ATOM).get("term") == "Correction"
        assert "What was wrong: Five <signed>. What is right: Six signed." in words(contents(reader, road)[0])
    assert len(feed(reader, "/corrections/feed/").findall("a:entry", ATOM)) == 1


@pytest.mark.parametrize("road", ["/feeds/", "/ukraine/feed/"])
def test_every_entry_of_a_withdrawn_story_gives_way_to_a_tombstone(reader, story, road):
    kept = make.published("Kept", topic=story.topic)
    before = texts(feed(reader, road), "a:entry/a:id")
    withdrawal = publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=4)

    root = feed(reader, road)

    tombstones = root.findall("at:deleted-entry", ATOM)
    assert {stone.get("ref") for stone in tombstones} == set(before) - {feeds.entry_id(kept.revisions.get())}
    assert {datetime.fromisoformat(stone.get("when")) for stone in tombstones} == {withdrawal.published_at}
    assert texts(root, "a:entry/a:title") == ["Withdrawn", "Kept"]
    assert words(contents(reader, road)[0]) == "Withdrawn: It was staged."
    assert datetime.fromisoformat(root.find("a:updated", ATOM).text) >= withdrawal.published_at.replace(
        microsecond=0
    )
    assert "drone-deal" not in reader.get(road).text


def test_the_feed_of_a_withdrawn_story_is_gone(reader, story):
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=4)

    assert reader.get(OF_STORY).status_code == 410


def test_a_reopened_story_has_no_tombstones(reader, story):
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=4)
    publishing.reopen(story, note="It was not.", by=make.editor(), base=5)

    assert feed(reader).findall("at:deleted-entry", ATOM) == []


@pytest.mark.parametrize("road", ["/feeds/", "/ukraine/feed/", OF_STORY])
def test_of_a_withheld_edition_only_a_tombstone_is_left(reader, story, road):
    make.edition(story, lead="A name is told.", note="The name.")
    make.edition(story, lead="No name is told.", note="No more.")
    reader.get(road)

    withholding.withhold(story, numbers=[5], category="safety", by=make.user("chief"))

    assert "name is told" in words(contents(reader, road)[0])
    text = reader.get(road).text
    assert "A name" not in text and "The name" not in text
    [stone] = feed(reader, road).findall("at:deleted-entry", ATOM)
    assert stone.get("ref").endswith("/edition/5")


def test_of_a_story_whose_newest_edition_is_withheld_all_is_taken_back(reader, story):
    withholding.withhold(story, numbers=[4], category="safety", by=make.user("chief"))

    root = feed(reader)

    assert root.findall("a:entry", ATOM) == []
    assert len(root.findall("at:deleted-entry", ATOM)) == 2


def test_hostile_words_are_text_in_every_feed(reader, story):
    make.edition(story, headline="]]><script>", lead="</content>&lt;b&gt; <i>x</i>", note="<!-- -->")

    for road in ("/feeds/", OF_STORY):
        newest = contents(reader, road)[0]
        assert not [mark for mark in newest.iter() if mark.tag not in ("div", "p", "b", "a", "ins", "del")]
        assert "</content>&lt;b&gt; <i>x</i>" in words(newest)
