"""Sources while writing: found by their words or their address, never added twice, and where they are used."""

from datetime import date

import pytest

from articles.models import Source
from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db

ADD = "/desk/articles/source/add/"


@pytest.fixture
def desk(client_for):
    return client_for(make.user("reporter"))


def page_of(source, query="") -> str:
    return f"/desk/articles/source/{source.pk}/change/{query}"


def found(desk, term) -> list[dict]:
    asked = {"app_label": "articles", "model_name": "citation", "field_name": "source", "term": term}
    return desk.get("/desk/autocomplete/", asked).json()["results"]


@pytest.fixture
def report():
    address = "https://agency.example/reports/7"
    return make.source("Agency", title="A deal on drones", url=address, kind="wire", published_on=date(2026, 4, 12))


@pytest.mark.parametrize("term", ["agenc", "DRONES", "deal agency", "reports/7"])
def test_a_source_is_found_by_its_publisher_title_or_address(desk, report, term):
    make.source("Ministry", title="Another", url="https://ministry.example/1")

    assert found(desk, term) == [
        {
            "id": str(report.pk),
            "text": "Agency: A deal on drones",
            "detail": "News agency · 12 April 2026 · https://agency.example/reports/7",
        }
    ]


@pytest.mark.parametrize(
    "pasted",
    [
        "https://agency.example/reports/7",
        "http://www.agency.example/reports/7/",
        " https://agency.example/reports/7#top ",
        "agency.example/reports/7",
    ],
)
def test_a_pasted_address_finds_the_source_that_has_it(desk, report, pasted):
    make.source("Other", url="https://agency.example/reports/77")

    assert [one["id"] for one in found(desk, pasted)] == [str(report.pk)]


def test_an_address_nobody_has_finds_nothing(desk, report):
    assert found(desk, "https://agency.example/reports/8") == []


@pytest.mark.parametrize("typed", ["https://agency.example/reports/7", "http://www.agency.example/reports/7/#a"])
def test_a_source_that_is_there_already_is_offered_instead_of_added_again(desk, report, typed):
    page = Form(desk, ADD).send(url=typed, publisher="Agency").content.decode()

    assert "We have this source already" in page
    assert f'href="{page_of(report)}"' in page
    assert 'value="Agency"' in page
    assert Source.objects.count() == 1


def test_while_writing_a_story_the_one_that_is_there_is_taken_with_one_click(desk, report):
    popup = f"{ADD}?_to_field=id&_popup=1"
    refused = Form(desk, popup).send(url=report.url, publisher="Agency")
    assert f'name="take" value="{report.pk}"' in " ".join(refused.content.decode().split())

    answer = desk.post(popup, {"_popup": "1", "_to_field": "id", "take": str(report.pk)})

    assert f"&quot;value&quot;: &quot;{report.pk}&quot;" in answer.content.decode()
    assert "Agency: A deal on drones" in answer.content.decode()
    assert Source.objects.count() == 1


@pytest.mark.parametrize("number", ["abc", "0", "9" * 30, "-1"])
def test_no_other_is_taken(desk, report, number):
    assert desk.post(ADD, {"_popup": "1", "take": number}).status_code == 404


def test_nobody_takes_a_source_who_may_not_see_sources(client_for, report):
    answer = client_for(make.user("letters staff")).post(ADD, {"_popup": "1", "take": str(report.pk)})

    assert answer.status_code == 403


def test_a_source_keeps_its_own_address(desk, report):
    answer = Form(desk, page_of(report)).send(title="A deal on ships")

    assert answer.status_code == 302
    assert Source.objects.get().title == "A deal on ships"


def test_an_address_that_was_searched_for_in_vain_comes_along_to_the_new_source(desk):
    form = Form(desk, f"{ADD}?_popup=1&url=https%3A%2F%2Fagency.example%2F9")

    assert form["url"] == ["https://agency.example/9"]


def test_a_source_tells_which_stories_cite_it_at_the_desk_and_before_readers(desk, client_for, report):
    make.story("Only a draft", sources=[report])
    make.published("Read and cited", sources=[report])
    rewritten = make.published("No longer cited", sources=[report, make.source()])
    make.published("Cites another", sources=[make.source(title='With “quotes” and "others"', url="")])
    Form(client_for(make.editor()), road(rewritten)).send(**{"citations-0-DELETE": "on"})

    rows = used_in(desk.get(page_of(report)))

    assert rows == [
        ("No longer cited", False, True),
        ("Read and cited", True, True),
        ("Only a draft", True, False),
    ]
    page = desk.get(page_of(report)).content.decode()
    assert "not any more" in page and "in edition 1" in page


def used_in(answer) -> list[tuple]:
    return [(story.headline, story.in_copy, story.in_edition) for story in answer.context["used_in"]]


def test_a_source_without_an_address_is_found_in_editions_by_its_words(desk):
    source = make.source('A "friend" of ours', title="Їхній звіт", url="")
    make.published("Cites it", sources=[source])
    make.published("Cites a like one", sources=[make.source('A "friend" of ours', title="Another", url="")])

    assert used_in(desk.get(page_of(source))) == [("Cites it", True, True)]


def test_a_source_does_not_tell_of_stories_one_may_not_see(desk, report):
    topic = make.topic()
    topic.members.add(make.user("reporter"))
    make.published("A secret headline", topic=topic, sources=[report])

    assert used_in(desk.get(page_of(report))) == []
    assert "secret" not in desk.get(page_of(report)).content.decode()


def test_where_a_source_is_used_is_told_a_page_at_a_time(desk, report, django_assert_num_queries):
    make.story(sources=[report])
    desk.get(page_of(report))
    with django_assert_num_queries(8):
        desk.get(page_of(report))
    for number in range(20):
        make.story(f"Story {number}", sources=[report])

    with django_assert_num_queries(8):
        first = desk.get(page_of(report))

    assert len(used_in(first)) == 20 and "Page 1 of 2" in first.content.decode()
    assert len(used_in(desk.get(page_of(report, "?used_in=2")))) == 1
    assert desk.get(page_of(report, "?used_in=3")).status_code == 404
