"""How strict a check is, a format says."""

import pytest

from articles import publishing
from articles.kinds import Kind
from articles.models import StoryFormat
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db


def publish(story, **said):
    return publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, **said)


def story_whose_format_says(**levels):
    return make.story(sources=[], format=make.story_format(check_levels=levels))


def test_a_check_warns_as_usual_and_a_reason_overrides_it():
    story = story_whose_format_says()

    with pytest.raises(publishing.ChecksFailed):
        publish(story)
    assert publish(story, reason="The agency follows.").number == 1


def test_a_check_that_blocks_is_not_overridden():
    story = story_whose_format_says(something_is_cited="blocking")

    with pytest.raises(publishing.ChecksFailed):
        publish(story, reason="The agency follows.")


def test_a_check_that_is_off_finds_nothing():
    assert publish(story_whose_format_says(something_is_cited="off")).number == 1


def test_a_check_that_is_off_as_usual_can_be_turned_on():
    story = make.story(format=make.story_format(check_levels={"key_points_are_fresh": "blocking"}))

    with pytest.raises(publishing.ChecksFailed) as refused:
        publish(story)

    message = "“Italy is interested.” has not been confirmed for 24 hours."
    assert message in [finding.message for finding in refused.value.findings]


@pytest.mark.parametrize("slug", ["news-update", "explainer", "live-event"])
def test_an_editor_is_asked_who_reported_a_story_and_who_confirmed_it(client_for, slug):
    story = make.story(format=StoryFormat.objects.get(slug=slug), byline=[])
    story.key_points.update(verification="confirmed")

    page = Form(client_for(make.editor()), f"/desk/articles/article/{story.pk}/publish/")
    refused = page.send().content.decode()

    assert "The story names nobody who reported it." in page.html
    assert f"/desk/articles/article/{story.pk}/change/#id_byline" in page.html
    assert "“Italy is interested.” is confirmed and names no source." in page.html
    assert "Say why this goes out in spite of the warnings" in refused
    assert not story.revisions.exists()


def test_the_chief_says_how_strict_each_check_is(client_for):
    story_format = make.story_format()
    form = Form(client_for(make.user("chief")), f"/desk/articles/storyformat/{story_format.pk}/change/")
    assert form["something_is_cited"] == ["warning"]

    form.send(something_is_cited="blocking", somebody_reported_it="off")

    assert StoryFormat.objects.get(pk=story_format.pk).check_levels == {
        "something_is_cited": "blocking",
        "somebody_reported_it": "off",
    }


def test_a_warning_that_readers_have_already_wants_no_second_reason():
    story = story_whose_format_says()
    publish(story, reason="The agency follows.")
    story.lead = "Rome has decided."
    story.save()

    edition = publishing.publish(story, kind=Kind.TIGHTENED, by=make.editor(), base=1)

    assert edition.private_note == ""


def test_a_warning_that_is_new_wants_its_own_reason():
    story = story_whose_format_says()
    publish(story, reason="The agency follows.")
    story.lead = "Rome has decided. " * 40
    story.save()

    with pytest.raises(publishing.ChecksFailed):
        publishing.publish(story, kind=Kind.TIGHTENED, by=make.editor(), base=1)


def test_a_section_without_words_is_told_of():
    story = make.story()
    story.sections.update(body="<p></p>")

    with pytest.raises(publishing.ChecksFailed) as refused:
        publish(story)

    assert "The section “What happened” has no words; write it or take it out." in str(refused.value.findings)


def test_a_tightening_confirms_nothing():
    story = make.published()
    first = story.revisions.get()

    tightened = make.edition(story, lead="Rome has decided.", kind=Kind.TIGHTENED)

    assert (tightened.confirmed_at, tightened.updated_at) == (first.confirmed_at, tightened.published_at)


def test_a_typo_that_swaps_words_wants_a_reason():
    story = make.published()
    story.lead = story.lead.replace("Rome", "Paris") if "Rome" in story.lead else f"Paris, not Rome. {story.lead}"
    story.save()

    with pytest.raises(publishing.ChecksFailed) as refused:
        publishing.publish(story, kind=Kind.TYPO, by=make.editor(), base=1)

    assert "More changed than how words are spelt" in str(refused.value.findings)
