"""How fast letters go out beside the bare protocol, how much memory that takes, and how fast a digest is made."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from bench import reading
from bench.figures import Figure
from newsletter import digest, in_hand, live_mail, sending
from newsletter.models import Cadence, Delivery, Issue, Newsletter
from tests import make
from tests.processes import free_port, is_open

TITLE = (
    "Letters of 20 KB, each to a reader of its own (smtplib alone sends one ready-made mail again and again; "
    "medians of 5 turns)"
)
MAILS, TURNS = 5_000, 5
MANY = 100_000
STORIES = 50

FILL = """
WITH people AS (
    INSERT INTO newsletter_subscriber (address, digest, language)
    SELECT 'reader' || n || '-' || %(letter)s || '@bench.example',
        encode(sha256((n || '-' || %(letter)s)::bytea), 'hex'), 'en-gb'
    FROM generate_series(1, %(count)s) n RETURNING id
)
INSERT INTO newsletter_subscription (subscriber_id, newsletter_id, cadence, asked_at, confirmed_at)
SELECT id, %(letter)s, 'daily', now() - interval '9 weeks', now() - interval '8 weeks' FROM people
"""


def run() -> Iterator[Figure]:
    settings.LIVE_MAIL, settings.EMAIL_BACKEND = True, "django.core.mail.backends.smtp.EmailBackend"
    live_mail.permit()
    with sink([sys.executable, "-m", "bench.smtp_sink"]) as port:
        yield from speed("aiosmtpd", port)
    if has_smtp_sink():
        with smtp_sink() as port:
            yield from speed("Postfix's smtp-sink", port)
            yield from memory(port)
    yield from digests()


def has_smtp_sink() -> bool:
    return bool(shutil.which("smtp-sink"))


def smtp_sink():
    port = free_port()
    as_root = ["-u", "nobody"] if os.geteuid() == 0 else []
    return sink(["smtp-sink", *as_root, f"127.0.0.1:{port}", "1000"], port)


def speed(name: str, port: int) -> Iterator[Figure]:
    yield Figure(f"{name}: one mail", len(a_mail(issue_to(1))) / 1024, "KB")
    for count, what in ((1, "one worker"), (2, "two workers")):
        yield from beside(name, what, [one_turn(port, count) for _ in range(TURNS)])


def one_turn(port: int, count: int) -> tuple[float, float]:
    """Mails a second of so many smtplibs alone, and of so many workers."""
    issue = issue_to(MAILS)
    return bare_rate(port, a_mail(issue), count), rate_of_workers(issue, port, count)


def beside(name: str, what: str, turns: list[tuple[float, float]]) -> Iterator[Figure]:
    """Medians: what smtplib alone does in as many processes, what we do, and that as a part of it."""
    bare, ours = (statistics.median(rates) for rates in zip(*turns, strict=True))
    ratio = statistics.median(ours / bare for bare, ours in turns)
    yield Figure(f"{name}: smtplib alone, beside {what}", bare, "mails/s")
    yield Figure(f"{name}: {what}", ours, "mails/s")
    yield Figure(f"{name}: {what}, beside smtplib alone", ratio, "x", 0.75, is_at_most=False)


def memory(port: int) -> Iterator[Figure]:
    """The resident memory that sending to many adds to that of sending to 1,000."""
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    send(issue_to(1_000))
    before = resident()
    send(issue_to(MANY))
    yield Figure(f"memory that {MANY:,} readers take more than 1,000", (resident() - before) / 1024, "MB", 10)


def digests() -> Iterator[Figure]:
    """Nine in ten had the editions before; one in ten is new."""
    topic = make.topic("Bench")
    letter = make.newsletter("Digest", topic=topic)
    fill(letter, MANY)
    stories = [make.published(f"Story {n}", topic=topic, lead=f"Lead {n}.") for n in range(STORIES)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO newsletter_lastsent (subscriber_id, article_id, number) SELECT s.subscriber_id, story, 1"
            " FROM newsletter_subscription s, unnest(%s::bigint[]) story"
            " WHERE newsletter_id = %s AND s.subscriber_id %% 10 <> 0",
            [[story.pk for story in stories], letter.pk],
        )
        cursor.execute("VACUUM ANALYZE newsletter_lastsent, newsletter_subscription, newsletter_subscriber")
    for n, story in enumerate(stories):
        make.edition(story, lead=f"New lead {n}.", note=f"Something moved in {n}.")
    now = timezone.now() + timedelta(minutes=5)
    start = time.perf_counter()
    issue = digest.compose(letter, Cadence.DAILY, now, now)
    spent = time.perf_counter() - start
    yield Figure(f"a digest of {STORIES} stories for {MANY:,} readers", spent, "s")
    start = time.perf_counter()
    for made in issue.letters.all():
        sending.form_of(made.pk)
    yield Figure("its letters", issue.letters.count(), "bodies")
    yield Figure("to write them all", time.perf_counter() - start, "s")


def issue_to(count: int) -> Issue:
    """An issue of staff with an intro that makes it 20 KB, being sent to so many."""
    letter = make.newsletter(topic=make.topic())
    fill(letter, count)
    intro = (
        "<p>" + "</p><p>".join([f"Paragraph {n}: " + "the talks went on in Rome. " * 9 for n in range(30)]) + "</p>"
    )
    issue = Issue.objects.create(newsletter=letter, subject="What moved this week", intro=intro)
    digest.start(issue)
    issue.refresh_from_db()
    return issue


def fill(letter: Newsletter, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"letter": letter.pk, "count": count})


def a_mail(issue: Issue) -> bytes:
    form, written = sending.form_of(issue.letters.get().pk)
    reader = in_hand.Reader(1, 1, 0, 1, "reader@bench.example", "0" * 64, False, "newsletter-1-" + "0" * 64)
    return form.bytes_for(sending.own_of(issue, reader, written.sender))


def send(issue: Issue) -> None:
    cache.clear()
    end = time.monotonic() + 600
    while issue.deliveries.queued().exists() and time.monotonic() < end:
        sending.send(issue, time.monotonic() + sending.LONGEST_SWEEP)
    assert issue.deliveries.filter(state=Delivery.State.SENT).count() == issue.candidates
    sending.finish(issue)


BARE = """
import smtplib, sys, time
port, count, mail = int(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer.read()
with smtplib.SMTP("127.0.0.1", port) as server:
    start = time.perf_counter()
    for _ in range(count):
        server.sendmail("news@bench.example", "reader@bench.example", mail)
    print(count / (time.perf_counter() - start))
"""


def bare_rate(port: int, mail: bytes, connections: int) -> float:
    command = [sys.executable, "-c", BARE, str(port), str(MAILS // 2)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = [subprocess.Popen(command, **pipes) for _ in range(connections)]
    for process in running:
        process.stdin.write(mail)
        process.stdin.close()
    return sum(float(process.stdout.read()) for process in running)


def rate_of_workers(issue: Issue, port: int, count: int) -> float:
    """The rate at which so many workers send between the first fifth of an issue and the last tenth."""
    with workers(count, port):
        first, start = wait_for_sent(issue, issue.candidates // 5)
        last, end = wait_for_sent(issue, issue.candidates * 9 // 10)
    return (last - first) / (end - start)


@contextmanager
def workers(count: int, port: int, **given: str) -> Iterator[None]:
    """As on a production machine; their mails go to the server at that port."""
    mail = {"SECRET_KEY": settings.SECRET_KEY, "LIVE_MAIL": "1", "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    env = {**reading.environment("locmemcache://"), **mail, **given}
    running = [subprocess.Popen([sys.executable, "manage.py", "worker"], env=env) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def wait_for_sent(issue: Issue, count: int) -> tuple[int, float]:
    end = time.monotonic() + 300
    while (sent := issue.deliveries.filter(state=Delivery.State.SENT).count()) < count:
        assert time.monotonic() < end
        time.sleep(0.1)
    return sent, time.perf_counter()


def resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024


@contextmanager
def sink(command: list[str], port: int | None = None) -> Iterator[int]:
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            while port and not is_open(port):
                time.sleep(0.05)
            yield port or int(process.stdout.readline())
        finally:
            process.kill()
