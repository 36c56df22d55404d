"""What is typed and not saved: kept for its editor, offered back, and gone once it is saved."""

import pytest

from articles.models import Article, UnsavedText
from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make.editor()


@pytest.fixture
def desk(client_for, editor):
    return client_for(editor)


@pytest.fixture
def story():
    return make.story()


def typed(client, story, tab: str = "first", **fields) -> dict:
    """A form that was typed into and that the browser has sent to be kept."""
    form = {**Form(client, road(story)), "tab": tab, **fields}
    assert client.post(road(story, "rail"), form).status_code == 200
    return form


def test_it_is_offered_back_and_comes_back_as_it_was_typed(desk, story):
    typed(
        desk,
        story,
        lead="Half a sentence, and th",
        **{"key_points-2-text": "Greece", "key_points-TOTAL_FORMS": "3"},
    )
    page = Form(desk, road(story))
    assert "was not saved" in page.html

    back = desk.post(road(story), {"tab": "first", "bring_back": "first"}).content.decode()

    assert "Half a sentence, and th</textarea>" in back
    assert "Greece</textarea>" in back
    assert "Look it over, then save it." in back
    assert "correct the error" not in back and "It was not saved." not in back
    assert Article.objects.get(pk=story.pk).lead == story.lead


def test_what_came_back_is_saved_as_any_other(desk, story):
    typed(desk, story, lead="Half a sentence.")
    back = desk.post(road(story), {"tab": "first", "bring_back": "first"})
    form = Form(desk, road(story), back)

    answer = form.send(tab="first")

    assert answer.status_code == 302
    assert Article.objects.get(pk=story.pk).lead == "Half a sentence."
    assert "was not saved" not in desk.get(road(story)).content.decode()


def test_what_came_back_late_meets_what_others_saved(desk, story, client_for):
    typed(desk, story, lead="Mine.")
    Form(client_for(make.editor()), road(story)).send(lead="Theirs.")
    back = Form(desk, road(story), desk.post(road(story), {"tab": "first", "bring_back": "first"}))

    answer = back.send()

    assert answer.status_code == 409
    assert Article.objects.get(pk=story.pk).lead == "Theirs."


def test_what_was_brought_together_with_others_is_saved_and_not_offered(desk, story, client_for):
    late = typed(desk, story, lead="Mine.")
    Form(client_for(make.editor()), road(story)).send(lead="Theirs.")
    conflict = Form(desk, road(story), desk.post(road(story), late))

    conflict.send(**{"take-lead": "mine"})

    assert Article.objects.get(pk=story.pk).lead == "Mine."
    assert "was not saved" not in desk.get(road(story)).content.decode()


def test_two_tabs_of_one_editor_are_two(desk, story):
    typed(desk, story, "first", lead="One.")
    typed(desk, story, "second", lead="Two.")

    page = desk.get(road(story)).content.decode()
    assert page.count("was not saved") == 2
    assert UnsavedText.objects.count() == 1

    Form(desk, road(story), desk.post(road(story), {"tab": "first", "bring_back": "first"})).send(tab="first")
    assert desk.get(road(story)).content.decode().count("was not saved") == 1


def test_a_save_that_fails_keeps_it(desk, story):
    form = typed(desk, story, headline=" ")

    answer = desk.post(road(story), form)

    assert answer.status_code == 200
    assert "It was not saved. What you typed is still here" in answer.content.decode()
    assert "first" in UnsavedText.objects.get().tabs


def test_what_is_said_about_the_next_edition_comes_back_with_the_text(desk, story):
    typed(desk, story, note="Rome has decided.", private_note="Call the ministry.")

    back = Form(desk, road(story), desk.post(road(story), {"tab": "first", "bring_back": "first"}))

    assert (back["note"], back["private_note"]) == (["Rome has decided."], ["Call the ministry."])


def test_what_is_said_about_the_next_edition_outlives_a_save_until_it_is_out(desk, story):
    refused = Form(desk, road(story)).send(headline=" ", note="Rome has decided.")
    form = Form(desk, road(story), refused)
    assert form["note"] == ["Rome has decided."]
    form.send(headline="Italy decides")

    page = Form(desk, road(story))
    assert page["note"] == Form(desk, road(story, "publish"))["note"] == ["Rome has decided."]
    assert Form(desk, road(make.story()))["note"] == [""]

    page.send(_publish="")
    assert story.revisions.get().note == "Rome has decided."
    assert Form(desk, road(story))["note"] == [""]


def test_what_is_said_and_taken_back_stays_taken_back(desk, story):
    Form(desk, road(story)).send(note="Rome has decided.")

    Form(desk, road(story)).send(note="")

    assert Form(desk, road(story))["note"] == [""]


def test_it_can_be_thrown_away(desk, story):
    typed(desk, story, lead="Nonsense.")

    desk.post(road(story, "unsaved"), {"tab": "first"})

    assert "was not saved" not in desk.get(road(story)).content.decode()


def test_nobody_else_is_offered_it(desk, story, client_for):
    typed(desk, story, lead="Mine.")
    other = client_for(make.editor())

    assert "was not saved" not in other.get(road(story)).content.decode()
    assert other.post(road(story), {"tab": "first", "bring_back": "first"}).status_code == 404


def test_it_is_no_part_of_the_history(desk, story):
    typed(desk, story, lead="Mine.")

    assert story.saved_states.count() == 1


def test_of_many_tabs_the_last_ones_are_kept(desk, story):
    for number in range(7):
        typed(desk, story, f"tab-{number}")

    assert sorted(UnsavedText.objects.get().tabs) == [f"tab-{number}" for number in range(2, 7)]


@pytest.mark.parametrize("tab", ["../etc", "x" * 41, "A B"])
def test_a_tab_that_can_be_none_is_no_page(desk, story, tab):
    form = {**Form(desk, road(story)), "tab": tab}

    assert desk.post(road(story, "rail"), form).status_code == 404


def test_text_that_the_database_cannot_hold_is_kept_without_it(desk, story):
    typed(desk, story, lead="Before\x00after")

    assert UnsavedText.objects.get().tabs["first"]["fields"]["lead"] == ["Beforeafter"]
