"""Tightening headline and lead: what is lost is told, and the two go out alone."""

import pytest

from articles import publishing
from articles.kinds import Kind
from articles.models import Article, Desk, KeyPoint
from articles.workflow import Status
from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


@pytest.fixture
def colleague(client_for):
    return client_for(make.user("editor", username="olena"))


@pytest.fixture
def story():
    return make.published(
        "Five die as Italy weighs a drone deal", lead="Five died, Ada Kell said in Rome on Monday."
    )


def test_it_tells_which_numbers_names_and_attributions_are_lost(desk, story):
    said = desk.post(
        road(story, "tighten/look"), {"headline": "People die", "lead": "Five died on Monday."}
    ).content.decode()

    assert "<dt>Numbers lost</dt> <dd> Five </dd>" in " ".join(said.split())
    assert "Ada Kell, Rome" in said
    assert "<dt>Attribution lost</dt> <dd> said </dd>" in " ".join(said.split())
    assert "<small>4 of 45 words" in said


def test_it_shows_the_text_as_machines_cut_it(desk, story):
    headline = "A headline that is a good deal longer than a mail program has room for in its list"

    said = desk.post(road(story, "tighten/look"), {"headline": headline, "lead": "Short."}).content.decode()

    assert "<b>A headline that is a good deal longer than a…</b>" in said
    assert story.get_absolute_url() in said


def test_the_two_go_out_alone_and_the_rest_of_the_draft_stays(desk, story):
    Form(desk, road(story)).send(why_it_matters="A draft that nobody has checked.")

    answer = Form(desk, road(story, "tighten")).send(lead="Six died.", note="One more died.", _publish="")

    assert answer["Location"] == road(story)
    edition = story.revisions.get(number=2)
    assert (edition.kind, edition.lead, edition.note) == (Kind.TIGHTENED, "Six died.", "One more died.")
    assert "nobody has checked" not in edition.snapshot
    assert Article.objects.get(pk=story.pk).why_it_matters == "A draft that nobody has checked."


def test_what_needs_more_than_a_press_is_said_on_the_page_of_publishing(desk, story):
    answer = Form(desk, road(story, "tighten")).send(headline="A long headline " * 9, _publish="")

    assert answer["Location"] == f"{road(story, 'publish')}?goes=headline&goes=lead"
    assert "It is saved and not published yet." in desk.get(answer["Location"]).content.decode()
    assert story.revisions.count() == 1


def test_a_note_typed_before_a_save_is_still_there(desk, story):
    Form(desk, road(story)).send(note="One more died.", private_note="Call the ministry.")

    form = Form(desk, road(story, "tighten"))
    assert form["note"] == ["One more died."]
    form.send(lead="Six died.", note="One more has died.")

    page = Form(desk, road(story))
    assert (page["note"], page["private_note"]) == (["One more has died."], ["Call the ministry."])


def test_a_copy_saved_meanwhile_is_shown_beside_mine_and_what_both_began_with(desk, story, colleague):
    mine = Form(desk, road(story, "tighten"))
    Form(colleague, road(story)).send(lead="Theirs.")

    answer = mine.send(lead="Mine.")

    assert answer.status_code == 409
    shown = answer.content.decode()
    assert all(word in shown for word in ("Saved by olena", "Theirs", "Mine", "Ada Kell"))
    assert Article.objects.get(pk=story.pk).lead == "Theirs."
    Form(desk, road(story, "tighten"), answer).send(**{"take-lead": "mine"})
    assert Article.objects.get(pk=story.pk).lead == "Mine."


def test_what_each_changed_alone_is_kept_without_asking(desk, story, colleague):
    mine = Form(desk, road(story, "tighten"))
    Form(colleague, road(story)).send(headline="Theirs", why_it_matters="They alone.")

    Form(desk, road(story, "tighten"), mine.send(lead="Mine.")).send()

    after = Article.objects.get(pk=story.pk)
    assert (after.headline, after.lead, after.why_it_matters) == ("Theirs", "Mine.", "They alone.")


def test_my_own_save_from_another_tab_is_called_mine(desk, story):
    mine = Form(desk, road(story, "tighten"))
    Form(desk, road(story)).send(lead="Earlier.")

    shown = mine.send(lead="Later.").content.decode()

    assert "You saved this story in another tab" in shown
    assert "Somebody" not in shown and " theirs" not in shown


def test_without_the_history_of_that_time_mine_is_still_a_choice(desk, story, colleague):
    mine = Form(desk, road(story, "tighten"))
    Form(colleague, road(story)).send(lead="Theirs.", why_it_matters="They alone.")
    story.saved_states.exclude(version=story.saved_states.first().version).delete()

    answer = mine.send(lead="Mine.")
    Form(desk, road(story, "tighten"), answer).send(**{"take-lead": "mine", "take-headline": "mine"})

    after = Article.objects.get(pk=story.pk)
    assert (after.lead, after.why_it_matters) == ("Mine.", "They alone.")


def test_what_was_brought_together_goes_out_only_once_it_was_looked_at(desk, story, colleague):
    mine = Form(desk, road(story, "tighten"))
    Form(colleague, road(story)).send(headline="Theirs")

    conflict = Form(desk, road(story, "tighten"), mine.send(lead="Mine.", note="One more died.", _publish=""))
    answer = conflict.send()

    assert story.revisions.count() == 1
    page = Form(desk, answer["Location"])
    assert page["note"] == ["One more died."] and {*page["goes"]} == {"headline", "lead"}
    assert "look at it, then publish" in page.html


@pytest.mark.parametrize("typed", [{"headline": " "}, {"headline": "x" * 10_000}, {"lead": "word " * 5_000}])
def test_what_cannot_be_saved_stays_in_the_form(desk, story, typed):
    answer = Form(desk, road(story, "tighten")).send(**typed)

    assert "It was not saved. What you typed is still here." in answer.content.decode()
    assert Article.objects.get(pk=story.pk).headline == "Five die as Italy weighs a drone deal"


@pytest.mark.parametrize("name", ["tighten", "change"])
def test_what_may_not_be_published_does_not_count_as_saved(client_for, story, name):
    client = client_for(make.user("reporter"))

    answer = Form(client, road(story, name)).send(lead="Six died.", tab="0123abc", _publish="")

    assert answer.status_code == 403
    assert "0123abc" not in client.session.get("saved_tabs", [])
    assert Article.objects.get(pk=story.pk).lead == story.lead


def test_a_reporter_tightens_and_does_not_publish(client_for, story):
    form = Form(client_for(make.user("reporter")), road(story, "tighten"))
    assert 'name="_publish"' not in form.html

    assert form.send(lead="Six died.", _publish="").status_code == 403
    assert story.revisions.count() == 1


def test_one_key_point_is_confirmed_with_one_press(desk, story):
    first, second = story.key_points.all()
    Form(desk, road(story)).send(lead="A draft that nobody has checked.")

    desk.post(road(story, f"confirm/{first.pk}"), {"base": "1"})

    edition = story.revisions.get(number=2)
    assert edition.kind == Kind.RECONFIRMED
    confirmed, other = edition.content.key_points
    assert confirmed.as_of > first.as_of
    assert other.as_of == second.as_of
    assert edition.lead == story.lead
    assert KeyPoint.objects.get(pk=first.pk).as_of == confirmed.as_of


@pytest.mark.parametrize("base", ["0", "2", "", "x"])
def test_a_key_point_is_not_confirmed_from_an_old_page(desk, story, base):
    desk.post(road(story, f"confirm/{story.key_points.first().pk}"), {"base": base})

    assert story.revisions.count() == 1


def test_a_key_point_that_readers_do_not_have_cannot_be_confirmed(desk, story):
    Form(desk, road(story)).send(**{"key_points-2-text": "Greece follows.", "key_points-TOTAL_FORMS": "3"})

    new = story.key_points.last()

    assert desk.post(road(story, f"confirm/{new.pk}"), {"base": "1"}).status_code == 404


def test_a_part_that_goes_out_alone_leaves_the_rest_in_review(desk, story):
    Desk.objects.filter(article=story).update(status=Status.IN_REVIEW)

    Form(desk, road(story, "tighten")).send(lead="Six died.", _publish="")

    assert story.revisions.count() == 2
    assert Desk.objects.get(article=story).status == Status.IN_REVIEW


def test_publishing_the_whole_begins_the_next_edition_as_a_draft(story):
    Desk.objects.filter(article=story).update(status=Status.READY)
    Article.objects.filter(pk=story.pk).update(lead="Six died.")

    publishing.publish(story, kind=Kind.TIGHTENED, by=make.editor(), base=1)

    assert Desk.objects.get(article=story).status == Status.DRAFT
