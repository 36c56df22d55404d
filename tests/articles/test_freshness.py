"""Key points that nobody has confirmed for longer than the format allows say so, if the format wants it."""

from datetime import UTC, datetime, timedelta

import pytest

from articles import publishing, snapshot
from articles.changes import compare
from articles.models import KeyPoint
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

ADDRESS = "/ukraine/drone-deal/"
MARK = "Not re-confirmed for over 24 hours"


@pytest.fixture
def marking():
    return make.story_format(stale_hours=24, marks_stale=True)


def published(story_format, *ages: int, **fields):
    """A story with a key point as of so many hours ago, for each."""
    texts = [f"Known for {age} hours." for age in ages]
    story = make.story(
        topic=make.topic("Ukraine"), slug="drone-deal", format=story_format, key_points=texts, **fields
    )
    now = datetime.now(UTC)
    for point, age in zip(story.key_points.order_by("position"), ages, strict=True):
        KeyPoint.objects.filter(pk=point.pk).update(as_of=now - timedelta(hours=age))
    make.edition(story, kind=publishing.Kind.FIRST)
    return story


def marked(reader, road: str = "") -> int:
    return reader.get(ADDRESS + road).text.count(MARK)


@pytest.fixture
def later(monkeypatch):
    """Lets readers look some hours from now."""

    def look(hours: float):
        moment = datetime.now(UTC) + timedelta(hours=hours)
        monkeypatch.setattr("articles.views.story.timezone.now", lambda: moment)

    return look


def test_a_point_older_than_the_limit_says_so_and_a_younger_one_does_not(reader, marking):
    published(marking, 30, 23)

    page = reader.get(ADDRESS).text

    assert page.count(MARK) == 1
    assert page.index("Known for 30 hours.") < page.index(MARK) < page.index("Known for 23 hours.")


def test_a_format_that_does_not_mark_them_leaves_them_alone(reader):
    published(make.story_format(stale_hours=24), 30)

    assert marked(reader) == 0


def test_a_page_that_was_kept_says_so_as_soon_as_the_limit_passes(reader, marking, later):
    published(marking, 23, 22)
    before = reader.get(ADDRESS)
    assert before.text.count(MARK) == 0

    later(1.5)
    after = reader.get(ADDRESS, headers={"If-None-Match": before["ETag"]})
    assert (after.status_code, after.text.count(MARK)) == (200, 1)
    later(1.6)
    assert reader.get(ADDRESS, headers={"If-None-Match": after["ETag"]}).status_code == 304
    later(2.5)
    assert marked(reader) == 2


def test_confirming_it_again_takes_the_mark_away(reader, marking):
    story = published(marking, 30)

    publishing.reconfirm(story, by=make.editor(), base=1)

    assert marked(reader) == 0


def test_a_withdrawn_point_wants_no_confirming(reader, marking):
    story = published(marking, 30)
    story.key_points.update(verification="withdrawn", reason="It was not so.")
    make.edition(story, lead="Nobody confirms it.")

    assert marked(reader) == 0


def test_of_a_settled_story_nothing_wants_confirming(reader, marking):
    story = published(marking, 30)

    publishing.settle(story, by=make.editor(), base=1, note="It ended.", reason="A test.")

    assert marked(reader) == 0


def test_an_edition_as_it_stood_is_not_measured_by_today(reader, marking):
    published(marking, 30)

    assert marked(reader, "revisions/1/") == 0


def test_the_limit_is_that_of_the_edition_not_of_the_format_as_it_is_now(reader, marking):
    published(marking, 30)
    marking.marks_stale = False
    marking.save()

    assert marked(reader) == 1


def test_the_page_costs_one_query_still(reader, marking, django_assert_num_queries):
    published(marking, 30)
    reader.get(ADDRESS)

    with django_assert_num_queries(1):
        reader.get(ADDRESS)


def test_a_limit_that_changed_is_told_in_words(marking):
    story = published(marking, 1)
    marking.stale_hours = 12
    marking.save()

    edition = make.edition(story, lead="Something else.")

    labels = [change.label for change in edition.differences]
    assert "Hours until a key point wants confirming again changed" in labels


def test_the_bytes_of_a_story_without_a_limit_are_what_they_always_were():
    content = published(make.story_format()).revisions.get().content

    assert "stale_hours" not in snapshot.to_json(content)
    assert compare(content, snapshot.from_json(snapshot.to_json(content))) == ()


def test_a_chief_chooses_whether_a_format_marks_them(client_for, marking):
    marking.marks_stale = False
    marking.save()

    Form(client_for(make.user("chief")), f"/desk/articles/storyformat/{marking.pk}/change/").send(marks_stale="on")

    marking.refresh_from_db()
    assert marking.marks_stale


def test_the_desk_lists_them_whether_or_not_readers_see_it(client_for):
    published(make.story_format(stale_hours=24), 30, 1)

    desk = client_for(make.editor()).get("/desk/").text

    assert "Known for 30 hours." in desk
    assert "Known for 1 hours." not in desk
