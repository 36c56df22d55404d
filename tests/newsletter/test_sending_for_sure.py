"""5,000 letters on their way while those who send them are killed, and their connections cut."""

import random
from collections import Counter

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from newsletter import live_mail
from newsletter.models import Delivery

from . import senders
from .senders import Sender, issue_to, wait_for_mails, wait_until

READERS, KILLS, CUTS, STOPS = 5_000, 10, 2, 5
CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


@pytest.fixture
def inbox():
    with senders.inbox() as inbox:
        yield inbox


def cut_connections():
    """And lose all tasks, which only ring for what stands in rows of our own."""
    DBTaskResult.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(CUT)


def test_a_worker_told_to_stop_leaves_nothing_in_doubt(database, inbox):
    live_mail.permit()
    issue = issue_to(1_300)

    with Sender(database, inbox.port, MAILS_PER_SECOND="50") as sender:
        for _ in range(STOPS):
            wait_for_mails(inbox, inbox.handler.got.total() + 20)
            sender.process.terminate()
            assert sender.process.wait(10) == 0
            sender.__enter__()
        wait_until(issue, 1_300)

    assert issue.deliveries.filter(state=Delivery.State.SENT).count() == 1_300
    assert inbox.handler.got.total() == 1_300


def test_nobody_gets_it_twice_and_nobody_is_lost_whoever_is_killed(database, inbox):
    live_mail.permit()
    issue = issue_to(READERS)
    stops = sorted(random.sample(range(100, READERS - 500), KILLS + CUTS))
    cuts = random.sample(stops, CUTS)

    with Sender(database, inbox.port) as sender:
        for stop in stops:
            wait_for_mails(inbox, stop)
            cut_connections() if stop in cuts else sender.kill()
        wait_until(issue, READERS)

    got = inbox.handler.got
    states = Counter(issue.deliveries.values_list("state", flat=True))
    print(f"{READERS} readers, {KILLS} kills, {CUTS} cuts: {dict(states)}, mails {got.total()}")  # noqa: T201 - the counts are asked for
    sent = issue.deliveries.filter(state=Delivery.State.SENT).values_list("subscriber__address", flat=True)
    assert max(got.values()) == 1
    assert states[Delivery.State.SENT] + states[Delivery.State.IN_DOUBT] == READERS
    assert states[Delivery.State.IN_DOUBT] <= KILLS
    assert set(sent) <= set(got)
