"""Workers that send letters in processes of their own, and the inbox that counts what they send."""

import time
from collections import Counter
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from django.db import connection

from newsletter import digest
from newsletter.models import Delivery, Issue
from tests import make
from tests.processes import free_port, manage, wait_for

FILL = """
    WITH people AS (
        INSERT INTO newsletter_subscriber (address, digest, language)
        SELECT 'reader-' || n || '@reader.example', encode(sha256(n::text::bytea), 'hex'), 'en'
        FROM generate_series(1, %s) n RETURNING id
    )
    INSERT INTO newsletter_subscription (subscriber_id, newsletter_id, cadence, asked_at, confirmed_at)
    SELECT id, %s, 'daily', now(), now() FROM people
"""


class Inbox:
    """How many mails each address got."""

    def __init__(self):
        self.got = Counter()

    async def handle_DATA(self, server, session, envelope):
        self.got.update(envelope.rcpt_tos)
        return "250 taken"


@contextmanager
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


def wait_for_mails(inbox, count):
    """Until so many have arrived; a moment later some of them are on record."""
    wait_for(lambda: inbox.handler.got.total() >= count)
