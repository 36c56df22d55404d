"""How much streams may take of the site, and one reader of the streams; from a real live process."""

import asyncio
import re
import resource
from contextlib import ExitStack

import pytest
from django.db import connection

from articles import live as live_module
from tests import make
from tests.articles.forms import Form
from tests.processes import live, wait_for
from tests.streams import Stream, number_heard, run, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story():
    return make.published("Italy weighs a drone deal", topic=make.topic("Ukraine"), slug="drone-deal")


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


@pytest.fixture
def scarce_database(database, monkeypatch):
    """The address of the test's database, of which live process and test may have 30 connections."""
    known = connection.settings_dict
    role = f"{known['NAME']}_scarce"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 30 PASSWORD %s", [known["PASSWORD"]])
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}")
    connection.close()
    with monkeypatch.context() as patched:
        patched.setitem(known, "USER", role)
        yield re.sub("//[^:@]*", f"//{role}", database, count=1)
        connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def connections() -> int:
    """How many the database has, without this test's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def many_files():
    """As many open files as a thousand streams take on both their ends."""
    former = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4_096, former[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, former)


def test_a_thousand_streams_keep_nobody_from_a_database_of_thirty_connections(
    scarce_database, story, reader, many_files
):
    stories = [story, *(make.published() for _ in range(4))]
    make.user("chief", username="zofia")
    with live(scarce_database) as address, ExitStack() as stack:
        streams = [
            stack.enter_context(Stream(address, stories[n % 5], after=1, source=f"127.0.0.{n // 25 + 1}"))
            for n in range(1_000)
        ]
        wait_for(lambda: connections() == 1)

        connection.close()
        assert Form(reader, "/desk/login/").send(username="zofia", password="zofia").status_code == 302
        for of in stories:
            make.edition(of, headline="Italy signs")
        pages = ["/", story.get_absolute_url(), "/desk/", f"/desk/articles/article/{story.pk}/change/"]
        assert [reader.get(page).status_code for page in pages] == [200] * 4
        assert [number_heard(stream) for stream in streams] == [2] * 1_000
        wait_for(lambda: connections() == 1)


def test_sixty_quick_editions_reach_every_stream_once_and_in_their_order(database, story):
    with live(database) as address, ExitStack() as stack:
        streams = [stack.enter_context(Stream(address, story, after=1)) for _ in range(30)]
        for number in range(2, 62):
            make.edition(story, lead=f"Statement {number}.")
            assert [number_heard(stream) for stream in streams] == [number] * 30


class Client:
    """Somebody on the other end of a stream, as an ASGI server tells of them."""

    def __init__(self):
        self.sent, self.takes = [], asyncio.Event()

    async def receive(self):
        await asyncio.Event().wait()

    async def send(self, message):
        await self.takes.wait()
        self.sent.append(message)


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
