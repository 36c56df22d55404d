"""Open pages as tests have them: streams from a real live process."""

import asyncio
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from articles import news
from articles.kinds import Kind


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


def number_heard(stream: Stream) -> int:
    return stream.next()["number"]


def run(coroutine):
    """What it returns, run in a thread: a browser that was used before leaves its loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def told(number: int) -> news.News:
    return news.News(number, Kind.DEVELOPMENT, "", (number,), (), is_gone=False)
