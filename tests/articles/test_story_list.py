"""The list of stories at the desk: its columns, its filters, its search, and what it asks of the database."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from articles import publishing, withholding, working_copy
from articles.models import Article, Desk
from articles.standing import Standing
from articles.workflow import Status
from tests import make

pytestmark = pytest.mark.django_db

LIST = "/desk/articles/article/"


@pytest.fixture
def editor():
    return make.user("editor", first_name="Ewan", last_name="Reid")


@pytest.fixture
def desk(client_for, editor):
    return client_for(editor)


def rows(response) -> list[dict[str, str]]:
    """The rows of the list, each column's words by its name."""
    assert response.status_code == 200
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", response.text.split("<tbody>")[-1], re.S):
        cells = re.findall(r'class="field-(\w+)[^"]*"[^>]*>(.*?)</t[hd]>', row, re.S)
        found.append({name: unescape(re.sub("<.*?>", "", cell)) for name, cell in cells})
    return found


def headlines(response) -> list[str]:
    return [row["headline"] for row in rows(response)] if "result_list" in response.text else []


def test_a_row_tells_what_an_editor_needs_to_choose(desk, settings):
    settings.TIME_ZONE = "Europe/Rome"
    by = make.user("reporter", first_name="Rosa", last_name="Lind")
    story = make.story("Italy weighs a drone deal", topic=make.topic("Ukraine"), by=by)

    [row] = rows(desk.get(LIST))

    assert row == {
        "headline": "Italy weighs a drone deal",
        "topic": "Ukraine",
        "standing": "Not published",
        "edition": "-",
        "confirmed": "-",
        "updated": "-",
        "saved_by": "Rosa Lind",
    }
    publishing.publish(story, kind=publishing.Kind.FIRST, by=make.editor(), base=0, reason="As a test needs it.")
    [row] = rows(desk.get(LIST))
    assert (row["standing"], row["edition"]) == ("Published, no changes", "1")
    assert re.fullmatch(r"\d+ \w+ \d{4}, \d\d:\d\d CES?T", row["updated"])
    assert row["confirmed"] == row["updated"]
    assert row["saved_by"] == story.saved_states.first().revision.user.username


def test_the_story_saved_last_comes_first(desk):
    for name in ("One", "Two", "Three"):
        make.story(name)
    story = Article.objects.get(headline="Two")
    with working_copy.saving(story, by=make.editor(), version=1):
        pass

    assert headlines(desk.get(LIST)) == ["Two", "Three", "One"]


@pytest.mark.parametrize("column", range(1, 8))
def test_every_column_can_be_sorted_by(desk, column):
    make.story("A draft")
    make.published("A published story")

    assert len(rows(desk.get(LIST, {"o": column}))) == 2
    assert len(rows(desk.get(LIST, {"o": -column}))) == 2


def make_one_of_each():
    publishing.withdraw(make.published("withdrawn"), by=make.user("chief"), base=1, note="It was staged.")
    withholding.withhold(make.published("withheld"), numbers=None, category="law", by=make.user("chief"))
    publishing.settle(make.published("settled"), by=make.editor(), base=1, note="Done.")
    make.published("unchanged")
    Article.objects.filter(pk=make.published("unpublished-changes").pk).update(lead="Another.")
    make.story("not-published")
    for status in (Status.IN_REVIEW, Status.READY):
        story = make.published(status.replace("_", "-"))
        Desk.objects.filter(article=story).update(status=status)


def test_the_list_is_narrowed_by_status(desk):
    make_one_of_each()

    for standing in Standing:
        answer = desk.get(LIST, {"status": standing})

        assert [(row["headline"], row["standing"]) for row in rows(answer)] == [(standing, standing.label)]


def test_the_list_is_narrowed_by_topic_format_pace_and_assignee(desk, editor):
    topic, other = make.topic("Energy"), make.story_format(headings="")
    wanted = make.published("Wanted", topic=topic, format=other)
    publishing.settle(wanted, by=make.editor(), base=1, note="Done.")
    Desk.objects.filter(article=wanted).update(assignee=editor)
    make.published("Other")

    for narrowed in (
        {"topic__id__exact": topic.pk},
        {"format__id__exact": other.pk},
        {"desk__base_edition__pace__exact": "settled"},
        {"desk__assignee__id__exact": editor.pk},
        {"mine": "assigned"},
    ):
        assert headlines(desk.get(LIST, narrowed)) == ["Wanted"]


def test_the_stories_one_has_edited_are_found(desk, editor):
    make.story("Mine", by=editor)
    make.story("Somebody else's")

    assert headlines(desk.get(LIST, {"mine": "edited"})) == ["Mine"]


def test_a_story_is_found_by_the_words_of_its_working_copy_and_of_its_newest_edition(desk):
    story = make.published("Harbour", slug="the-old-mole", lead="Ferries stay in.", kicker="Storm")
    Article.objects.filter(pk=story.pk).update(headline="Haven", lead="Ships sail.", kicker="Weather")
    make.published("Another", lead="Of something else.")

    for words in (
        "Haven",
        "HARBOUR",
        "old-mole",
        "ships sail",
        "ferries",
        "weather",
        "storm",
        "haven storm ferries",
    ):
        assert headlines(desk.get(LIST, {"q": words})) == ["Haven"], words
    assert headlines(desk.get(LIST, {"q": "volcano"})) == []


def test_a_reporter_finds_the_stories_of_other_desks_in_no_way(client_for):
    own, others = make.topic("Energy"), make.topic("Ukraine")
    reporter = make.user("reporter")
    own.members.add(reporter)
    others.members.add(make.user("reporter"))
    make.story("Own", topic=own)
    foreign = make.story("Foreign", topic=others)
    Desk.objects.filter(article=foreign).update(assignee=reporter)
    client = client_for(reporter)

    for narrowed in ({}, {"q": "o"}, {"mine": "assigned"}, {"status": "not-published"}):
        assert "Foreign" not in headlines(client.get(LIST, narrowed))
    assert "Ukraine" not in client.get(LIST).text


def test_a_long_list_has_pages(desk):
    for number in range(51):
        make.story(f"Story {number}", key_points=[], sections=[], sources=[])

    assert len(rows(desk.get(LIST))) == 50
    assert len(rows(desk.get(LIST, {"p": 2}))) == 1


def test_the_queries_do_not_grow_with_the_stories(desk, django_assert_num_queries):
    """Session, user, two for permissions, three filters; how many there are, and the rows."""
    queries = 9
    make_one_of_each()
    with django_assert_num_queries(queries):
        desk.get(LIST)

    for number in range(20):
        make.published(f"Story {number}", key_points=["One."], sections=[], sources=[])
    with django_assert_num_queries(queries):
        desk.get(LIST)
    with django_assert_num_queries(queries):
        desk.get(LIST, {"q": "story", "status": "unchanged"})


def test_times_of_the_whole_desk_have_24_hours_and_a_zone(client_for, editor, settings):
    settings.TIME_ZONE = "Europe/Rome"
    topic = make.topic("Ukraine")
    content = ContentType.objects.get_for_model(topic)
    LogEntry.objects.create(
        user=editor, content_type=content, object_id=topic.pk, action_flag=2, object_repr="Ukraine"
    )
    LogEntry.objects.update(action_time=datetime(2026, 7, 1, 20, 42, tzinfo=UTC))
    make.published()
    superuser = client_for(make.user(is_superuser=True))

    assert "1 July 2026, 22:42 CEST" in superuser.get(f"/desk/articles/topic/{topic.pk}/history/").text
    shown = superuser.get("/desk/articles/revision/").text
    assert not re.search(r"[ap]\.m\.|noon|midnight", shown)
    assert re.search(r"\d\d:\d\d CES?T", shown)
