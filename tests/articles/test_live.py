"""The news of a new edition on its way to open pages, from a real live process on the test's database."""

import asyncio
import http.client
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from articles import live as live_module
from articles import news, publishing
from articles.kinds import Kind
from articles.models import OpenPages
from tests import make
from tests.processes import free_port, live, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


class Stream:
    """What an open page hears, event by event."""

    def __init__(self, address: str, story, *, after: int | str = "", source="127.0.0.1", **headers):
        server = urlsplit(address)
        self.connection = http.client.HTTPConnection(
            server.hostname, server.port, timeout=10, source_address=(source, 0)
        )
        self.connection.request("GET", f"/live/{story.pk}/?after={after}", headers=headers)
        self.answer = self.connection.getresponse()
        self.status, self.headers = self.answer.status, self.answer.headers
        self.last = after
        if self.status == 200:
            assert self.block()["event"] == "hello"

    def block(self) -> dict:
        """The fields up to the next empty line; a comment is a field without a name. None at the end."""
        fields = {}
        while line := self.answer.readline().decode():
            if line == "\n":
                return fields
            name, _, value = line.rstrip("\n").partition(":")
            fields[name] = value.strip()
        return None

    def next(self) -> dict | None:
        """The next event's data; comments are nothing to a page."""
        while (block := self.block()) == {"": ""}:
            continue
        if block is None:
            return None
        told = json.loads(block["data"])
        assert block["id"] == str(told["number"])
        self.last = told["number"]
        return told

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.connection.close()


@pytest.fixture
def story():
    return make.published("Italy weighs a drone deal", topic=make.topic("Ukraine"), slug="drone-deal")


@pytest.fixture
def server(database):
    with live(database) as address:
        yield address


def number_heard(stream) -> int:
    return stream.next()["number"]


def test_an_open_page_is_told_of_an_edition_within_a_second(server, story, record_property):
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
    publishing.withhold(withheld, numbers=None, category="law", by=chief)

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
            publishing.withhold(story, numbers=None, category="safety", by=chief)
        told = stream.next()

        assert told["withdrawn"]
        assert told["note"] == ""
        assert stream.next() is None


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


def test_one_address_holds_no_more_streams_than_it_may(database, story):
    with live(database, LIVE_STREAMS_PER_ADDRESS="3") as address, ExitStack() as stack:
        statuses = [stack.enter_context(Stream(address, story)).status for _ in range(5)]
        elsewhere = stack.enter_context(Stream(address, story, source="127.0.0.2")).status
        claimed = stack.enter_context(Stream(address, story, **{"X-Forwarded-For": "192.0.2.1"})).status

    assert (statuses, elsewhere, claimed) == ([200, 200, 200, 429, 429], 200, 429)


def test_behind_our_proxy_the_reader_s_own_address_counts(database, story):
    def status(forwarded) -> int:
        return stack.enter_context(Stream(address, story, **{"X-Forwarded-For": forwarded})).status

    settings = {"LIVE_STREAMS_PER_ADDRESS": "1", "BEHIND_TLS_PROXY": "1"}
    with live(database, **settings) as address, ExitStack() as stack:
        one, again = status("192.0.2.1"), status("198.51.100.7, 192.0.2.1")
        network, same_network = status("2001:db8::1"), status("2001:db8::2:1")

    assert (one, again, network, same_network) == (200, 429, 200, 429)


def test_a_place_is_free_again_when_its_reader_leaves(database, story):
    with live(database, LIVE_STREAMS_PER_ADDRESS="1") as address:

        def is_let_in() -> bool:
            with Stream(address, story) as stream:
                return stream.status == 200

        assert is_let_in()
        wait_for(is_let_in)


def test_an_idle_stream_is_kept_open_and_nobody_is_to_hold_it_back(database, story):
    with live(database, LIVE_HEARTBEAT_SECONDS="0.2") as address, Stream(address, story, after=1) as stream:
        assert [stream.block() for _ in range(3)] == [{"": ""}] * 3
        assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["Cache-Control"] == "no-store"
        assert stream.headers["X-Accel-Buffering"] == "no"
        assert "Set-Cookie" not in stream.headers


def test_a_beat_comes_every_15_seconds_unless_it_is_set(settings):
    assert settings.LIVE_HEARTBEAT_SECONDS == 15


def test_over_three_ends_of_streams_nobody_misses_an_edition(database, story):
    with live(database, LIVE_STREAM_SECONDS="0.5") as address:
        lasts, newest = [1] * 20, 1
        for _ in range(3):
            with ExitStack() as stack:
                streams = [stack.enter_context(Stream(address, story, after=last)) for last in lasts]
                if newest > 1:
                    assert [number_heard(stream) for stream in streams] == [newest] * 20
                assert [stream.next() for stream in streams] == [None] * 20
                lasts = [newest] * 20
            newest = make.edition(story, lead=f"Statement {newest}.").number


def connections() -> int:
    """How many the database has, without this test's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def test_streams_hold_no_connection_to_the_database(database, story):
    stories = [story, *(make.published() for _ in range(4))]
    with live(database, LIVE_STREAMS_PER_ADDRESS="1000") as address, ExitStack() as stack:
        streams = [
            stack.enter_context(Stream(address, of, after=1, source=f"127.0.0.{n + 1}"))
            for of in stories
            for n in range(50)
        ]
        wait_for(lambda: connections() == 1)

        for of in stories:
            make.edition(of, headline="Italy signs")
        assert [number_heard(stream) for stream in streams] == [2] * 250
        wait_for(lambda: connections() == 1)


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


class Client:
    """Somebody on the other end of a stream, as an ASGI server tells of them."""

    def __init__(self):
        self.sent, self.takes = [], asyncio.Event()

    async def receive(self):
        await asyncio.Event().wait()

    async def send(self, message):
        await self.takes.wait()
        self.sent.append(message)


def run(coroutine):
    """What it returns, run in a thread: a browser that was used before leaves its loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def told(number: int) -> news.News:
    return news.News(number, Kind.DEVELOPMENT, "", (number,), is_gone=False)


def opened(client):
    """A story in its first edition, and the client's stream of it."""
    story, bell = live_module.Story(), asyncio.Event()
    story.bells.add(bell)
    story.learn(told(1))
    reader = live_module.Reader(client.receive, client.send, bell)
    return story, asyncio.create_task(reader.follow(story, seen=1))


def test_for_a_slow_reader_nothing_piles_up_but_the_newest():
    async def be_slow():
        client = Client()
        story, stream = opened(client)
        await asyncio.sleep(0.01)
        for number in range(2, 100):
            story.learn(told(number))
        client.takes.set()
        await asyncio.sleep(0.01)
        stream.cancel()
        return [message["body"] for message in client.sent if message.get("body", b"").startswith(b"id")]

    events = run(be_slow())

    assert [event.partition(b"\n")[0] for event in events] == [b"id: 99"]


def test_a_reader_who_takes_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(live_module, "WAITS_FOR_READER", 0.05)

    async def take_nothing():
        _, stream = opened(Client())
        await asyncio.wait_for(stream, 5)

    run(take_nothing())


def test_how_many_have_a_story_open_is_counted_for_the_desk(monkeypatch, story):
    monkeypatch.setattr(live_module, "COUNTS_EVERY", 0.01)

    async def count():
        process = live_module.Live(pages=None)
        process.stories[story.pk] = live_module.Story()
        process.stories[story.pk].learn(told(1))
        process.stories[story.pk].bells |= {asyncio.Event() for _ in range(3)}
        counting = asyncio.create_task(process.count())
        await asyncio.sleep(0.3)
        counting.cancel()

    run(count())

    assert story.open_pages.now().readers() == 3


def test_all_live_processes_count_together_and_one_that_is_gone_no_more(story):
    one, other = uuid.uuid4(), uuid.uuid4()
    OpenPages.objects.write(one, {story.pk: 3})
    OpenPages.objects.write(one, {story.pk: 5})
    OpenPages.objects.write(other, {story.pk: 7})
    assert story.open_pages.now().readers() == 12

    OpenPages.objects.filter(process=other).update(counted_at=timezone.now() - timedelta(seconds=31))
    assert story.open_pages.now().readers() == 5

    OpenPages.objects.write(one, {})
    assert not OpenPages.objects.exists()


def test_who_cannot_hold_a_stream_may_ask_for_the_same(reader, story):
    make.edition(story, headline="Italy signs", note="They signed.")

    answer = reader.get("/ukraine/drone-deal/newest.json")

    assert answer.json() == json.loads(news.newest([story.pk])[story.pk].as_json())
    assert answer.json()["note"] == "They signed."
    assert answer["Cache-Control"] == reader.get(story.get_absolute_url())["Cache-Control"]
    again = reader.get("/ukraine/drone-deal/newest.json", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_asking_after_a_new_edition_gives_another_answer(reader, story):
    before = reader.get("/ukraine/drone-deal/newest.json")
    make.edition(story, headline="Italy signs")

    after = reader.get("/ukraine/drone-deal/newest.json", headers={"If-None-Match": before["ETag"]})

    assert (after.status_code, after.json()["number"]) == (200, 2)


def test_who_asks_after_a_withdrawn_story_is_told_that_it_is_gone(reader, story):
    publishing.withdraw(story, by=make.user("chief"), base=1, note="It was staged.")

    assert reader.get("/ukraine/drone-deal/newest.json").status_code == 410


def test_where_there_is_no_live_process_a_browser_is_told_not_to_try_again(reader, story):
    """204 is the one answer after which an EventSource gives up without a word in the console."""
    assert reader.get(f"/live/{story.pk}/").status_code == 204
    assert reader.get(f"/live/{make.story().pk}/").status_code == 404


def test_the_desk_is_told_how_many_are_reading(client_for, story):
    desk = client_for(make.editor())
    pages = ["/desk/", f"/desk/articles/article/{story.pk}/change/"]
    assert not [page for page in pages if "reading now" in desk.get(page).text]

    OpenPages.objects.write(uuid.uuid4(), {story.pk: 5})
    OpenPages.objects.write(uuid.uuid4(), {story.pk: 7})

    assert [page for page in pages if "12 reading now" in desk.get(page).text] == pages
