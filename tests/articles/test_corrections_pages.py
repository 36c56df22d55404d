"""What was wrong and is right, listed for the whole site and for each topic."""

import re
from html import unescape

import pytest
from django.core.management import call_command

from articles import publishing, withholding
from articles.kinds import Kind
from tests import make

pytestmark = pytest.mark.django_db

FIXED = {
    "wrong": "They met on April 14.",
    "right": "They met on April 15.",
    "first": 1,
    "last": 1,
    "supersedes": None,
}


def corrected(story, kind=Kind.CORRECTION, **said):
    """The story with a correction out."""
    said = {**FIXED, **said}
    box = publishing.Box(said["wrong"], said["right"], said["first"], said["last"], said["supersedes"])
    base = story.revisions.count()
    reason = "As a test needs it."
    return publishing.publish(story, kind=kind, by=make.editor(), base=base, note="Mended.", box=box, reason=reason)


@pytest.fixture
def story():
    return make.published("Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal")


def items(reader, road="/corrections/") -> list[str]:
    """What the page lists, each item as its words."""
    page = reader.get(road)
    assert page.status_code == 200
    found = re.findall(r'<li class="story-list__item">(.*?)</li>', page.text, re.DOTALL)
    return [" ".join(unescape(re.sub("<[^>]*>", " ", item)).split()) for item in found]


def test_each_says_its_kind_what_was_wrong_what_is_right_when_and_where(reader, story):
    make.edition(story, headline="Italy signs")
    edition = corrected(story, first=1, last=2)

    [item] = items(reader)

    when = f"{edition.published_at.day} {edition.published_at:%B %Y, %H:%M} UTC"
    assert item == (
        f"{when} Correction Ukraine Italy signs What was wrong They met on April 14. "
        "What is right They met on April 15. Editions 1 to 2 had it wrong; edition 3 put it right."
    )
    page = reader.get("/corrections/").text
    for road in ("", "revisions/1/", "revisions/2/", "revisions/3/"):
        assert f'href="/ukraine/drone-deal/{road}"' in page


def test_the_newest_stands_first_page_by_page(reader, story, monkeypatch):
    monkeypatch.setattr("articles.views.corrections.CORRECTIONS_ON_PAGE", 2)
    for word in ("one", "two", "three"):
        corrected(story, wrong=f"It was {word}.")

    assert [re.search("It was (.*?)[.]", item)[1] for item in items(reader)] == ["three", "two"]
    assert [re.search("It was (.*?)[.]", item)[1] for item in items(reader, "/corrections/?page=2")] == ["one"]
    assert '<a href="?page=2" rel="next">' in reader.get("/corrections/").text
    assert reader.get("/corrections/?page=3").status_code == 404


def test_a_topic_lists_its_own(reader, story):
    corrected(story)
    corrected(make.published("Elsewhere", topic=make.topic("Energy")), kind=Kind.CLARIFICATION)

    assert len(items(reader)) == 2
    assert [item.split(" Italy")[0][-10:] for item in items(reader, "/ukraine/corrections/")] == ["Correction"]
    assert "Clarification" in items(reader, "/energy/corrections/")[0]


def test_one_that_a_newer_takes_the_place_of_is_left_out(reader, story):
    old = corrected(story, right="They met on April 16.")
    corrected(story, supersedes=old.correction)

    [item] = items(reader)

    assert "They met on April 15." in item


def test_of_one_that_is_withheld_no_word_is_told_and_the_one_before_stands_again(reader, story, client_for):
    old = corrected(story, right="They met on April 16.")
    corrected(story, right="Anna Kovalenko met them.", supersedes=old.correction)
    make.edition(story, headline="Italy signs")
    chief = make.user("chief")

    withholding.withhold(story, numbers=[3, 4], category="privacy", by=chief)
    make.edition(story, headline="Italy has signed")

    [item] = items(reader)
    assert "They met on April 16." in item
    page = reader.get("/ukraine/drone-deal/").text
    assert "They met on April 16." in page
    pages = [
        "/corrections/",
        "/corrections/feed/",
        "/ukraine/drone-deal/changes/",
        "/ukraine/drone-deal/changes/feed/",
    ]
    assert not [road for road in pages if "Kovalenko" in reader.get(road).text] and "Kovalenko" not in page
    form = client_for(chief).get(f"/desk/articles/article/{story.pk}/publish/").context["form"]
    assert form.fields["supersedes"].queryset.get() == old.correction
    corrected(story, right="They met on April 17.", supersedes=old.correction)
    [item] = items(reader)
    assert "They met on April 17." in item


def test_what_is_replaced_already_is_not_replaced_again(story):
    old = corrected(story, right="They met on April 16.")
    corrected(story, supersedes=old.correction)

    with pytest.raises(publishing.Refused, match="replaced already"):
        corrected(story, supersedes=old.correction)


NAME = "Kovalenko"


@pytest.mark.parametrize("goes_on", [True, False])
def test_editions_already_out_no_longer_show_the_box_of_one_that_is_withheld(reader, story, capsys, goes_on):
    old = corrected(story, right="They met on April 16.")
    corrected(story, right=f"Anna {NAME} met them.", supersedes=old.correction)
    make.edition(story, headline="Italy signs")
    make.edition(story, headline="Italy has signed")
    address = "/ukraine/drone-deal/"
    newest = ["", "changes/", "changes/feed/", "leads/", "history.json", "newest.json", "?a=b"]
    as_of = [f"revisions/{number}/" for number in range(1, 6)]
    raw = [f"revisions/{number}/edition.json" for number in range(1, 6)]
    since = [f"since/{number}/5/{part}" for number in range(1, 5) for part in ("", "?part")]
    quote = f"changes/quote/?q=Anna+{NAME}+met+them."
    site = ["/", "/ukraine/", "/feeds/", "/ukraine/feed/", "/corrections/", "/corrections/feed/"]
    roads = [*site, *(address + road for road in (*newest, *as_of, *raw, *since, quote))]
    told = [road for road in roads if NAME in reader.get(road).text]
    assert {address, f"{address}revisions/4/", f"{address}revisions/5/edition.json", f"{address}since/1/5/"} <= {
        *told
    }

    withholding.withhold(story, numbers=[3], category="privacy", by=make.user("chief"))
    if goes_on:
        make.edition(story, lead="It goes on.")

    answers = {road: reader.get(road, follow=True) for road in roads}
    assert [road for road, answer in answers.items() if NAME in answer.text and quote not in road] == []
    assert "It never stood" in answers[address + quote].text
    assert "They met on April 16." in answers[address].text
    assert [answers[address + road].status_code for road in raw] == [200, 200, 410, 410, 410]
    rows = answers[f"{address}history.json"].json()["editions"]
    assert [bool(row["bytes"]) for row in rows] == [True, True, False, False, False] + [True] * goes_on
    call_command("verify_history")
    assert "holds" in capsys.readouterr().out


def test_the_next_edition_no_longer_carries_the_box_of_one_that_is_withheld(reader, story, capsys):
    old = corrected(story, right="They met on April 16.")
    corrected(story, right="Anna Kovalenko met them.", supersedes=old.correction)
    make.edition(story, headline="Italy signs")
    withholding.withhold(story, numbers=[3], category="privacy", by=make.user("chief"))

    make.edition(story, headline="Italy has signed")

    for road in ("", "changes/", "changes/feed/", "since/4/5/"):
        assert "Kovalenko" not in reader.get(f"/ukraine/drone-deal/{road}").text
    assert "They met on April 16." in reader.get("/ukraine/drone-deal/").text
    call_command("verify_history")
    assert "holds" in capsys.readouterr().out


def test_what_is_not_public_is_not_told(reader, story):
    corrected(story, wrong="Said of a story that is gone.")
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=2)
    kept = make.published("Kept", topic=story.topic)
    corrected(kept)
    with_draft = make.story("The working copy", topic=story.topic)
    kept.headline = "Being rewritten"
    kept.save()

    for road in ("/corrections/", "/ukraine/corrections/", "/corrections/feed/", "/ukraine/corrections/feed/"):
        page = reader.get(road).text
        assert "They met on April 15." in page
        assert "Said of a story" not in page
        assert "Being rewritten" not in page
        assert with_draft.headline not in page


def test_no_correction_yet_is_said_so(reader, story):
    assert "Nothing we published has been corrected so far." in reader.get("/corrections/").text
    assert "Nothing we published on Ukraine has been" in " ".join(reader.get("/ukraine/corrections/").text.split())


def test_a_topic_that_moved_leads_on_and_one_of_drafts_is_none(reader, story):
    make.story(topic=make.topic("Secret"))
    story.topic.slug = "kyiv"
    story.topic.save()

    assert reader.get("/secret/corrections/").status_code == 404
    assert reader.get("/kyiv/corrections/").status_code == 200


@pytest.mark.parametrize("noun", ["story", "topic"])
def test_no_story_and_no_topic_can_stand_at_its_address(noun):
    from django.core.exceptions import ValidationError

    thing = make.story() if noun == "story" else make.topic("Ukraine")
    thing.slug = "corrections"

    with pytest.raises(ValidationError, match="The site uses this word"):
        thing.full_clean()


def test_every_page_leads_there_and_there_to_the_feed(reader, story):
    for road in ("/", "/ukraine/", "/ukraine/drone-deal/", "/nothing-here/"):
        assert 'href="/corrections/"' in reader.get(road).text
    for road in ("/corrections/", "/ukraine/corrections/"):
        assert reader.get(road).text.count(f'href="{road}feed/"') == 2


def test_it_is_another_page_when_a_story_is_renamed(reader, story):
    corrected(story)
    etag = reader.get("/corrections/")["ETag"]
    assert reader.get("/corrections/", headers={"If-None-Match": etag}).status_code == 304

    make.edition(story, headline="Italy has signed")

    assert "Italy has signed" in reader.get("/corrections/", headers={"If-None-Match": etag}).text


def test_hostile_words_are_only_words(reader, story):
    corrected(story, wrong="<script>alert(1)</script>", right='"><img src=x onerror=alert(1)>')

    for road in ("/corrections/", "/corrections/feed/"):
        assert "<script>alert" not in reader.get(road).text
        assert "<img" not in reader.get(road).text


def test_the_queries_do_not_grow_with_the_list(reader, story, django_assert_num_queries):
    """Count, corrections, topics, and languages when it is rendered."""
    for _ in range(5):
        corrected(story)
    with django_assert_num_queries(4):
        reader.get("/corrections/")
