"""What hostile uploads cost: the time to refuse them, memory, and what readers notice."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from multiprocessing import Pipe, Process
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from PIL import Image

from articles.models import Photo, Revision
from bench import reading
from bench import story as stories
from bench.figures import Figure, median_ms
from tests import make, pictures

TITLE = "Hostile uploads at the desk, one at a time and 8 at once"
ADD = "/desk/articles/photo/add/"
AT_ONCE = 8
SERVER = "granian"


def run() -> Iterator[Figure]:
    editor = make.editor()
    road = Revision.objects.get(article=stories.of_ordinary_size(editor)).article.get_absolute_url()
    files = hostile()
    with reading.serving(SERVER, "newsroom.wsgi", "locmemcache://") as server:
        desk = Desk(server.address, editor.get_username())
        before = memory(server)
        for name, body in files.items():
            yield Figure(f"{name}, refused", median_ms(lambda body=body: desk.refuse(body), 5), "ms", 300)
        calm = p95_of_reading(server, road, lambda: time.sleep(3))
        busy = p95_of_reading(server, road, lambda: [at_once(desk, body) for body in files.values()])
        yield Figure("memory of the server, at its peak", (memory(server, "VmHWM") - before) / 1024, "MB more", 80)
        yield Figure("story page, p95 without uploads", calm, "ms")
        yield Figure("story page, p95 beside 8 uploads at once", busy, "ms", 150)
    assert not Photo.objects.exists()


def hostile() -> dict[str, bytes]:
    """Bodies of the form that uploads a photo, by what is in them."""
    still = pictures.encoded(Image.new("RGB", (400, 400)), "JPEG")
    return {
        "13,000 x 13,000 PNG": form("bomb.png", pictures.bomb(13_000)),
        "50,000 x 50,000 PNG": form("bomb.png", pictures.header_only(50_000)),
        "GIF of 1,000 frames": form("film.gif", pictures.animation(1000)),
        "JPEG of 60 MB": form("large.jpg", still + bytes(60 * 1024 * 1024)),
    }


def form(name: str, content: bytes) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="upload"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--x--\r\n"


class Desk:
    """An editor's browser, as far as it takes one to upload."""

    def __init__(self, address: str, username: str):
        self.host = urlsplit(address).netloc
        self.cookies = SimpleCookie()
        self.ask("GET", "/desk/login/")
        words = urlencode({"username": username, "password": username}).encode()
        assert self.ask("POST", "/desk/login/?next=/", words, "application/x-www-form-urlencoded")[0] == 302

    def refuse(self, body: bytes) -> None:
        status, page = self.ask("POST", ADD, body, "multipart/form-data; boundary=x")
        assert status == 400, status
        assert b'class="errorlist" id="id_upload_error"' in page

    def ask(self, method: str, road: str, body: bytes = b"", content_type: str = "") -> tuple[int, bytes]:
        headers = {
            "Content-Type": content_type,
            "Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in self.cookies.items()),
            "Origin": f"https://{self.host}",
            "X-CSRFToken": self.cookies["csrftoken"].value if "csrftoken" in self.cookies else "",
            "X-Forwarded-Proto": "https",
        }
        connection = HTTPConnection(self.host)
        connection.request(method, road, body, headers)
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(cookie)
        page = answer.read()
        connection.close()
        return answer.status, page


def at_once(desk: Desk, body: bytes) -> None:
    with ThreadPoolExecutor(AT_ONCE) as editors:
        list(editors.map(desk.refuse, [body] * AT_ONCE))


def p95_of_reading(server: reading.Server, road: str, meanwhile: Callable[[], object]) -> float:
    """In milliseconds, of a reader (another process) who asks for a story 20 ms after each answer."""
    ours, theirs = Pipe()
    reader = Process(target=read_on, args=(server, road, theirs))
    reader.start()
    meanwhile()
    ours.send("stop")
    taken = sorted(ours.recv())
    reader.join()
    return taken[int(0.95 * len(taken))]


def read_on(server: reading.Server, road: str, bench) -> None:
    taken = []
    while not bench.poll(0.02):
        start = time.perf_counter()
        reading.fetch(server, road)
        taken.append(1000 * (time.perf_counter() - start))
    bench.send(taken)


def memory(server: reading.Server, kind: str = "VmRSS") -> int:
    """Of the server, in KB; of kind VmHWM, at its peak."""
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in reading.family(server.process.pid)]
    return sum(int(status.partition(f"{kind}:")[2].split()[0]) for status in statuses)
