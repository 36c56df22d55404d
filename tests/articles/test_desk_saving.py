"""Writing a story at the desk: its parts, their order, and one saved state for every save."""

import pytest

from articles import working_copy
from articles.models import Article
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make.editor()


@pytest.fixture
def desk(client_for, editor):
    return client_for(editor)


def page_of(article):
    return f"/desk/articles/article/{article.pk}/change/"


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
    assert answer.url == page_of(story)
    assert headings(story) == ["What happened", "Key details", "Why it matters", "Background"]
    assert [state.version for state in story.saved_states.all()] == [1]


def test_a_save_of_many_parts_is_one_saved_state(desk, editor):
    story = make.story()
    form = Form(desk, page_of(story))
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
