"""The news of a new edition on its way to open pages, from a real live process on the test's database."""

import time

import pytest
from django.db import connection

from articles import publishing, withholding
from articles.kinds import Kind
from tests import make
from tests.processes import free_port, live
from tests.streams import Stream, number_heard

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story():
    return make.published("Italy weighs a drone deal", topic=make.topic("Ukraine"), slug="drone-deal")


@pytest.fixture
def server(database):
    with live(database) as address:
        yield address


def test_an_open_page_is_told_of_an_edition_within_a_second(server, story):
    with Stream(server, story, after=1) as stream:
        make.edition(story, headline="Italy signs", note="They signed in Rome.")
        published = time.monotonic()
        told = stream.next()

    assert time.monotonic() - published < 1
    assert told == {
        "number": 2,
        "kind": "development",
        "note": "They signed in Rome.",
        "changes": [2, 1],
        "withheld": [],
        "prompt": True,
        "withdrawn": False,
    }


def test_all_editions_are_told_once_and_in_their_order(server, story):
    with Stream(server, story, after=1) as one, Stream(server, story, after=1) as other:
        for number in range(2, 6):
            make.edition(story, lead=f"Statement {number}.")
            assert (number_heard(one), number_heard(other)) == (number, number)


def test_what_is_no_news_is_told_as_such(server, story):
    with Stream(server, story, after=1) as stream:
        make.edition(story, kind=Kind.TYPO, headline="Italy weighs a drone deal.")
        told = stream.next()

    assert (told["number"], told["prompt"], told["changes"]) == (2, False, [1])


def test_who_comes_back_is_told_at_once_what_is_newest(server, story):
    make.edition(story, headline="Italy signs")
    make.edition(story, headline="Italy has signed")

    with (
        Stream(server, story, after=1) as of_the_page,
        Stream(server, story, after=1, **{"Last-Event-ID": "2"}) as of_the_browser,
    ):
        assert of_the_page.next()["changes"] == [3, 2, 1]
        assert number_heard(of_the_browser) == 3


def test_who_has_the_newest_is_told_nothing_until_there_is_a_newer_one(server, story):
    make.edition(story, headline="Italy signs")

    with Stream(server, story, after=1, **{"Last-Event-ID": "2"}) as stream:
        make.edition(story, headline="Italy has signed")
        assert number_heard(stream) == 3


@pytest.mark.parametrize("nonsense", ["", "-1", "abc", "9999999999999999999999", "77", "1%0d%0aX:1", "%00", "٣"])
def test_a_number_that_no_edition_has_is_answered_with_the_newest(server, story, nonsense):
    with Stream(server, story, **{"Last-Event-ID": nonsense.encode()}) as stream:
        assert number_heard(stream) == 1


def test_nothing_is_streamed_of_what_readers_may_not_see(server, story):
    chief = make.user("chief")
    draft, withdrawn, withheld = make.story(), make.published(), make.published()
    publishing.withdraw(withdrawn, by=chief, base=1, note="It was staged.")
    withholding.withhold(withheld, numbers=None, category="law", by=chief)

    def status(of) -> int:
        with Stream(server, of) as stream:
            return stream.status

    assert [status(of) for of in (draft, withdrawn, withheld)] == [404, 410, 410]
    draft.pk = 999_999
    assert status(draft) == 404


@pytest.mark.parametrize("verb", ["withdraw", "withhold"])
def test_an_open_page_is_told_that_its_story_is_gone_and_no_word_of_it(server, story, verb):
    chief = make.user("chief")
    with Stream(server, story, after=1) as stream:
        if verb == "withdraw":
            publishing.withdraw(story, by=chief, base=1, note="It was staged.")
        else:
            withholding.withhold(story, numbers=None, category="safety", by=chief)
        told = stream.next()

        assert told["withdrawn"]
        assert told["note"] == ""
        assert stream.next() is None


def test_an_open_page_is_told_which_editions_are_withheld_and_one_that_comes_back_too(server, story):
    make.edition(story, headline="Italy signs")
    make.edition(story, headline="Italy has signed")
    with Stream(server, story, after=3) as stream:
        withholding.withhold(story, numbers=[2], category="safety", by=make.user("chief"))
        told = stream.next()

    assert (told["number"], told["withheld"], told["withdrawn"]) == (3, [2], False)
    with Stream(server, story, after=3) as stream:
        assert stream.next()["withheld"] == [2]


def test_a_server_that_restarts_twice_leaves_no_gap_and_tells_nothing_twice(database, story):
    port, last, heard = free_port(), 1, []
    for restart in range(3):
        back = {"Last-Event-ID": str(last)}
        with live(database, port=port) as address, Stream(address, story, after=1, **back) as stream:
            if restart:
                heard.append(number_heard(stream))
            make.edition(story, lead=f"Heard {restart}.")
            heard.append(number_heard(stream))
            last = stream.last
        make.edition(story, lead=f"While it was away {restart}.")

    assert heard == [2, 3, 4, 5, 6]


def test_a_live_process_that_lost_the_database_misses_nothing(server, story):
    with Stream(server, story, after=1) as stream:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        make.edition(story, headline="Italy signs")
        assert number_heard(stream) == 2

        make.edition(story, headline="Italy has signed")
        assert number_heard(stream) == 3
