"""
What deploy/nginx.conf makes of the site: streams to open pages and photos, through a real nginx on loopback.

Not part of `make bench`, as it needs an nginx: `python -m bench nginx`.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from articles import publishing, renditions
from bench import reading
from bench import story as stories
from bench.figures import Figure
from tests import make
from tests.processes import is_open, live, wait_for
from tests.streams import Stream

TITLE = "Behind deploy/nginx.conf, one live process"
# What it says beside the part of it that is ours. The user is whoever runs this, as the files are.
AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; {user} worker_processes 1;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    types {{ image/avif avif; image/webp webp; image/jpeg jpeg; }}
    {ours}
}}
"""
LIVE = {"BEHIND_TLS_PROXY": "1", "MEDIA_FROM_NGINX": "/renditions/"}
LISTENS_FOR = 40
AT_ONE_ADDRESS = 200


def run() -> Iterator[Figure]:
    by = make.editor()
    story = stories.of_ordinary_size(by)
    database, port = reading.environment("")["DATABASE_URL"], reading.free_port()
    with nginx(port) as address:
        with live(database, port=port, **LIVE):
            yield from of_one_stream(address, story, by)
            yield from of_many_streams(address, story)
            yield from of_a_photo(address, by)
        yield from of_a_restart(address, story, by, lambda: live(database, port=port, **LIVE))
    yield from of_one_who_takes_nothing()


def of_one_stream(address: str, story, by) -> Iterator[Figure]:
    with Stream(address, story, after=newest(story)) as stream:
        began, gaps = time.monotonic(), [0.0]
        stream.connection.sock.settimeout(60)
        while time.monotonic() < began + LISTENS_FOR:
            asked = time.monotonic()
            stream.block()
            gaps.append(time.monotonic() - asked)
        yield Figure(f"longest silence of an idle stream in {LISTENS_FOR} s", max(gaps), "s", 20)
        waits = []
        for number in range(5):
            make.edition(story, lead=f"Statement {number}.", by=by)
            published = time.monotonic()
            stream.next()
            waits.append(1000 * (time.monotonic() - published))
        yield Figure("from publishing to the reader, longest of 5", max(waits), "ms", 1000)


def of_many_streams(address: str, story) -> Iterator[Figure]:
    def statuses(count: int, source: str) -> list[int]:
        return [stack.enter_context(Stream(address, story, source=source)).status for _ in range(count)]

    with ExitStack() as stack:
        accepted = statuses(AT_ONE_ADDRESS, "127.0.0.2").count(200)
        yield Figure(f"of {AT_ONE_ADDRESS} streams of one reader accepted", accepted, "streams", 30)
        yield Figure(
            "of 30 of another accepted", statuses(30, "127.0.0.3").count(200), "streams", 30, is_at_most=False
        )
    left = time.monotonic()
    wait_for(lambda: is_accepted(address, story, "127.0.0.2"))
    yield Figure("from leaving until the reader has a place again", time.monotonic() - left, "s", 5)


def is_accepted(address: str, story, source: str) -> bool:
    with Stream(address, story, source=source) as stream:
        return stream.status == 200


def of_a_photo(address: str, by) -> Iterator[Figure]:
    """Whether it is answered as it should be: as a draft's, once public, past the site, and taken down."""
    story = make.story(photo=make.photo(), by=by)
    photo = story.photo_use.photo
    name = renditions.name(photo.rendition_name, "3/2", 400, "jpeg")
    try:
        answers = [status(address, f"/media/{name}")]
        publishing.publish(story, kind=publishing.Kind.FIRST, by=by, base=0, reason="For the bench.")
        answers += [status(address, f"/media/{name}"), status(address, f"/renditions/{name}")]
        size = len(default_storage.open(name).read())
        given = fetch(address, f"/media/{name}")
        headers = "max-age=60" in given.headers["Cache-Control"] and given.headers.get_all("Cache-Control")
        is_whole = len(given.read()) == size and given.headers["Content-Type"] == "image/jpeg" and len(headers) == 1
        publishing.withdraw(story, by=make.user("chief"), base=1, note="For the bench.")
        answers.append(status(address, f"/media/{name}"))
    finally:
        photo.original.storage.delete(photo.original.name)
        shutil.rmtree(default_storage.path(f"photos/{photo.pk}"))
    wrong = sum(one != right for one, right in zip(answers, [404, 200, 404, 410], strict=True))
    yield Figure("a photo answered otherwise than it should", wrong + (not is_whole), "times", 0)


def of_a_restart(address: str, story, by, process: Callable) -> Iterator[Figure]:
    """The reader of a process that ends comes back to the next with the number it had heard last."""
    last, missed, ends = newest(story), 0, []
    for number in range(3):
        with process():
            wait_for(lambda: is_accepted(address, story, "127.0.0.4"))
            stream = Stream(address, story, **{"Last-Event-ID": str(last)})
            missed += number > 0 and stream.next()["number"] != newest(story)
            make.edition(story, lead=f"Beside a restart, {number}.", by=by)
            last = stream.next()["number"]
            missed += last != newest(story)
        ended = time.monotonic()
        missed += stream.next() is not None
        ends.append(time.monotonic() - ended)
        make.edition(story, lead=f"While it was down, {number}.", by=by)
    yield Figure("from the end of the process until its readers know", max(ends), "s", 5)
    yield Figure("editions missed or told twice over 3 restarts", missed, "editions", 0)


def of_one_who_takes_nothing() -> Iterator[Figure]:
    """A reader of a stream without end who reads nothing, as this upstream sees it."""
    with socket.create_server(("127.0.0.1", 0)) as upstream, nginx(upstream.getsockname()[1]) as address:
        ended = threading.Event()
        threading.Thread(target=pour, args=(upstream, ended), daemon=True).start()
        host, _, port = address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as reader:
            reader.sendall(b"GET /live/1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            began = time.monotonic()
            ended.wait(120)
            yield Figure("until a reader who takes nothing is let go", time.monotonic() - began, "s", 45)


def pour(upstream: socket.socket, ended: threading.Event) -> None:
    """Send a stream without end until nobody takes it."""
    taker, _ = upstream.accept()
    taker.recv(4096)
    taker.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    try:
        while True:
            taker.sendall(b": filler\n\n" * 1_000)
    except OSError:
        ended.set()


@contextmanager
def nginx(port: int) -> Iterator[str]:
    """The nginx of deploy/, without TLS, before the server at this port: its address."""
    own = reading.free_port()
    with tempfile.TemporaryDirectory() as folder:
        user = "user root;" if os.geteuid() == 0 else ""
        ours = configuration(own, port, folder)
        Path(folder, "nginx.conf").write_text(AROUND.format(folder=folder, user=user, ours=ours))
        process = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"])
        try:
            wait_for(lambda: is_open(own))
            yield f"http://127.0.0.1:{own}"
        finally:
            process.terminate()
            process.wait(20)


def configuration(own: int, port: int, folder: str) -> str:
    """deploy/nginx.conf, with what belongs to the real machine put at home here."""
    text = Path(settings.BASE_DIR, "deploy/nginx.conf").read_text()
    # Without the first server, which only redirects to TLS.
    text = re.sub(r"^server \{.*?^\}", "", text, count=1, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^ *(listen|ssl_\w+) .*\n", "", text, flags=re.MULTILINE)
    text = text.replace("server_name ", f"listen 127.0.0.1:{own};\n    server_name ")
    text = re.sub(r"http://127.0.0.1:800[01]", f"http://127.0.0.1:{port}", text)
    text = text.replace("/var/log/nginx/", f"{folder}/")
    return text.replace("/srv/newsroom/var/media/", default_storage.path("") + "/")


def newest(story) -> int:
    return story.revisions.count()


def status(address: str, road: str) -> int:
    return fetch(address, road).status


def fetch(address: str, road: str):
    client = HTTPConnection(address.removeprefix("http://"), timeout=10)
    client.request("GET", road)
    return client.getresponse()
