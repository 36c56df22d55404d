"""How fast the letters answer with a million subscribers: a sign-up, the lists of staff, and a file taken in."""

import itertools
import os
import statistics
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import File
from django.db import connection
from django.test import Client

from bench import reading
from bench.figures import Figure, median_ms
from newsletter import emails, form_tokens, importing, mail_requests
from newsletter.models import MailRequest, Newsletter, SubscriberImport
from newsroom import memory
from tests import make

TITLE = "The letters with 1,000,000 subscribers (medians of 7)"
SUBSCRIBERS = 1_000_000
LIST, OUTBOX = "/desk/newsletter/subscriber/", "/desk/newsletter/outboxmail/"
# One process, as deploy/ starts each.
SERVER = "granian --interface wsgi --blocking-threads 1 --runtime-mode st --http 1 --no-ws --port {port}"

# One in 20 has not confirmed, one in 25 has left, one in 1,000 wants it weekly, one in 100 is paused.
FILL = """
INSERT INTO newsletter_subscriber (address, digest, language, paused_until)
SELECT 'reader' || n || '@example.org', encode(sha256(n::text::bytea), 'hex'), 'en-gb',
    CASE WHEN n %% 100 = 0 THEN now() + interval '9 days' END
FROM generate_series(1, %(count)s) n;

INSERT INTO newsletter_subscription (subscriber_id, newsletter_id, cadence, asked_at, confirmed_at, left_at)
SELECT s.id, letter, CASE WHEN s.id %% 1000 = 3 THEN 'weekly' WHEN s.id %% 3 = 1 THEN 'each' ELSE 'daily' END,
    now() - interval '9 weeks', CASE WHEN s.id %% 20 <> 0 THEN now() - interval '8 weeks' END,
    CASE WHEN s.id %% 25 = 7 THEN now() - interval '1 week' END
FROM newsletter_subscriber s, (VALUES (%(large)s, 1), (%(small)s, 50)) letters (letter, each)
WHERE s.id %% each = 0;

INSERT INTO newsletter_consent (subscriber_id, newsletter_id, act, method, page, network, reason, at)
SELECT id, %(large)s, 'confirmed', 'link', '', '', '', now() - (id %% 3000) * interval '1 hour'
FROM newsletter_subscriber;

INSERT INTO newsletter_outboxmail (subscriber_id, "to", subject, raw)
SELECT id, address, 'Update ' || id || ': what moved', '' FROM newsletter_subscriber;
"""


def run() -> Iterator[Figure]:
    large, small = make.newsletter(), make.newsletter(topic=make.topic())
    fill(large, small)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(make.user("letters staff"))
    reading.collect_static_files()
    firsts = [first_page(client) for _ in range(7)]
    yield Figure("list of subscribers, the first page of a new process", statistics.median(firsts), "ms", 300)
    memory.set_aside_what_is_loaded()
    yield from sign_up(large)
    yield from leave(large)
    yield from lists(client, large, small)
    yield from outbox(client)
    yield from imports(small)


def fill(large: Newsletter, small: Newsletter) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"count": SUBSCRIBERS, "large": large.pk, "small": small.pk})
        tables = "newsletter_subscriber, newsletter_subscription, newsletter_consent, newsletter_outboxmail"
        cursor.execute(f"VACUUM ANALYZE {tables}")


def first_page(client: Client) -> float:
    """Of a server process that has begun and was asked for nothing: the milliseconds of one who is logged in."""
    port = reading.free_port()
    command = [sys.executable, "-m", *SERVER.format(port=port).split(), "newsroom.wsgi:application"]
    given = {**reading.environment("locmemcache://"), "SECRET_KEY": settings.SECRET_KEY}
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    headers = {"X-Forwarded-Proto": "https", "Cookie": f"{cookie.key}={cookie.value}"}
    with reading.running(command, port, given) as server:
        while "Started worker" not in server.said():
            time.sleep(0.1)
        start = time.perf_counter()
        with urllib.request.urlopen(urllib.request.Request(server.address + LIST, headers=headers)) as answer:
            assert answer.url.endswith(LIST) and b"letters-table--people" in answer.read()
        return 1000 * (time.perf_counter() - start)


def lists(client: Client, large: Newsletter, small: Newsletter) -> Iterator[Figure]:
    def shown(**asked) -> float:
        return median_ms(lambda: _list(client, asked))

    yield Figure("list of subscribers", shown(), "ms", 300)
    yield Figure("by the beginning of an address", shown(address="reader99999"), "ms", 300)
    yield Figure("by the beginning that all addresses have", shown(address="reader"), "ms", 300)
    yield Figure("by letter and state", shown(letter=large.pk, state="active"), "ms", 300)
    states, cadences = ["", "active", "pending", "left", "paused"], ["", "each", "weekly"]
    combinations = itertools.product(["", large.pk, small.pk], states, cadences, ["", "reader9"], ["", 1_000])
    names = ["letter", "state", "cadence", "address", "before"]
    slowest = max(_ms(client, dict(zip(names, chosen, strict=True))) for chosen in combinations)
    yield Figure("the slowest of 180 combinations of all filters", slowest, "ms", 300)
    letters = "/desk/newsletter/newsletter/"

    def counted() -> None:
        cache.clear()
        _answered(client.get(letters))

    yield Figure("list of letters, counted anew", median_ms(counted), "ms", 300)
    yield Figure(
        "a letter with its chart", median_ms(lambda: _answered(client.get(f"{letters}{large.pk}/change/"))), "ms"
    )


def outbox(client: Client) -> Iterator[Figure]:
    def found(words: str) -> float:
        return median_ms(lambda: _answered(client.post(OUTBOX, {"words": words})))

    yield Figure("the outbox with 1,000,000 mails", median_ms(lambda: _answered(client.get(OUTBOX))), "ms", 300)
    yield Figure("by the beginning of an address", found("reader77@"), "ms", 300)
    yield Figure("by the beginning that all addresses have", found("reader"), "ms", 300)
    yield Figure("by a part of a subject that one has", found(f"Update {SUBSCRIBERS}:"), "ms", 300)
    yield Figure("by one that none has", found("nothing like it"), "ms", 300)


def _ms(client: Client, asked: dict) -> float:
    start = time.perf_counter()
    _list(client, asked)
    return 1000 * (time.perf_counter() - start)


def _list(client: Client, asked: dict) -> None:
    """As a browser asks: with an address by POST alone."""
    _answered(client.post(LIST, asked) if asked.get("address") else client.get(LIST, asked))


def _answered(answer) -> None:
    assert answer.status_code == 200, answer.content[:500]


def sign_up(letter: Newsletter) -> Iterator[Figure]:
    """As a browser sends it; each from a network of its own, as one may send only so many."""
    numbers, road = itertools.count(1), letter.get_absolute_url()

    def post(address: str) -> None:
        answer = Client(REMOTE_ADDR=f"192.0.2.{next(numbers)}", SERVER_NAME="127.0.0.1").post(
            road, {"address": address, "token": form_tokens.issue(time.time() - 60)}
        )
        assert answer.status_code == 303, answer.content[:500]

    yield Figure("a sign-up, of an address we know", median_ms(lambda: post("reader77@example.org")), "ms", 100)
    yield Figure("of one we do not know", median_ms(lambda: post(f"new{next(numbers)}@example.org")), "ms", 100)
    yield Figure("what the worker does about one", median_ms(_answer_one), "ms", 100)


def _answer_one() -> None:
    mail_requests.work_on.func(MailRequest.objects.values_list("pk", flat=True).first())


def leave(letter: Newsletter) -> Iterator[Figure]:
    """As mail programs ask (RFC 8058); each for another reader."""
    readers = letter.subscriptions.active().select_related("subscriber")[:100]
    roads = iter([urlsplit(emails.leave_link(subscription)).path for subscription in readers])

    def post() -> None:
        program = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)
        _answered(program.post(next(roads), {"List-Unsubscribe": "One-Click"}))

    yield Figure("leaving by one click", median_ms(post), "ms", 300)


def imports(letter: Newsletter) -> Iterator[Figure]:
    """A small file first, so that what is loaded once is loaded."""
    take_in(letter, "first", 2_000)
    before = _megabytes()
    take_in(letter, "small", 10_000)
    after_small = _megabytes()
    tried, taken = take_in(letter, "large", 100_000)
    yield Figure("looking through a file of 100,000 rows", tried, "s", 60)
    yield Figure("taking it", taken, "s", 120)
    yield Figure("memory more than before, after 10,000 rows", max(0, after_small - before), "MB")
    yield Figure("memory more than that, after 100,000 rows", max(0, _megabytes() - after_small), "MB", 10)


def take_in(letter: Newsletter, name: str, rows: int) -> tuple[float, float]:
    """The seconds of looking through a file of so many rows, and of taking it."""
    source = SubscriberImport(newsletter=letter, provenance="The fair of 2024.", by=make.user("letters staff"))
    with TemporaryFile("w+") as file:
        file.write("address,cadence\n")
        file.writelines(f"{name}{n}@example.net,daily\n" for n in range(rows))
        file.flush()
        file.seek(0)
        importing.begin(source, File(file.buffer, "people.csv"))
    tried = _seconds_until(source, SubscriberImport.State.TRIED)
    assert importing.take(source)
    taken = _seconds_until(source, SubscriberImport.State.DONE)
    assert source.added == rows
    return tried, taken


def _seconds_until(source: SubscriberImport, state: SubscriberImport.State) -> float:
    """As the worker does it, again and again."""
    start = time.perf_counter()
    while source.state != state:
        importing.work_on_due()
        source.refresh_from_db()
        assert source.state != SubscriberImport.State.FAILED, source.said
    return time.perf_counter() - start


def _megabytes() -> float:
    """What this process holds of the machine's memory (proc(5), statm)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2
