"""The rail beside a story: it follows the typing, and publishes what it shows."""

import pytest

from articles import working_copy
from articles.admin.typed import read_typed
from articles.kinds import Kind
from articles.models import Article, KeyPoint
from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


@pytest.fixture
def story():
    return make.published("Italy weighs a drone deal", photo=make.photo())


def type_into(client, story, **typed) -> str:
    """What the rail says when this is typed and nothing is saved."""
    answer = client.post(road(story, "rail"), {**Form(client, road(story)), **typed})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_page_that_nobody_typed_into_reads_as_the_working_copy(desk, story):
    assert read_typed(story, Form(desk, road(story))) == working_copy.read(story)


def test_it_shows_word_by_word_what_readers_would_see_change_and_saves_nothing(desk, story):
    said = type_into(desk, story, headline="Italy signs a drone deal")

    assert "Italy <del>" in said
    assert "<b>Tightened</b>" in said
    story.refresh_from_db()
    assert (story.headline, story.desk.version) == ("Italy weighs a drone deal", 2)


def test_it_follows_parts_that_are_new_that_go_and_that_move(desk, story):
    said = type_into(
        desk,
        story,
        **{
            "key_points-0-DELETE": "on",
            "key_points-1-order": "5",
            "key_points-2-text": "Greece follows.",
            "key_points-TOTAL_FORMS": "3",
            "sections-0-body": "<p>The two leaders met in Athens.</p>",
        },
    )

    assert "Key point removed" in said
    assert "Greece follows." in said
    assert "Athens" in said


def test_an_unfinished_row_is_no_row_yet(desk, story):
    typed = {"key_points-2-as_of": "nonsense", "key_points-TOTAL_FORMS": "3", "topic": "-1", "format": "10" * 12}

    assert "Nothing differs from edition 1" in type_into(desk, story, **typed)


def test_it_counts_against_the_limits_of_the_format_and_names_what_is_missing(desk, story):
    story.format.lead_words = 3
    story.format.save()

    said = type_into(desk, story, lead="One two three four", headline="Six")

    assert "<b>Headline</b> 3 of" in said
    assert "<b>Lead</b> 4 of 3 words – too much" in said
    assert "The lead has 4 words; this format allows 3." in said


def test_it_previews_how_readers_will_be_told(desk, story):
    said = type_into(desk, story, lead="Rome signs.", kind="development", note="Rome has signed.")

    assert "<b>New development:</b> <bdi>Rome has signed.</bdi>" in said


def test_text_that_cannot_be_cleaned_is_refused_in_words(desk, story):
    said = type_into(desk, story, **{"sections-0-body": "<div>" * 6_000})

    assert "tags; 5,000 can be saved" in said


def test_saving_and_publishing_is_one_press(desk, story):
    form = Form(desk, road(story))
    typed = {**form, "lead": "Rome signs.", "key_points-2-text": "Greece follows.", "key_points-TOTAL_FORMS": "3"}
    live = desk.post(road(story, "rail"), typed).content.decode()
    [seen] = {line.split('value="')[1].split('"')[0] for line in live.splitlines() if 'name="seen"' in line}

    answer = form.send(**{**typed, "seen": seen, "_publish": "", "kind": "development", "note": "Rome has signed."})

    assert answer["Location"] == road(story)
    edition = story.revisions.get(number=2)
    assert (edition.kind, edition.note, edition.lead) == (Kind.DEVELOPMENT, "Rome has signed.", "Rome signs.")
    assert [point.text for point in edition.content.key_points][-1] == "Greece follows."


def test_what_the_rail_did_not_show_is_saved_and_shown_before_it_goes_out(desk, story):
    form = Form(desk, road(story))

    answer = form.send(lead="Rome signs.", _publish="", kind="development", note="Rome has signed.")

    assert story.revisions.count() == 1
    assert Article.objects.get(pk=story.pk).lead == "Rome signs."
    page = answer.content.decode()
    assert "Your text is saved. Below is what goes out" in page
    assert "Rome has signed." in page


def test_a_note_that_is_missing_is_asked_for_and_the_text_is_saved(desk, story):
    form = Form(desk, road(story))
    live = desk.post(road(story, "rail"), {**form, "lead": "Rome signs."}).content.decode()
    [seen] = {line.split('value="')[1].split('"')[0] for line in live.splitlines() if 'name="seen"' in line}

    answer = form.send(lead="Rome signs.", seen=seen, _publish="", kind="development", note="")

    assert story.revisions.count() == 1
    assert "It was not published. What you typed is still here." in answer.content.decode()
    assert Article.objects.get(pk=story.pk).lead == "Rome signs."


def test_one_part_goes_out_alone_and_the_rest_stays(desk, story):
    Form(desk, road(story)).send(lead="Rome signs.", headline="A headline that nobody has checked")
    form = Form(desk, road(story, "publish"))
    assert form["goes"] == ["headline", "lead"]

    form.send(goes="lead", kind="development", note="Rome has signed.")

    edition = story.revisions.get(number=2)
    assert (edition.headline, edition.lead) == ("Italy weighs a drone deal", "Rome signs.")
    assert Article.objects.get(pk=story.pk).headline == "A headline that nobody has checked"


def test_nothing_ticked_publishes_nothing(desk, story):
    Form(desk, road(story)).send(lead="Rome signs.")
    form = Form(desk, road(story, "publish"))
    del form["goes"]

    answer = form.send(kind="development", note="Rome has signed.")

    assert "Tick what goes out" in answer.content.decode()
    assert story.revisions.count() == 1


def test_the_part_that_is_asked_for_is_the_one_that_is_ticked(desk, story):
    Form(desk, road(story)).send(lead="Rome signs.", headline="A headline that nobody has checked")

    form = Form(desk, f"{road(story, 'publish')}?goes=lead")

    assert form["goes"] == ["lead"]


def test_with_nothing_to_publish_the_page_says_so_and_leads_to_confirming(desk, story):
    page = desk.get(road(story, "publish")).content.decode()

    assert "Nothing differs from edition 1." in page
    assert road(story, "reconfirm") in page


def test_a_reporter_sees_the_changes_and_no_way_to_publish(client_for, story):
    page = client_for(make.user("reporter")).get(road(story)).content.decode()

    assert "What readers will see change" in page
    assert "_publish" not in page


def test_sources_are_added_to_a_key_point_by_number(desk, story):
    citation = story.citations.get()

    Form(desk, road(story)).send(**{"key_points-0-cite": "1 Example Agency"})

    assert [*KeyPoint.objects.get(article=story, position=1).citations.all()] == [citation]


@pytest.mark.parametrize("typed", ["2", "0", "Example Agency", "1, 99"])
def test_a_number_that_no_source_has_is_answered_by_its_field(desk, story, typed):
    page = Form(desk, road(story)).send(**{"key_points-0-cite": typed, "lead": "Rome signs."}).content.decode()

    assert "it has 1 that are saved" in page
    assert "Rome signs." in page


def test_a_slug_that_no_address_can_have_is_answered_by_its_field(desk, story):
    answer = Form(desk, road(story)).send(slug="not/a/slug", lead="Rome signs.")

    assert answer.status_code == 200
    assert "Use small letters a to z" in answer.content.decode()
    assert "Rome signs." in answer.content.decode()
