"""Publishing from the desk: what was looked at goes out, and a refusal keeps what was typed."""

import pytest

from articles import working_copy
from articles.kinds import Kind
from articles.models import Revision
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make.editor()


@pytest.fixture
def desk(client_for, editor):
    return client_for(editor)


def road(article, name="publish"):
    return f"/desk/articles/article/{article.pk}/{name}/"


def test_an_editor_publishes_what_the_page_showed(desk, editor):
    story = make.story("Italy weighs a drone deal")
    form = Form(desk, road(story))

    form.send(private_note="Ask Rome about dates.")

    edition = Revision.objects.get()
    assert (edition.number, edition.kind, edition.by) == (1, Kind.FIRST, editor)
    assert edition.private_note == "Ask Rome about dates."


def test_the_next_edition_says_what_moved(desk):
    story = make.published("Italy weighs a drone deal")
    with working_copy.saving(story, by=make.editor(), version=2):
        story.headline = "Italy signs a drone deal"
        story.save()
    form = Form(desk, road(story))

    form.send(kind="development", note="The deal was signed in Rome.")

    assert "Italy <del>" in form.html
    edition = story.revisions.get(number=2)
    assert (edition.kind, edition.note) == (Kind.DEVELOPMENT, "The deal was signed in Rome.")
