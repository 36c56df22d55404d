"""Every lead a story had, in its order, each marked against the one before."""

import re

import pytest

from articles import withholding
from articles.kinds import Kind
from tests import make
from tests.words import words

pytestmark = pytest.mark.django_db

LEADS = "/ukraine/drone-deal/leads/"


@pytest.fixture
def story():
    return make.published(
        "Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal", lead="Rome wants drones."
    )


def leads(reader, query="") -> list[str]:
    """The words of each lead, with what came as [+ ] and what went as [- ]."""
    html = reader.get(f"{LEADS}{query}").text
    html = re.sub(r'<span class="visually-hidden"[^>]*>.*?</span>', "", html)
    html = re.sub(r"<ins>(.*?)</ins>", r"[+\1]", re.sub(r"<del>(.*?)</del>", r"[-\1]", html))
    return [words(row) for row in re.findall(r'<li class="edition".*?</li>', html, re.DOTALL)]


def test_each_lead_is_marked_against_the_one_before_with_kind_time_and_note(reader, story):
    second = make.edition(story, kind=Kind.TIGHTENED, lead="Rome wants Kyiv’s drones.", note="It says whose.")
    make.edition(story, lead="Rome buys drones.")

    first, tightened, newest = leads(reader)

    assert first.endswith("As it stood Rome wants drones.")
    time = f"{second.published_at.day} {second.published_at:%B %Y, %H:%M} UTC"
    assert tightened == f"Edition 2 Tightened {time} As it stood Rome wants [+Kyiv’s] drones. It says whose."
    assert "Rome [-wants Kyiv’s] [+buys] drones." in newest


def test_each_lead_leads_to_its_edition(reader, story):
    make.edition(story, lead="Rome buys drones.")

    html = reader.get(LEADS).text

    assert re.findall(r'<a href="([^"]*)">As it stood', html) == [
        f"/ukraine/drone-deal/revisions/{n}/" for n in (1, 2)
    ]


def test_an_edition_that_left_the_lead_as_it_was_is_not_there(reader, story):
    make.edition(story, headline="Italy signs a deal")
    make.edition(story, lead="Rome buys drones.")
    make.edition(story, kind=Kind.TYPO, why_it_matters="Much.")

    assert [lead.partition(" First")[0].partition(" New")[0] for lead in leads(reader)] == [
        "Edition 1",
        "Edition 3",
    ]


def test_a_lead_that_came_back_is_told_again(reader, story):
    make.edition(story, lead="Rome buys drones.")
    make.edition(story, lead="Rome wants drones.")

    assert "Rome [-buys] [+wants] drones." in leads(reader)[2]


def test_the_newest_leads_come_first_and_lead_to_those_before(reader, story, monkeypatch):
    monkeypatch.setattr("articles.views.since.LEADS_ON_PAGE", 2)
    for lead in ("Rome buys.", "Rome signs.", "Rome pays."):
        make.edition(story, headline=f"{lead} So it is", lead=lead)

    newest, earlier = leads(reader), leads(reader, "?before=3")

    assert [lead[:9] for lead in newest] == ["Edition 3", "Edition 4"]
    assert "Rome [-buys] [+signs]." in newest[0]
    assert '<a href="?before=3" rel="prev">Earlier leads</a>' in reader.get(LEADS).text
    assert [lead[:9] for lead in earlier] == ["Edition 1", "Edition 2"]
    assert "Earlier leads" not in reader.get(f"{LEADS}?before=3").text


@pytest.mark.parametrize("before", ["1", "0", "-1", "abc", "9", "1.5", str(10**20), "%00", "٣", ""])
def test_there_is_no_odd_page(reader, story, before):
    make.edition(story, lead="Rome buys drones.")

    assert reader.get(f"{LEADS}?before={before}").status_code == 404


def test_an_edition_that_is_withheld_is_left_out_and_the_next_is_marked_against_the_one_before(reader, story):
    make.edition(story, lead="Rome steals drones.")
    make.edition(story, lead="Rome buys drones.")
    assert "steals" in reader.get(LEADS).text

    withholding.withhold(story, numbers=[2], category="safety", by=make.user("chief"))

    assert "steals" not in reader.get(LEADS).text
    assert [lead[:9] for lead in leads(reader)] == ["Edition 1", "Edition 3"]
    assert "Rome [-wants] [+buys] drones." in leads(reader)[1]


def test_the_story_and_the_change_log_lead_there(reader, story):
    make.edition(story, lead="Rome buys drones.")

    for page in ("/ukraine/drone-deal/", "/ukraine/drone-deal/changes/"):
        assert f'href="{LEADS}"' in reader.get(page).text


def test_however_many_it_costs_three_queries(reader, story, django_assert_num_queries):
    """The story, which of its editions are withheld, and a page of leads."""
    for lead in "ABCDEF":
        make.edition(story, lead=lead)

    with django_assert_num_queries(3):
        reader.get(LEADS)
