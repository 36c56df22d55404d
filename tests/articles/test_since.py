"""What changed since an edition: the notes, the words of the top, what is surer, and the rest, the same for all."""

import re

import pytest

from articles import publishing, withholding
from articles.kinds import Kind
from articles.models import KeyPoint, Section
from articles.pages import CACHE_CONTROL
from articles.snapshot import Verification
from tests import make
from tests.words import words

pytestmark = pytest.mark.django_db

STORY = "/ukraine/drone-deal/"


@pytest.fixture
def story():
    return make.published(
        "Italy weighs a deal",
        topic=make.topic("Ukraine"),
        slug="drone-deal",
        lead="Rome wants drones.",
        key_points=["Italy is interested.", "Norway signed first."],
        sections=[("What happened", "<p>They met in Rome.</p>")],
    )


@pytest.fixture
def developed(story):
    """The story at its fourth edition."""
    points = KeyPoint.objects.filter(article=story)
    section = Section.objects.filter(article=story)
    make.edition(story, lead="Rome buys drones.", note="It decided to buy.")
    make.edition(story, kind=Kind.TYPO, change=lambda: section.update(body="<p>They met in Rome, twice.</p>"))
    confirmed = {"verification": Verification.CONFIRMED}
    make.edition(story, change=lambda: points.filter(position=2).update(**confirmed), note="Oslo said so.")
    return story


def marked(html: str) -> str:
    """The words, with what came as [+ ] and what went as [- ]."""
    html = re.sub(r'<span class="visually-hidden"[^>]*>.*?</span>', "", html)
    return words(re.sub(r"<ins>(.*?)</ins>", r"[+\1]", re.sub(r"<del>(.*?)</del>", r"[-\1]", html)))


def since(reader, number, query="") -> str:
    return marked(reader.get(f"{STORY}since/{number}/{query}", follow=True).text)


def test_why_it_changed_is_told_newest_first_without_typos(reader, developed):
    page = since(reader, 1)

    assert "What changed since edition 1" in page
    assert re.search("New development .* Oslo said so. New development .* It decided to buy.", page)
    assert "Typo" not in page


def test_the_top_what_is_surer_and_the_other_parts_are_shown_word_by_word(reader, developed):
    page = since(reader, 1)

    assert "Lead reworded Rome [-wants] [+buys] drones." in page
    assert "Key point: confirmed, was reported “Norway signed first.”" in page
    assert "1 more change, word by word Section reworded “What happened” They met in Rome[+, twice]." in page


def test_what_was_taken_out_is_shown(reader, story):
    make.edition(story, change=lambda: KeyPoint.objects.filter(article=story, position=1).delete())

    assert "Key point removed [-Italy is interested.]" in since(reader, 1)


def test_only_what_still_differs_from_then_is_shown(reader, story):
    make.edition(story, headline="Italy signs a deal", lead="Rome buys drones.")
    make.edition(story, headline="Italy weighs a deal")

    page = since(reader, 1)

    assert "Lead reworded" in page
    assert "Headline" not in page


def test_what_was_corrected_since_is_told_once(reader, story):
    box = publishing.Box("It was 12 April.", "It was 14 April.", 1, 1)
    publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=1, note="The date.", box=box, reason="-")

    page = since(reader, 1)

    assert "The date. What was wrong It was 12 April. What is right It was 14 April." in page
    assert page.count("It was 14 April.") == 1


def test_typos_and_confirmations_alone_are_nothing_to_look_for(reader, story):
    make.edition(story, kind=Kind.TYPO, lead="Rome wants drone.")
    publishing.reconfirm(story, by=make.editor(), base=2)

    page = since(reader, 1)

    assert "Nothing of substance. Only typos were mended, or the story was confirmed to stand." in page
    assert "Rome wants [-drones] [+drone]." in page


def test_after_very_many_changes_the_newest_are_told_and_the_log_has_the_others(reader, story, monkeypatch):
    monkeypatch.setattr("articles.since_page.NOTES_IN_ALL", 2)
    for note in ("One.", "Two.", "Three."):
        make.edition(story, note=note, lead=note)

    html = reader.get(f"{STORY}since/1/4/").text

    assert ["One." in html, "Two." in html, "Three." in html] == [False, True, True]
    assert f'<a href="{STORY}changes/?before=3&amp;only=substance">What changed before these</a>' in html
    assert "One." in reader.get(f"{STORY}changes/?before=3&only=substance").text


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("1/", "since/1/4/"),
        ("3/?part", "since/3/4/?part"),
        ("1/2/", "since/1/4/"),
        ("2/2/", "since/2/4/"),
        ("1/3/?part", "since/1/4/?part"),
        ("4/", ""),
        ("4/4/", ""),
    ],
)
def test_it_leads_to_what_changed_until_now(reader, developed, asked, led):
    response = reader.get(f"{STORY}since/{asked}")

    assert (response.status_code, response["Location"]) == (302, f"{STORY}{led}")
    assert response["Cache-Control"] == CACHE_CONTROL


@pytest.mark.parametrize(
    "number", ["0", "5", "-1", "abc", "1.5", str(10**20), "9" * 5000, "%00", "٣", "1/0", "1/5", "3/2"]
)
def test_there_is_nothing_since_what_never_was(reader, developed, number):
    assert reader.get(f"{STORY}since/{number}/").status_code == 404


def test_the_part_is_the_same_without_a_page_around_it_and_with_the_other_parts_folded(reader, developed):
    part, whole = (reader.get(f"{STORY}since/1/4/{query}").text for query in ("?part", ""))

    assert part.strip().startswith('<div class="what-changed">')
    assert part.strip() in whole.replace('others" open', 'others"')


def test_it_is_the_same_for_everybody_and_no_search_engine_keeps_it(reader, client_for, developed):
    response, staff = (client.get(f"{STORY}since/1/4/") for client in (reader, client_for(make.editor())))

    assert response.content == staff.content
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"] == CACHE_CONTROL
    assert reader.get(f"{STORY}since/1/4/", headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_a_story_that_was_withdrawn_tells_nothing_of_its_changes(reader, developed):
    publishing.withdraw(developed, by=make.user("chief"), base=4, note="It was staged.")

    for road in ("since/1/", "since/1/5/", "since/1/5/?part", "since/1/4/"):
        response = reader.get(f"{STORY}{road}")
        assert response.status_code == 410
        assert "Rome" not in response.text


def test_who_asks_since_an_edition_that_is_withheld_is_shown_that_it_is(reader, developed):
    before = reader.get(f"{STORY}since/2/4/").text
    withholding.withhold(developed, numbers=[2], category="law", by=make.user("chief"))

    response = reader.get(f"{STORY}since/2/4/")

    assert "It decided to buy." not in before
    assert (response.status_code, response["Location"]) == (302, f"{STORY}changes/?before=3#edition-2")
    shown = reader.get(response["Location"]).text
    assert 'id="edition-2"' in shown
    assert "Withheld" in shown
    assert reader.get(f"{STORY}since/2/4/?part")["Location"] == STORY


def test_the_note_of_an_edition_that_is_withheld_is_told_no_more(reader, developed):
    assert "It decided to buy." in since(reader, 1)

    withholding.withhold(developed, numbers=[2], category="law", by=make.user("chief"))

    assert "It decided to buy." not in since(reader, 1)
    assert "Oslo said so." in since(reader, 1)


def test_however_long_it_is_it_costs_four_queries(reader, developed, django_assert_num_queries):
    """The story, the edition, how many are withheld, and the notes."""
    with django_assert_num_queries(4):
        reader.get(f"{STORY}since/1/4/")
