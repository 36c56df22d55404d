"""The history of a story at the desk: to be looked at without touching anything, and to be restored."""

import threading

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections

from articles import history, working_copy
from articles.models import Article, SavedState
from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make.editor()


@pytest.fixture
def desk(client_for, editor):
    return client_for(editor)


def editions_of(story):
    return list(story.revisions.order_by("number").values_list("number", "content_hash", "chain_hash"))


@pytest.fixture
def long_story(editor):
    """A story with 50 updates."""
    story = make.published("Headline 1", by=editor, key_points=["First."])
    for number in range(2, 51):
        make.edition(story, by=editor, headline=f"Headline {number}")
    return story


def test_restoring_an_edition_loses_none_of_the_others(desk, editor, long_story):
    before = editions_of(long_story)

    answer = Form(desk, road(long_story, "history/editions/3")).send(whole="1", reason="It was right then.")

    assert answer.status_code == 302
    assert working_copy.read(long_story).story.headline == "Headline 3"
    assert editions_of(long_story) == before and len(before) == 50
    assert list(history.faults(long_story)) == []
    newest = long_story.saved_states.first()
    assert newest.revision.user == editor
    assert newest.revision.comment == "Restored from edition 3: It was right then."
    assert long_story.saved_states.count() == 100 + 1


def test_a_saved_state_is_restored_in_the_parts_that_are_chosen(desk):
    story = make.story("Before", lead="The lead before.")
    Form(desk, road(story)).send(headline="After", lead="The lead after.")

    Form(desk, road(story, "history/saves/1")).send(parts=["headline"])

    after = working_copy.read(story).story
    assert (after.headline, after.lead) == ("Before", "The lead after.")


def test_restoring_brings_a_deleted_part_back_with_its_id(desk):
    story = make.story(sections=[("What happened", "<p>They met.</p>")])
    pk = story.sections.get().pk
    Form(desk, road(story)).send(**{"sections-0-DELETE": "on"})

    Form(desk, road(story, "history/saves/1")).send(whole="1")

    assert (story.sections.get().pk, story.sections.get().body) == (pk, "<p>They met.</p>")


def test_restoring_over_a_copy_that_was_saved_meanwhile_is_refused(desk):
    story = make.story("Before")
    Form(desk, road(story)).send(headline="After")
    late = Form(desk, road(story, "history/saves/1"))
    Form(desk, road(story)).send(headline="Much later")

    answer = late.send(whole="1")

    assert "saved while you were looking" in answer.content.decode()
    assert working_copy.read(story).story.headline == "Much later"


def test_choosing_nothing_restores_nothing(desk):
    story = make.story("Before")
    Form(desk, road(story)).send(headline="After")

    answer = Form(desk, road(story, "history/saves/1")).send()

    assert "Choose what to restore." in answer.content.decode()
    assert story.saved_states.count() == 2


def test_a_save_is_shown_as_what_restoring_it_would_change(desk):
    story = make.story("Italy weighs a deal")
    Form(desk, road(story)).send(headline="Italy signs a deal")

    page = desk.get(road(story, "history/saves/1")).content.decode()

    assert "weighs" in page and "signs" in page and "<del>" in page


def test_a_save_whose_source_and_photo_are_gone_can_still_be_read(desk):
    story = make.story(photo=make.photo())
    source, photo = story.citations.get().source, story.photo_use.photo
    Form(desk, road(story)).send(**{"citations-0-DELETE": "on", "photo_use-0-DELETE": "on"})
    source.delete()
    photo.delete()

    assert desk.get(road(story, "history/saves/1")).status_code == 200
    Form(desk, road(story, "history/saves/1")).send(whole="1")

    assert working_copy.read(story).photo is None


def test_saves_and_editions_stand_in_one_line(desk, long_story):
    first = desk.get(road(long_story, "history")).content.decode()
    second = desk.get(road(long_story, "history") + "?page=2").content.decode()

    assert "Edition 50" in first and "Save 100" in first and "Save 1<" not in first
    assert "Edition 1<" in second and "Save 1<" in second
    assert desk.get(road(long_story, "history") + "?page=9").status_code == 404


def test_an_edition_is_there_after_its_save_was_pruned(desk):
    story = make.published()
    SavedState.objects.get(edition__number=1).revision.delete()

    page = desk.get(road(story, "history")).content.decode()

    assert "Edition 1" in page and "Published by" in page


def test_a_long_history_asks_the_database_no_more_than_a_short_one(desk, long_story, django_assert_num_queries):
    short = make.published()
    desk.get(road(short, "history"))

    with django_assert_num_queries(8):
        desk.get(road(short, "history"))
    with django_assert_num_queries(8):
        desk.get(road(long_story, "history"))


def compared(desk, story, start, end) -> str:
    answer = desk.get(road(story, "history/compare"), {"from": start, "to": end})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_history_tells_in_words_what_a_save_touched(desk):
    story = make.story(photo=make.photo())
    form = Form(desk, road(story))

    form.send(
        **{"citations-0-supports": "the meeting", "photo_use-0-caption": "In Rome.", "desk-0-status": "ready"}
    )

    page = desk.get(road(story, "history")).content.decode()
    assert "Changed photo, sources, next edition" in page


def test_any_two_moments_are_compared_the_earlier_one_first(desk, editor):
    story = make.story("Italy weighs a deal", by=editor)
    Form(desk, road(story)).send(headline="Italy wants a deal")
    Form(desk, road(story)).send(headline="Italy signs a deal")

    page = compared(desk, story, "save-3", "save-1")

    assert "<del>" in page and "weighs" in page and "signs" in page and "wants" not in page
    assert page.index("removed: </span>weighs") < page.index("added: </span>signs")
    assert page.count(f"by {editor}") == 2 and "Begun" in page and "Changed headline" in page


def test_an_edition_is_compared_with_a_save(desk):
    story = make.published("Italy weighs a deal")
    Form(desk, road(story)).send(headline="Italy signs a deal")

    page = compared(desk, story, "edition-1", "save-3")

    assert "removed: </span>weighs" in page and "added: </span>signs" in page
    assert "Nothing: the story stood the same" in compared(desk, story, "edition-1", "save-2")


def test_a_comparison_leads_to_restoring_one_part_as_it_was(desk):
    story = make.story("Before", lead="The lead before.")
    Form(desk, road(story)).send(headline="Between", lead="The lead between.")
    Form(desk, road(story)).send(headline="After", lead="The lead after.")
    there = road(story, "history/saves/1") + "?parts=headline"
    assert f'href="{there}"' in compared(desk, story, "save-1", "save-2")

    Form(desk, there).send(reason="It was right.")

    after = working_copy.read(story).story
    assert (after.headline, after.lead) == ("Before", "The lead after.")


@pytest.mark.parametrize(
    "moment", ["", "save", "save-", "save-9", "edition-1", "edit-1", "save-1-2", "save-" + "9" * 99]
)
def test_a_moment_that_never_was_is_not_compared(desk, moment):
    story = make.story()

    assert desk.get(road(story, "history/compare"), {"from": moment, "to": "save-1"}).status_code == 404
    assert desk.get(road(story, "history"), {"from": moment, "page": "1"}).status_code in (200, 404)


def test_a_moment_chosen_on_one_page_stays_chosen_on_the_next(desk, long_story):
    form = Form(desk, road(long_story, "history") + "?from=save-2&to=edition-50&page=2", method="get")

    assert (form["from"], form["to"]) == (["edition-1"], ["edition-50"])
    assert "on another page" in form.html


def test_a_comparison_asks_as_much_for_a_long_story_as_for_a_short_one(desk, long_story, django_assert_num_queries):
    short = make.published()
    Form(desk, road(short)).send(headline="After")
    compared(desk, short, "save-1", "save-3")

    with django_assert_num_queries(22):
        compared(desk, short, "save-1", "save-3")
    with django_assert_num_queries(22):
        compared(desk, long_story, "save-1", "save-99")


PAGES = [
    "change",
    "history",
    "history/compare",
    "history/saves/1",
    "history/editions/1",
    "preview",
    "publish",
    "settle",
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", PAGES)
def test_looking_writes_nothing_and_waits_for_nobody(client_for, name):
    story = make.published("Before")
    desk = client_for(make.editor())
    address = road(story, name) + "?from=save-1&to=edition-1"
    desk.get(address)
    asked = []

    def watch(execute, sql, params, many, context):
        asked.append((sql, connection.in_atomic_block))
        return execute(sql, params, many, context)

    with somebody_saving(story), connection.execute_wrapper(watch):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        answer = desk.get(address)

    assert answer.status_code == 200
    assert asked
    assert [sql for sql, _ in asked if not sql.startswith(("SELECT", "(SELECT", "DECLARE", "SET lock"))] == []
    assert [sql for sql, is_in_transaction in asked if is_in_transaction or "FOR NO KEY UPDATE" in sql] == []
    assert Article.objects.get().headline == "Saved meanwhile"


def test_a_history_of_2000_saves_is_small_and_reads_nothing_of_what_was_kept(desk, django_assert_num_queries):
    story = make.published(sections=[("What happened", f"<p>{'All of it. ' * 2_600}</p>")])
    make.saves(story, 1_998)
    desk.get(road(story, "history"))

    for query in ("", "?page=40"):
        with django_assert_num_queries(8) as asked:
            page = desk.get(road(story, "history") + query)

        assert len(page.content) < 200_000
        assert page.content.decode().count('name="from"') == 50
        assert not any("serialized_data" in query["sql"] for query in asked)
    with django_assert_num_queries(22):
        assert len(desk.get(road(story, "history/compare") + "?from=save-1&to=save-2000").content) < 200_000


class somebody_saving:
    """Another session in the middle of saving the story, from beginning to end of this block."""

    def __init__(self, story):
        self.story = story
        self.is_in, self.is_over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.save)

    def save(self):
        try:
            with working_copy.saving(self.story, by=get_user_model().objects.first(), version=2):
                self.story.headline = "Saved meanwhile"
                self.story.save()
                self.is_in.set()
                assert self.is_over.wait(20)
        finally:
            connections.close_all()

    def __enter__(self):
        self.thread.start()
        assert self.is_in.wait(20)

    def __exit__(self, *error):
        self.is_over.set()
        self.thread.join()
