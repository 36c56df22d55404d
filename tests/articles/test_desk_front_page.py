"""The front page of the desk: what wants an editor's eye, and of which stories."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from unittest.mock import patch

import pytest
from django.utils import timezone

from articles import publishing, working_copy
from articles.changes import compare
from articles.models import Article, Desk, KeyPoint
from articles.workflow import Status
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make.editor()


@pytest.fixture
def desk(client_for, editor):
    return client_for(editor)


def told(client, heading: str) -> list[str]:
    """The rows under one heading of the page, as their words."""
    page = client.get("/desk/").text
    section = re.search(rf'<section[^>]*aria-labelledby="{heading}">(.*?)</section>', page, re.S)[1]
    rows = re.findall(r"<li[^>]*>(.*?)</li>", section, re.S)
    return [" ".join(unescape(re.sub("<.*?>", " ", row)).split()) for row in rows]


def links(client) -> list[str]:
    return re.findall(r'href="(/desk/articles/article/[^"]+)"', client.get("/desk/").text)


def published(headline, *, point="Italy is interested.", hours=0.0, **fields):
    """A story published so many hours ago, its one key point as old."""
    then = timezone.now() - timedelta(hours=hours)
    story = make.story(headline, key_points=[point], **fields)
    KeyPoint.objects.filter(article=story).update(as_of=then)
    with patch("articles.publishing.clock", return_value=then):
        publishing.publish(story, kind=publishing.Kind.FIRST, by=make.editor(), base=0, reason="As it was.")
    return story


def save(story, *, by=None, **fields):
    version = Desk.objects.get(article=story).version
    with working_copy.saving(story, by=by or make.editor(), version=version):
        Article.objects.filter(pk=story.pk).update(**fields) if fields else None


def test_developing_stories_stand_by_how_long_nobody_confirmed_them(desk):
    format = make.story_format(stale_hours=24)
    published("Fresh", format=format, hours=0.5)
    published("Oldest", format=format, hours=31.2)
    published("Older", format=format, hours=5)
    settled = published("Settled", format=format)
    publishing.settle(settled, by=make.editor(), base=1, note="Done.")
    withdrawn = published("Withdrawn", format=format)
    publishing.withdraw(withdrawn, by=make.user("chief"), base=1, note="It was staged.")

    rows = told(desk, "developing")

    assert [row.split(" · ")[0] for row in rows] == [
        "Oldest Not confirmed for 31 hours",
        "Older Confirmed 5 hours ago",
        "Fresh Confirmed 30 minutes ago",
    ]
    assert rows[0].endswith("· edition 1")


def test_how_long_is_too_long_is_the_formats_to_say(desk):
    published("An event", format=make.story_format(stale_hours=2), hours=3)
    published("An explainer", format=make.story_format(stale_hours=72), hours=30)

    assert [row.split(" · ")[0] for row in told(desk, "developing")] == [
        "An explainer Confirmed 30 hours ago",
        "An event Not confirmed for 3 hours",
    ]


def test_stale_key_points_lead_to_where_they_stand(desk):
    story = published("Italy weighs a deal", point="Rome is interested.", hours=80)
    published("New", point="All is new.", hours=1)

    assert told(desk, "stale") == ["Rome is interested. 3 days old · Italy weighs a deal"]
    assert f"/desk/articles/article/{story.pk}/change/#key_points-0" in links(desk)


def test_a_point_confirmed_again_stays_old_to_readers_until_it_is_published(desk):
    story = published("A deal", point="Rome is interested.", hours=80)
    KeyPoint.objects.filter(article=story).update(as_of=timezone.now())

    assert told(desk, "stale") == ["Rome is interested. 3 days old, confirmed again, not published · A deal"]

    publishing.publish(
        story, kind=publishing.Kind.DEVELOPMENT, by=make.editor(), base=1, note="Confirmed.", reason="Sure."
    )
    assert told(desk, "stale") == ["None is older than its format allows."]


def test_a_stale_point_on_one_side_alone_says_on_which(desk):
    story = published("A deal", point="Readers have it.", hours=80)
    KeyPoint.objects.filter(article=story).delete()
    KeyPoint.objects.create(
        article=story, position=1, text="Just written.", as_of=timezone.now() - timedelta(hours=30)
    )

    assert told(desk, "stale") == [
        "Readers have it. 3 days old, taken out of the working copy; readers have it · A deal",
        "Just written. 30 hours old, not published yet · A deal",
    ]


def test_a_withdrawn_point_and_those_of_settled_stories_want_no_confirming(desk):
    settled = published("Settled", hours=80)
    publishing.settle(settled, by=make.editor(), base=1, note="Done.")
    story = make.story("Withdrawn", key_points=["It was so."])
    KeyPoint.objects.filter(article=story).update(verification="withdrawn", reason="It was not.")
    publishing.publish(story, kind=publishing.Kind.FIRST, by=make.editor(), base=0, reason="As a test needs it.")

    assert told(desk, "stale") == ["None is older than its format allows."]


def test_unpublished_changes_are_told_with_who_saved_them(desk):
    story = make.published("As it was")
    unchanged = make.published("Saved without a change")
    save(unchanged)
    save(story, by=make.user("reporter", first_name="Rosa", last_name="Lind"), lead="Another.")

    [row] = told(desk, "unpublished")

    assert re.fullmatch(r"As it was Saved \d+ \w+ \d{4}, \d\d:\d\d UTC by Rosa Lind", row)


def test_changes_that_a_part_published_alone_left_behind_are_told(desk):
    story = make.published("As it was")
    newest = story.revisions.get()
    save(story, lead="Half written.")
    urgent = replace(newest.content, story=replace(newest.content.story, headline="Urgent"))
    publishing.publish_part(
        story,
        changes=compare(newest.content, urgent),
        kind=publishing.Kind.DEVELOPMENT,
        by=make.editor(),
        base=1,
        note="Now.",
        reason="Urgent.",
    )

    assert [row.split(" Saved ")[0] for row in told(desk, "unpublished")] == ["Urgent"]


def test_a_settled_story_that_is_written_on_has_unpublished_changes(desk):
    story = make.published("Settled")
    publishing.settle(story, by=make.editor(), base=1, note="Done.")
    save(story, lead="Another.")

    assert [row.split(" Saved ")[0] for row in told(desk, "unpublished")] == ["Settled"]


def test_drafts_wait_by_how_near_they_are_to_readers(desk):
    make.story("Begun")
    for status in (Status.IN_REVIEW, Status.READY):
        Desk.objects.filter(article=make.published(status.label)).update(
            status=status, assignee=make.user("reporter", first_name="Rosa", last_name="Lind")
        )

    assert [row.split(" · Topic")[0] for row in told(desk, "waiting")] == [
        "Ready Ready · with Rosa Lind",
        "In review In review · with Rosa Lind",
        "Begun Not published",
    ]


def test_what_one_edited_is_found_again(desk, editor):
    story = make.story("First", by=editor)
    make.story("Second", by=editor)
    make.story("Somebody else's")
    save(story, by=editor)

    assert [row.split(" Not published")[0] for row in told(desk, "edited")] == ["First", "Second"]


def test_a_reporter_sees_the_stories_of_own_topics_alone(client_for):
    reporter, others = make.user("reporter"), make.topic("Ukraine")
    others.members.add(make.user("reporter"))
    published("Foreign", topic=others, hours=80)
    save(make.published("Foreign and changed", topic=others), by=reporter, lead="Another.")
    make.story("Foreign draft", topic=others)
    client = client_for(reporter)

    assert "Foreign" not in client.get("/desk/").text
    assert "No story is developing." in client.get("/desk/").text


def test_who_edits_no_stories_is_shown_no_lists(client_for):
    make.published()

    page = client_for(make.user("letters staff")).get("/desk/")

    assert page.status_code == 200
    assert "overview" not in page.text.split("<body")[1]


def test_the_page_begins_with_a_sentence(desk):
    for name in ("One", "Two"):
        published(name, hours=80)
    save(Article.objects.first(), lead="Another.")

    page = " ".join(desk.get("/desk/").text.split())

    assert "2 stories are developing. 2 key points want confirming. 1 has changes readers have not seen." in page


def test_a_long_list_says_how_much_more_there_is(desk):
    for number in range(8):
        published(f"Story {number}", hours=80)

    page = " ".join(desk.get("/desk/").text.split())

    assert len(told(desk, "developing")) == len(told(desk, "stale")) == 6
    assert "All 8 developing stories" in page and "and 2 more" in page


def test_the_queries_do_not_grow_with_the_stories(desk, editor, django_assert_num_queries):
    """
    Session, user, two for permissions; developing; stories, editions, copies of key points; three lists; reports.
    """
    queries = 13
    story = published("One", hours=80, by=editor)
    save(story, by=editor, lead="Another.")
    make.story("A draft", by=editor)
    with django_assert_num_queries(queries):
        desk.get("/desk/")

    for number in range(12):
        story = published(f"Story {number}", hours=80)
        save(story, by=editor, lead="Another.")
        make.story(f"Draft {number}", by=editor)
    with django_assert_num_queries(queries):
        desk.get("/desk/")
