"""The working copy: one saved state a save, and what restoring brings back into it."""

import pytest
import reversion.models

from articles import publishing, saved_states, working_copy
from articles.models import Citation, SavedState, Section
from tests import make

pytestmark = pytest.mark.django_db


def newest(story):
    return story.revisions.order_by("-number").first()


def test_one_save_is_one_saved_state_with_its_user_and_comment():
    story, editor = make.published(), make.editor()
    before = reversion.models.Revision.objects.count()

    with working_copy.saving(story, by=editor, version=2, comment="Tightened the lead"):
        story.lead = "Shorter."
        story.save()
        Section.objects.create(article=story, position=9, heading="More", body="<p>More.</p>")

    assert reversion.models.Revision.objects.count() == before + 1
    state = story.saved_states.first()
    assert (state.version, state.revision.user, state.revision.comment) == (3, editor, "Tightened the lead")
    assert saved_states.read(state) == working_copy.read(story)


def test_a_save_from_a_stale_form_is_refused_and_writes_nothing():
    story = make.story()

    with pytest.raises(working_copy.StaleCopy), working_copy.saving(story, by=make.editor(), version=0):
        story.lead = "Lost?"
        story.save()

    story.refresh_from_db()
    assert story.lead != "Lost?"


def test_restoring_an_edition_brings_parts_back_under_their_own_ids_and_leaves_the_editions():
    story, editor = make.published(), make.editor()
    content = newest(story).content
    with working_copy.saving(story, by=editor, version=2):
        story.sections.all().delete()
        story.key_points.filter(position=1).delete()
        story.citations.all().delete()
        story.headline = "Something else"
        story.save()
    make.edition(story)

    publishing.restore(story, content, by=editor, version=4, comment="Back to edition 1")

    assert working_copy.read(story) == content
    assert story.revisions.count() == 2


def test_restoring_one_part_leaves_the_others_as_they_are():
    story = make.published(headline="Old headline", lead="Old lead.")
    content = newest(story).content
    make.edition(story, headline="New headline", lead="New lead.")

    publishing.restore(story, content, by=make.editor(), version=4, comment="Old lead", parts=["lead"])

    story.refresh_from_db()
    assert (story.headline, story.lead) == ("New headline", "Old lead.")


def test_restoring_an_edition_keeps_who_a_confidential_source_is():
    story = make.published(sources=[make.source("A friend in Rome", is_confidential=True)])
    edition = make.edition(story, headline="New headline")

    publishing.restore(story, edition.content, by=make.editor(), version=4, comment="Back")

    assert story.citations.get().confidential_source.name == "A friend in Rome"


def test_restoring_takes_no_confidential_source_out():
    story = make.published()
    content = newest(story).content
    friend = make.source("A friend in Rome", is_confidential=True)
    with working_copy.saving(story, by=make.editor(), version=2):
        Citation.objects.create(article=story, position=2, confidential_source=friend)

    publishing.restore(story, content, by=make.user("reporter"), version=3, comment="Back")

    assert story.citations.filter(confidential_source=friend).exists()


def test_restoring_a_citation_of_a_source_that_is_cited_anew_does_not_cite_it_twice():
    story = make.published()
    content = newest(story).content
    source = story.citations.get().source
    with working_copy.saving(story, by=make.editor(), version=2):
        story.citations.all().delete()
        Citation.objects.create(article=story, position=1, source=source)
    [citation] = content.citations

    publishing.restore(
        story, content, by=make.editor(), version=3, comment="Back", parts=[f"citation:{citation.id}"]
    )

    assert story.citations.get().source == source


def test_pruning_the_draft_history_leaves_the_editions():
    story = make.published()
    make.edition(story, headline="Two")

    reversion.models.Revision.objects.all().delete()

    assert not SavedState.objects.exists()
    assert [edition.number for edition in story.revisions.order_by("number")] == [1, 2]
