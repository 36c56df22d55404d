"""Two editors save one story: the second is shown both, and nothing of either is lost."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import saved_states, working_copy
from articles.models import Article, Section
from articles.reading import clock
from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def a(client_for):
    return client_for(make.user("editor", username="anna"))


@pytest.fixture
def b(client_for):
    return client_for(make.user("editor", username="borys"))


def every_choice(conflict, side="mine") -> dict[str, str]:
    return dict.fromkeys(re.findall('name="(take-[^"]+)"', conflict.html), side)


def test_a_late_save_is_shown_what_was_saved_meanwhile(a, b):
    story = make.story("Italy weighs a drone deal")
    late = Form(b, road(story))
    Form(a, road(story)).send(headline="Italy signs a drone deal")

    answer = late.send(headline="Italy rejects a drone deal")

    assert answer.status_code == 409
    shown = answer.content.decode()
    assert all(word in shown for word in ("anna", "weighs", "signs", "rejects"))
    assert working_copy.read(story).story.headline == "Italy signs a drone deal"


def test_what_only_one_of_them_changed_is_kept_without_asking(a, b):
    story = make.story(key_points=["Italy is interested.", "Norway signed first."])
    late = Form(b, road(story))
    Form(a, road(story)).send(lead="Rome has decided.")
    conflict = late.send(**{"key_points-1-text": "Norway signed in April."})

    Form(b, road(story), conflict).send()

    after = working_copy.read(story)
    assert after.story.lead == "Rome has decided."
    assert [point.text for point in after.key_points] == ["Italy is interested.", "Norway signed in April."]
    assert story.saved_states.first().version == 3


@pytest.mark.parametrize(("choice", "headline"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_where_both_changed_one_part_the_late_one_chooses(a, b, choice, headline):
    story = make.story("Neither")
    late = Form(b, road(story))
    Form(a, road(story)).send(headline="Theirs")
    conflict = Form(b, road(story), late.send(headline="Mine", lead="My lead."))

    conflict.send(**{"take-headline": choice})

    after = working_copy.read(story)
    assert (after.story.headline, after.story.lead) == (headline, "My lead.")


def test_no_choice_is_made_for_anybody_and_none_missing_loses_a_word(a, b):
    story = make.story("Neither", lead="Neither.")
    late = Form(b, road(story))
    Form(a, road(story)).send(headline="Theirs", lead="Theirs.", why_it_matters="They alone.")
    conflict = Form(b, road(story), late.send(headline="Mine", lead="Mine."))
    assert not every_choice(conflict).keys() & conflict.keys()

    answer = conflict.send(**{"take-headline": "theirs"})

    assert answer.status_code == 409
    assert working_copy.read(story).story.lead == "Theirs."
    again = Form(b, road(story), answer)
    assert re.findall('<a href="#take-.*?">(.*?)</a>', again.html) == ["Lead"]
    again.send(**{"take-lead": "mine"})
    after = working_copy.read(story).story
    assert (after.headline, after.lead, after.why_it_matters) == ("Theirs", "Mine.", "They alone.")


def test_the_page_says_who_saved_and_when_and_shows_only_what_differs(a, b):
    story = make.story("Neither", key_points=["Italy is interested."])
    late = Form(b, road(story))
    Form(a, road(story)).send(headline="Theirs", why_it_matters="It is the first deal.")

    answer = late.send(headline="Mine", why_it_matters="It is the first deal.")

    save = story.saved_states.first()
    shown = " ".join(answer.content.decode().split())
    assert f"Saved by anna, {clock(save.revision.date_created)}: Changed headline" in shown
    assert "Take theirs, saved by anna" in shown
    words = re.sub('<input type="hidden".*?>', "", shown)
    assert "It is the first deal." not in words and "Italy is interested." not in words


def test_two_tabs_of_one_editor_are_told_apart(b):
    story = make.story("Neither")
    late = Form(b, road(story))
    Form(b, road(story)).send(headline="Earlier")

    answer = late.send(headline="Later")

    shown = answer.content.decode()
    assert "You saved this story in another tab" in shown and "Take what you saved in the other tab" in shown
    assert "Somebody" not in shown and " theirs" not in shown


def test_both_texts_stay_in_the_history(a, b):
    story = make.story("Neither")
    late = Form(b, road(story))
    Form(a, road(story)).send(headline="Theirs")
    Form(b, road(story), late.send(headline="Mine")).send(**{"take-headline": "mine"})

    kept = [saved_states.read(state).story.headline for state in story.saved_states.all()]

    assert kept == ["Mine", "Theirs", "Neither"]


@pytest.mark.parametrize(("choice", "bodies"), [("mine", ["<p>Longer.</p>"]), ("theirs", [])])
def test_a_section_deleted_by_one_and_edited_by_the_other_is_a_choice(a, b, choice, bodies):
    story = make.story(sections=[("What happened", "<p>Short.</p>")])
    pk = story.sections.get().pk
    late = Form(b, road(story))
    Form(a, road(story)).send(**{"sections-0-DELETE": "on"})
    conflict = Form(b, road(story), late.send(**{"sections-0-body": "<p>Longer.</p>"}))

    conflict.send(**{f"take-section:{pk}": choice})

    assert [section.body for section in Section.objects.filter(article=story)] == bodies
    assert all(section.pk == pk for section in Section.objects.filter(article=story))


def test_a_third_save_in_between_is_another_conflict(a, b):
    story = make.story("Neither")
    late = Form(b, road(story))
    Form(a, road(story)).send(headline="First of theirs")
    conflict = Form(b, road(story), late.send(headline="Mine"))
    Form(a, road(story)).send(headline="Second of theirs")

    answer = conflict.send(**{"take-headline": "theirs"})

    assert answer.status_code == 409
    assert "Second" in answer.content.decode()
    assert "once more while you were choosing" in answer.content.decode()
    again = Form(b, road(story), answer)
    assert "take-headline" not in again
    again.send(**{"take-headline": "theirs"})
    assert working_copy.read(story).story.headline == "Second of theirs"


def test_the_address_byline_and_status_of_both_are_brought_together(a, b):
    story = make.story()
    author = make.author()
    late = Form(b, road(story))
    Form(a, road(story)).send(slug="their-address", **{"desk-0-status": "in_review"})

    Form(b, road(story), late.send(byline=[author.pk])).send()

    story = Article.objects.get()
    assert (story.slug, story.desk.status) == ("their-address", "in_review")
    assert list(story.byline.all()) == [author]


@pytest.mark.parametrize(("choice", "slug"), [("mine", "my-address"), ("theirs", "their-address")])
def test_where_both_moved_the_story_the_late_one_chooses_the_address(a, b, choice, slug):
    story = make.story(slug="as-it-was")
    late = Form(b, road(story))
    Form(a, road(story)).send(slug="their-address")
    conflict = Form(b, road(story), late.send(slug="my-address"))

    conflict.send(**{"take-slug": choice})

    assert "take-slug" in conflict.html
    assert Article.objects.get().slug == slug


def test_when_the_history_of_that_time_is_gone_every_difference_is_a_choice(a, b):
    story = make.story("Neither")
    late = Form(b, road(story))
    Form(a, road(story)).send(headline="Theirs", **{"sections-0-DELETE": "on", "key_points-2-text": "Theirs."})
    story.saved_states.get(version=1).revision.delete()

    conflict = Form(b, road(story), late.send(headline="Mine"))
    conflict.send(**every_choice(conflict))

    assert "take-headline" in every_choice(conflict)
    assert "no longer kept" in conflict.html
    after = working_copy.read(story)
    assert after.story.headline == "Mine"
    assert len(after.key_points) == 3
    assert [section.heading for section in after.sections] == ["What happened"]


def test_a_form_that_does_not_say_which_save_it_came_from_is_refused(a):
    story = make.story("Before")
    form = Form(a, road(story))
    del form["version"]

    answer = form.send(headline="After")

    assert "does not say which save" in answer.content.decode()
    assert "After" in answer.content.decode()
    assert working_copy.read(story).story.headline == "Before"


def test_a_source_that_one_took_out_while_the_other_cited_it_again(a, b):
    story = make.story(
        sources=[make.source("Agency"), make.source("Ministry")], key_points=["Italy is interested."]
    )
    agency, ministry = story.citations.all()
    Form(a, road(story)).send(**{"key_points-0-citations": [agency.pk]})
    late = Form(b, road(story))
    Form(a, road(story)).send(**{"citations-0-DELETE": "on"})

    answer = late.send(**{"key_points-0-citations": [agency.pk, ministry.pk]})
    assert answer.status_code == 409
    conflict = Form(b, road(story), answer)
    conflict.send(**every_choice(conflict))

    [point] = working_copy.read(story).key_points
    assert point.citations == (str(ministry.pk),)


def test_new_parts_of_both_are_all_there(a, b):
    story = make.story(key_points=["Italy is interested."])
    friend, ministry = make.source("A friend in Rome", is_confidential=True), make.source("Ministry")
    late = Form(b, road(story))
    Form(a, road(story)).send(**{"key_points-1-text": "Theirs.", "citations-1-source": ministry.pk})

    mine = {
        "key_points-1-text": "Mine.",
        "citations-1-confidential_source": friend.pk,
        "sections-1-heading": "Mine",
    }
    Form(b, road(story), late.send(**mine)).send()

    texts = [point.text for point in story.key_points.all()]
    assert sorted(texts) == ["Italy is interested.", "Mine.", "Theirs."]
    assert {citation.source_id for citation in story.citations.all()} >= {ministry.pk}
    assert story.citations.filter(confidential_source=friend).exists()
    assert [section.heading for section in story.sections.all()] == ["What happened", "Mine"]


def test_a_late_save_of_many_parts_reads_what_was_kept_as_rarely_as_one_of_a_few(a, b):
    many = [f"Number {number}" for number in range(40)]
    story = make.story(key_points=many, sections=[(heading, "<p>Text.</p>") for heading in many])
    late = Form(b, road(story))
    Form(a, road(story)).send(
        **{f"{parts}-{place}-DELETE": "on" for parts in ("key_points", "sections") for place in range(40)}
    )

    with CaptureQueriesContext(connection) as asked:
        late.send(headline="Mine")

    assert len([query for query in asked if 'FROM "reversion_version"' in query["sql"]]) < 10


def test_a_long_text_of_mine_comes_through_the_conflict_whole(a, b):
    story = make.story()
    mine = "<p>" + "Drones and deals. " * 20_000 + "The end.</p>"
    late = Form(b, road(story))
    Form(a, road(story)).send(headline="Theirs")

    Form(b, road(story), late.send(**{"sections-0-body": mine})).send()

    assert story.sections.get().body == mine
