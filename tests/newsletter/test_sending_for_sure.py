"""5,000 letters on their way while those who send them are killed, and their connections cut."""

import random
import time
from collections import Counter

import pytest
from aiosmtpd.controller import Controller
from django.db import connection

from newsletter import digest, live_mail
from newsletter.models import Delivery, Issue
from tests import make
from tests.processes import free_port, manage

READERS, KILLS, CUTS, STOPS = 5_000, 10, 2, 3
FILL = """
    WITH people AS (
        INSERT INTO newsletter_subscriber (address, digest, language)
        SELECT 'reader-' || n || '@reader.example', encode(sha256(n::text::bytea), 'hex'), 'en'
        FROM generate_series(1, %s) n RETURNING id
    )
    INSERT INTO newsletter_subscription (subscriber_id, newsletter_id, cadence, asked_at, confirmed_at)
    SELECT id, %s, 'daily', now(), now() FROM people
"""
CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


class Inbox:
    """How many mails each address got."""

    def __init__(self):
        self.got = Counter()

    async def handle_DATA(self, server, session, envelope):
        self.got.update(envelope.rcpt_tos)
        return "250 taken"


@pytest.fixture
def inbox():
    server = Controller(Inbox(), hostname="127.0.0.1", port=free_port())
    server.start()
    yield server
    server.stop()


class Sender:
    """A worker process, and those that take its place."""

    def __init__(self, database, port, **given):
        self.database = database
        self.given = {"LIVE_MAIL": "1", "EMAIL_URL": f"smtp://127.0.0.1:{port}", **given}
        self.process = None

    def __enter__(self):
        self.process = manage(self.database, "worker", env=self.given)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def kill(self):
        self.__exit__()
        self.__enter__()


def cut_connections():
    with connection.cursor() as cursor:
        cursor.execute(CUT)


def issue_to(count):
    letter = make.newsletter()
    with connection.cursor() as cursor:
        cursor.execute(FILL, [count, letter.pk])
    issue = Issue.objects.create(newsletter=letter, subject="This week", intro="<p>Hello.</p>")
    digest.start(issue)
    return issue


def wait_until(issue, count):
    """Until it was handed over to so many."""
    deadline = time.monotonic() + 120
    under_way = [Delivery.State.QUEUED, Delivery.State.SENDING]
    while issue.deliveries.exclude(state__in=under_way).count() < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_told_to_stop_leaves_nothing_in_doubt(database, inbox):
    live_mail.permit()
    issue = issue_to(1_500)

    with Sender(database, inbox.port, MAILS_PER_SECOND="100") as sender:
        for _ in range(STOPS):
            wait_until(issue, inbox.handler.got.total() + 20)
            sender.process.terminate()
            assert sender.process.wait(10) == 0
            sender.__enter__()
        wait_until(issue, 1_500)

    assert issue.deliveries.filter(state=Delivery.State.SENT).count() == 1_500
    assert inbox.handler.got.total() == 1_500


def test_nobody_gets_it_twice_and_nobody_is_lost_whoever_is_killed(database, inbox):
    live_mail.permit()
    issue = issue_to(READERS)
    stops = sorted(random.sample(range(100, READERS - 500), KILLS + CUTS))
    cuts = random.sample(stops, CUTS)

    with Sender(database, inbox.port) as sender:
        for stop in stops:
            wait_until(issue, stop)
            cut_connections() if stop in cuts else sender.kill()
        wait_until(issue, READERS)

    got = inbox.handler.got
    states = Counter(issue.deliveries.values_list("state", flat=True))
    print(f"{READERS} readers, {KILLS} kills, {CUTS} cuts: {dict(states)}, mails {got.total()}")  # noqa: T201 - the counts are asked for
    sent = issue.deliveries.filter(state=Delivery.State.SENT).values_list("subscriber__address", flat=True)
    assert max(got.values()) == 1
    assert states[Delivery.State.SENT] + states[Delivery.State.IN_DOUBT] == READERS
    assert states[Delivery.State.IN_DOUBT] <= KILLS + CUTS
    assert set(sent) <= set(got)
