"""
The live process: open pages are told of a new edition by Server-Sent Events (WHATWG HTML, section 9.2).

An ASGI application. However many streams there are, they hold no database connection: one connection listens, and
one thread looks, at all stories that rang at once. The id of an event is the number of the edition, so nothing is
kept for readers who were away: whoever comes with another number than the newest is told at once.
"""

import asyncio
import logging
import random
import re
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing, contextmanager
from urllib.parse import parse_qs

import psycopg2
from django.conf import settings
from django.db import Error, connection

from . import bells, news
from .models import OpenPages
from .networks import network_of

logger = logging.getLogger(__name__)

ROAD = re.compile("/live/([0-9]{1,9})/")
# In seconds: between tries to reach the database, and between counts of the readers; how long a new reader waits
# for the database, and how long we wait for a reader who takes nothing.
TRIES_EVERY, COUNTS_EVERY, WAITS_FOR_DATABASE, WAITS_FOR_READER = 1, 10, 5, 20
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}


class Story:
    """A story that readers have open here, and a bell for each of them. All are sent the same bytes."""

    def __init__(self):
        self.bells: set[asyncio.Event] = set()
        self.is_known = asyncio.Event()
        self.news: news.News | None = None
        self.event = b""

    def learn(self, found: news.News | None) -> None:
        self.is_known.set()
        if found and found != self.news:
            self.news = found
            self.event = f"id: {found.number}\ndata: {found.as_json()}\n\n".encode()
            for bell in self.bells:
                bell.set()


class Live:
    """The streams, at /live/<key of a story>/; every other road is left to `pages`, an application too."""

    def __init__(self, pages: Callable):
        self.pages = pages
        self.process = uuid.uuid4()
        self.stories: dict[int, Story] = {}
        self.streams_at = Counter()
        self.rung: set[int] = set()
        self.has_rung = asyncio.Event()
        self.database = ThreadPoolExecutor(1, "live")

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.work(receive, send)
        elif scope.get("method") == "GET" and (road := ROAD.fullmatch(scope["path"])):
            await self.answer(int(road[1]), scope, receive, send)
        else:
            await self.pages(scope, receive, send)

    async def work(self, receive, send):
        """Listen, look and count from the start of the server to its end (ASGI's lifespan)."""
        await receive()
        activities = [asyncio.create_task(again_and_again(do)) for do in (self.listen, self.look, self.count)]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for activity in activities:
            activity.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def listen(self):
        async with aclosing(bells.rings()) as rings:
            async for article in rings:
                self.ring(self.stories if article is None else self.stories.keys() & {article})

    def ring(self, articles: Iterable[int]) -> None:
        self.rung.update(articles)
        self.has_rung.set()

    async def look(self):
        """Ask for the newest editions of all stories that rang, in one query."""
        while await self.has_rung.wait():
            self.has_rung.clear()
            articles, self.rung = self.rung, set()
            try:
                found = await self.ask(lambda articles=articles: news.newest(articles))
            except Exception:  # Whatever it was, these stories have not been looked at.
                self.ring(articles)
                raise
            for article in articles & self.stories.keys():
                self.stories[article].learn(found.get(article))

    async def count(self):
        """Tell the desk how many readers have each story open here."""
        while True:
            await asyncio.sleep(COUNTS_EVERY)
            readers = {key: len(story.bells) for key, story in self.stories.items() if story.news}
            await self.ask(lambda readers=readers: OpenPages.objects.write(self.process, readers))

    async def ask(self, question: Callable):
        """What the database answers; the connection for it is closed at once."""

        def asked():
            with closing(connection):
                return question()

        return await asyncio.get_running_loop().run_in_executor(self.database, asked)

    async def answer(self, article: int, scope, receive, send):
        address = address_of(scope)
        if self.streams_at[address] >= settings.LIVE_STREAMS_PER_ADDRESS:
            await refuse(send, 429)
            return
        with self.place_for(address), self.bell_of(article) as (story, bell):
            reader = Reader(receive, send, bell)
            try:
                await asyncio.wait_for(story.is_known.wait(), WAITS_FOR_DATABASE)
            except TimeoutError:
                await refuse(send, 503)
                return
            if story.news is None or story.news.is_gone:
                await refuse(send, 410 if story.news else 404)
            else:
                await reader.follow(story, number_in(scope))

    @contextmanager
    def place_for(self, address: str):
        self.streams_at[address] += 1
        try:
            yield
        finally:
            self.streams_at[address] -= 1
            if not self.streams_at[address]:
                del self.streams_at[address]

    @contextmanager
    def bell_of(self, article: int):
        """The story and a new bell of it; who opens it first has it looked up."""
        if article not in self.stories:
            self.stories[article] = Story()
            self.ring([article])
        story, bell = self.stories[article], asyncio.Event()
        story.bells.add(bell)
        try:
            yield story, bell
        finally:
            story.bells.remove(bell)
            if not story.bells:
                del self.stories[article]


class Reader:
    """
    Who has a stream open. Nothing piles up for a slow one: when an event is taken, the newest is next.

    One who takes nothing holds what the kernel keeps for the connection (`net.ipv4.tcp_wmem`, 4 MB at most) and the
    little that Granian does (under 0.2 MB, measured): `send` waits then, and the stream ends. The connection itself
    stays while its other end answers; letting it go is left to `send_timeout` of the nginx in front.
    """

    def __init__(self, receive: Callable, send: Callable, bell: asyncio.Event):
        self.receive, self.send, self.bell = receive, send, bell
        self.is_gone = False

    async def follow(self, story: Story, seen: int):
        """
        Tell of the editions after `seen` and of those that are withheld, until reader or story is gone, or the
        stream has reached its age.
        """
        leaving = asyncio.create_task(self.leave())
        try:
            await self.say(response(200, HEADERS))
            # At once, so that the page knows that nobody on the way holds events back.
            hello = f"retry: {random.randint(1000, 3000)}\nevent: hello\ndata: hello\n\n"  # noqa: S311
            await self.write(hello.encode())
            await self.tell(story, seen)
            await self.write(b"", more_body=False)
        except OSError:
            pass  # The reader is gone, or takes nothing any more.
        finally:
            leaving.cancel()

    async def tell(self, story: Story, seen: int):
        ends_at = time.monotonic() + settings.LIVE_STREAM_SECONDS
        told = story.news if seen == story.news.number and not story.news.withheld else None
        while not self.is_gone and (left := ends_at - time.monotonic()) > 0:
            self.bell.clear()
            if told is not story.news:
                told = story.news
                await self.write(story.event)
            if told.is_gone:
                return
            try:
                async with asyncio.timeout(min(left, settings.LIVE_HEARTBEAT_SECONDS)):
                    await self.bell.wait()
            except TimeoutError:
                await self.write(b":\n\n")

    async def leave(self):
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        self.bell.set()

    async def write(self, body: bytes, *, more_body: bool = True):
        await self.say({"type": "http.response.body", "body": body, "more_body": more_body})

    async def say(self, message: dict):
        """Raises `TimeoutError` if the reader does not take it."""
        # Not `asyncio.wait_for`, which makes a task for each: with thousands of readers the last would wait for it.
        async with asyncio.timeout(WAITS_FOR_READER):
            await self.send(message)


async def again_and_again(activity: Callable[[], Awaitable]) -> None:
    """Begin it anew whenever it fails, as it does while the database is away."""
    while True:
        try:
            await activity()
        except (Error, psycopg2.Error) as error:
            logger.warning("Live updates wait for the database: %s", error)
        except Exception:  # One mistake must not end the news of all stories.
            logger.exception("Live updates failed; they are tried again.")
        await asyncio.sleep(TRIES_EVERY)


async def refuse(send: Callable, status: int) -> None:
    await send(response(status, {"Cache-Control": "no-store", "Content-Length": "0"}))
    await send({"type": "http.response.body"})


def response(status: int, headers: dict[str, str]) -> dict:
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": encoded}


def number_in(scope: dict) -> int:
    """The edition that the reader has: from the browser that comes back, else from the page; 0 for nonsense."""
    after = parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])[-1]
    number = header(scope, b"last-event-id") or after
    return int(number) if re.fullmatch("[0-9]{1,9}", number) else 0


def address_of(scope: dict) -> str:
    """
    Whose streams are counted together.

    >>> address_of({"client": ["192.0.2.1", 5], "headers": []})
    '192.0.2.1/32'
    """
    peer = scope["client"][0] if scope.get("client") else ""
    return network_of(peer, header(scope, b"x-forwarded-for"))


def header(scope: dict, name: bytes) -> str:
    return b",".join(value for key, value in scope["headers"] if key == name).decode("latin-1")
