"""Where a story stands: the one word for it, and what counts as a change that readers have not seen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from reversion.models import Version

from articles import publishing, working_copy
from articles.changes import compare
from articles.kinds import Kind
from articles.models import Article, Citation, Desk, KeyPoint, PhotoUse, SavedState, Section
from articles.standing import Standing
from articles.workflow import Status
from tests import make

pytestmark = pytest.mark.django_db


def standing(story) -> Standing:
    return Article.objects.get(pk=story.pk).standing


def whole():
    """A published story that has some of everything."""
    story = make.story(
        photo=make.photo(),
        sources=[make.source("Agency"), make.source("Ministry"), make.source("A friend", is_confidential=True)],
        sections=[
            ("What happened", "<p>They met &amp; <strong>spoke</strong>.</p>"),
            ("Background", "<p>Old.</p>"),
        ],
        kicker="Defence",
        share_text="Read this",
    )
    story.byline.add(make.author("Olena Hrytsenko"), make.author("Anton Bilyk"))
    point = story.key_points.first()
    point.citations.set(reversed(story.citations.all()[:2]))
    publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, reason="As a test needs it.")
    return story


def saved(story, change=lambda: None):
    """The story saved at the desk once more, with a change."""
    version = Desk.objects.get(article=story).version
    with working_copy.saving(story, by=make.editor(), version=version):
        change()
    return story


def test_a_story_before_its_first_edition_is_not_published():
    assert standing(make.story()) == Standing.NOT_PUBLISHED


def test_a_published_story_has_no_changes():
    assert standing(whole()) == Standing.UNCHANGED


def test_saving_without_a_change_is_no_unpublished_change():
    assert standing(saved(whole())) == Standing.UNCHANGED


CHANGES = {
    "headline": lambda story: Article.objects.filter(pk=story.pk).update(headline="Another"),
    "lead": lambda story: Article.objects.filter(pk=story.pk).update(lead="Another."),
    "why it matters": lambda story: Article.objects.filter(pk=story.pk).update(why_it_matters="Much."),
    "kicker": lambda story: Article.objects.filter(pk=story.pk).update(kicker=""),
    "language": lambda story: Article.objects.filter(pk=story.pk).update(language="uk"),
    "share text": lambda story: Article.objects.filter(pk=story.pk).update(share_text=""),
    "topic": lambda story: Article.objects.filter(pk=story.pk).update(topic=make.topic("Elsewhere")),
    "byline": lambda story: story.byline.add(make.author("Vira Koval")),
    "a key point's words": lambda story: KeyPoint.objects.filter(position=1).update(text="Another."),
    "how sure": lambda story: KeyPoint.objects.filter(position=1).update(verification="disputed"),
    "since when": lambda story: KeyPoint.objects.filter(position=1).update(
        as_of=story.key_points.first().as_of + timedelta(microseconds=1)
    ),
    "a key point's sources": lambda story: story.key_points.first().citations.clear(),
    "a key point taken out": lambda story: story.key_points.last().delete(),
    "key points changed about": lambda story: _swap(KeyPoint, story),
    "a section's words": lambda story: Section.objects.filter(position=1).update(body="<p>They met.</p>"),
    "a section's heading": lambda story: Section.objects.filter(position=1).update(heading="Now"),
    "a section's role": lambda story: Section.objects.filter(position=1).update(role="context"),
    "sections changed about": lambda story: _swap(Section, story),
    "a section added": lambda story: Section.objects.create(article=story, position=3, heading="More"),
    "a source taken out": lambda story: story.citations.get(position=3).delete(),
    "a source's weight": lambda story: Citation.objects.filter(position=1).update(is_primary=True),
    "what a source supports": lambda story: Citation.objects.filter(position=1).update(supports="All"),
    "sources changed about": lambda story: _swap(Citation, story),
    "the photo taken out": lambda story: PhotoUse.objects.all().delete(),
    "another photo": lambda story: PhotoUse.objects.update(photo=make.photo(make.picture("b.png"))),
    "the photo's caption": lambda story: PhotoUse.objects.update(caption="Rome."),
    "the photo's crop": lambda story: PhotoUse.objects.update(crop="1/1"),
}


def _swap(model, story):
    first, second = model.objects.filter(article=story)[:2]
    for part, position in ((first, 2), (second, 1)):
        model.objects.filter(pk=part.pk).update(position=position)


@pytest.mark.parametrize("what", CHANGES)
def test_each_kind_of_change_is_told_until_it_is_published(what):
    story = saved(whole(), change=lambda: None)
    saved(story, lambda: CHANGES[what](story))

    assert standing(story) == Standing.UNPUBLISHED_CHANGES
    assert compare(story.revisions.first().content, working_copy.read(story))

    make.edition(story)
    assert standing(story) == Standing.UNCHANGED


def test_a_photo_added_is_an_unpublished_change():
    story = make.published()
    PhotoUse.objects.create(article=story, photo=make.photo(), alt="Two people.")

    assert standing(story) == Standing.UNPUBLISHED_CHANGES


def test_what_a_part_published_alone_left_behind_is_still_unpublished():
    story = whole()
    newest = story.revisions.first()
    saved(story, lambda: CHANGES["lead"](story))
    urgent = compare(
        newest.content, replace(newest.content, story=replace(newest.content.story, headline="Urgent"))
    )

    publishing.publish_part(
        story, changes=urgent, kind=Kind.DEVELOPMENT, by=make.editor(), base=1, note="Now.", reason="Urgent."
    )

    assert standing(story) == Standing.UNPUBLISHED_CHANGES


def test_what_the_site_owns_is_no_change_of_a_story():
    story = whole()

    story.citations.first().source.__class__.objects.update(title="Another title")
    story.topic.name = "Ukraine and the world"
    story.topic.save()
    story.photo_use.photo.__class__.objects.update(credit="Somebody else")

    assert standing(story) == Standing.UNCHANGED


def test_the_history_may_be_pruned_and_the_word_stays_true():
    story = whole()
    SavedState.objects.all().delete()
    Version.objects.all().delete()

    assert standing(story) == Standing.UNCHANGED


@pytest.mark.parametrize(
    ("status", "expected"), [(Status.IN_REVIEW, Standing.IN_REVIEW), (Status.READY, Standing.READY)]
)
def test_an_edition_under_way_is_told_before_all_else_readers_may_have(status, expected):
    for story in (make.story(), make.published()):
        Desk.objects.filter(article=story).update(status=status)

        assert standing(story) == expected


def test_a_settled_story_is_settled_until_it_is_written_on():
    story = whole()
    publishing.settle(story, by=make.editor(), base=1, note="Done.")
    assert standing(story) == Standing.SETTLED

    saved(story, lambda: CHANGES["lead"](story))
    assert standing(story) == Standing.UNPUBLISHED_CHANGES


def test_a_withdrawn_story_is_withdrawn_whatever_is_written():
    story = whole()
    publishing.withdraw(story, by=make.user("chief"), base=1, note="It was staged.")
    saved(story, lambda: CHANGES["lead"](story))
    Desk.objects.filter(article=story).update(status=Status.READY)

    assert standing(story) == Standing.WITHDRAWN


def test_every_standing_has_words_of_its_own():
    assert len({standing.label for standing in Standing}) == len(Standing)
