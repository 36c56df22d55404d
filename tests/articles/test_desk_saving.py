"""Writing a story at the desk: its parts, their order, and one saved state for every save."""

import re

import pytest

from articles import publishing, working_copy
from articles.models import Article, Desk
from tests import make
from tests.articles.forms import Form, errors, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make.editor()


@pytest.fixture
def desk(client_for, editor):
    return client_for(editor)


def headings(article):
    return [section.heading for section in article.sections.all()]


def test_a_new_story_begins_with_the_sections_of_its_format(desk):
    form = Form(desk, "/desk/articles/article/add/")

    answer = form.send(
        headline="Italy weighs a drone deal",
        slug="drone-deal-italy",
        topic=make.topic("Ukraine").pk,
        format=make.story_format().pk,
    )

    story = Article.objects.get()
    assert answer.url == road(story)
    assert headings(story) == ["What happened", "Key details", "Why it matters", "Background"]
    assert [state.version for state in story.saved_states.all()] == [1]


def test_a_save_of_many_parts_is_one_saved_state(desk, editor):
    story = make.story()
    form = Form(desk, road(story))
    form |= {
        "headline": "Italy signs a drone deal",
        "key_points-0-text": "Italy has signed.",
        "sections-0-heading": "What is new",
        "sections-0-body": "<p>They <b>signed</b>.</p>",
    }

    form.send()

    after = working_copy.read(story)
    assert after.story.headline == "Italy signs a drone deal"
    assert after.key_points[0].text == "Italy has signed."
    assert after.sections[0].body == "<p>They <strong>signed</strong>.</p>"
    newest = story.saved_states.first()
    assert (newest.version, newest.revision.user) == (2, editor)
    assert newest.revision.comment == "Changed headline, key points, sections"


def test_parts_take_the_order_that_is_typed(desk):
    story = make.story(sections=[("A", ""), ("B", ""), ("C", ""), ("D", "")])
    form = Form(desk, road(story))

    form.send(
        **{
            "sections-0-order": "4",
            "sections-1-order": "",
            "sections-2-order": "1",
            "sections-3-order": "4",
        }
    )

    assert headings(story) == ["C", "A", "D", "B"]
    assert [section.position for section in story.sections.all()] == [1, 2, 3, 4]


def test_parts_come_and_go_in_one_save(desk):
    story = make.story(sections=[("A", ""), ("B", ""), ("C", "")])
    kept = story.sections.get(heading="C").pk

    Form(desk, road(story)).send(
        **{"sections-0-DELETE": "on", "sections-3-heading": "New", "sections-3-order": "1"},
        **{"sections-1-DELETE": "on"},
    )

    assert headings(story) == ["New", "C"]
    assert story.sections.get(heading="C").pk == kept
    assert story.saved_states.count() == 2


def test_a_key_point_and_the_source_it_names_can_change_in_one_save(desk):
    story = make.story(
        sources=[make.source("Agency"), make.source("Ministry")], key_points=["Italy is interested."]
    )
    agency, ministry = story.citations.all()
    Form(desk, road(story)).send(**{"key_points-0-citations": [agency.pk, ministry.pk]})

    Form(desk, road(story)).send(**{"citations-0-DELETE": "on", "key_points-0-text": "Italy has signed."})

    [point] = working_copy.read(story).key_points
    assert (point.text, point.citations) == ("Italy has signed.", (str(ministry.pk),))


def test_a_key_point_names_only_sources_of_its_own_story(desk):
    story, other = make.story(), make.story()
    foreign = other.citations.get().pk

    answer = Form(desk, road(story)).send(**{"key_points-0-citations": [foreign]})

    assert "key_points-0-citations" in errors(answer)
    assert not story.key_points.first().citations.exists()


def test_saving_a_page_as_it_is_changes_no_word(desk):
    linked = '<p>One <a href="https://a.example/">link</a>.</p><p>Two.</p>'
    story = make.published(sections=[("A", linked)], photo=make.photo())
    publishing.reconfirm(story, by=make.editor(), base=1)
    before = working_copy.read(story)

    Form(desk, road(story)).send()

    assert working_copy.read(story) == before


def test_a_photo_is_put_in_and_replaced(desk):
    story, first, second = make.story(), make.photo(), make.photo()
    Form(desk, road(story)).send(**{"photo_use-0-photo": first.pk, "photo_use-0-alt": "Two leaders shake hands"})
    assert working_copy.read(story).photo.photo == str(first.pk)

    Form(desk, road(story)).send(**{"photo_use-0-photo": second.pk})

    assert working_copy.read(story).photo.photo == str(second.pk)


def test_the_limits_of_the_format_are_counted_beside_the_fields(desk):
    story = make.story("Twelve signs", lead="Three short words", format=make.story_format(headline_characters=70))

    page = Form(desk, road(story)).html

    assert "12 of 70 characters" in page
    assert "3 of 45 words" in page
    assert "(2 of 6)" in page
    assert "(context 0 % of 35 %)" in page


def test_the_number_of_queries_does_not_grow_with_the_parts(desk, django_assert_max_num_queries):
    many = [f"Number {number}" for number in range(20)]
    story = make.story(
        key_points=many,
        sections=[(heading, "<p>Text.</p>") for heading in many],
        sources=[make.source(name) for name in many],
    )
    desk.get(road(story))

    with django_assert_max_num_queries(32):
        desk.get(road(story))


def test_a_story_that_has_an_edition_is_never_deleted(desk):
    story = make.published()

    assert desk.post(road(story, "delete"), {"post": "yes"}).status_code == 403
    assert Article.objects.filter(pk=story.pk).exists()


def test_a_draft_is_deleted_by_who_may(desk, client_for):
    story = make.story()

    assert client_for(make.user("reporter")).post(road(story, "delete"), {"post": "yes"}).status_code == 403
    assert desk.post(road(story, "delete"), {"post": "yes"}).status_code == 302
    assert not Article.objects.exists()


def test_the_list_of_stories_finds_and_tells_where_each_stands(desk, django_assert_num_queries):
    make.published("Italy weighs a drone deal")
    make.story("Grain moves again", slug="grain")
    desk.get("/desk/articles/article/")

    everything = desk.get("/desk/articles/article/").content.decode()
    found = desk.get("/desk/articles/article/?q=grain").content.decode()

    assert "Italy weighs" in everything and "Grain moves" in everything
    assert "Italy weighs" not in found and "Grain moves" in found
    with django_assert_num_queries(9):
        desk.get("/desk/articles/article/")


def test_a_story_is_given_to_who_may_edit_stories_and_stays_with_who_has_it(desk, editor):
    story = make.story()
    reporter, gone, *others = (make.user("reporter", is_active=active) for active in (True, False, False))
    others.append(make.user("letters staff"))
    Desk.objects.filter(article=story).update(assignee=gone)

    form = Form(desk, road(story))

    choice = re.search(r'<select name="desk-0-assignee".*?</select>', form.html, re.DOTALL)[0]
    offered = {int(key) for key in re.findall(r'value="(\d+)"', choice)}
    assert offered >= {editor.pk, reporter.pk, gone.pk}
    assert offered.isdisjoint(person.pk for person in others)
    form.send(headline="Rain")
    assert Desk.objects.get(article=story).assignee == gone
