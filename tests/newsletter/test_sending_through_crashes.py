"""Letters on their way while the database is started anew, or crashes, and loses what was not on its disk yet."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import environ
import pytest
from django.core.management import call_command
from django.db import connection

from newsletter import in_hand, live_mail
from newsletter.models import Delivery
from newsroom.embedded_postgres import Server
from tests.processes import wait_for

from . import senders
from .senders import Sender, issue_to, wait_for_mails, wait_until

READERS = 2_000
State = Delivery.State


class Restless:
    """A PostgreSQL of one test's own. It takes 10 s to put on disk what nobody waits for."""

    def __init__(self, home: Path):
        self.server = Server(home)
        self.address = self.server.join()

    def restart(self, mode: str = "fast") -> None:
        """`immediate` is a crash: nothing is put on disk before."""
        connection.close()
        log = self.server.home / "log"
        self.server._run("pg_ctl", "restart", "--pgdata", self.server.data, "--mode", mode, "--log", log)


@contextmanager
def connected_to(address: str):
    known = connection.settings_dict
    connection.close()
    connection.settings_dict = {**known, "OPTIONS": {}, **environ.Env.db_url_config(address)}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = known


@pytest.fixture
def restless(transactional_db):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        database = Restless(Path(folder) / "postgres")
        with connected_to(database.address):
            with connection.cursor() as cursor:
                cursor.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            database.restart()
            call_command("migrate", verbosity=0)
            live_mail.permit()
            yield database
        database.server.leave()


@pytest.fixture
def inbox():
    with senders.inbox() as inbox:
        yield inbox


def count(issue, *states) -> int:
    return issue.deliveries.filter(state__in=states).count()


def test_letters_go_on_by_themselves_after_the_database_was_started_anew(restless, inbox):
    issue = issue_to(READERS)

    with Sender(restless.address, inbox.port), Sender(restless.address, inbox.port):
        for mode, sent in (("immediate", 300), ("fast", 800), ("immediate", 1300)):
            wait_for_mails(inbox, sent)
            restless.restart(mode)
        wait_for(lambda: count(issue, State.SENT) == READERS)

    assert inbox.handler.got.total() == len(inbox.handler.got) == READERS


def test_nobody_gets_it_twice_even_if_worker_and_database_are_gone_at_once(restless, inbox):
    issue = issue_to(READERS)
    with Sender(restless.address, inbox.port):
        wait_for_mails(inbox, 350)
    restless.restart("immediate")
    lost = inbox.handler.got.total() - count(issue, State.SENT, State.SENDING)

    with Sender(restless.address, inbox.port):
        wait_until(issue, READERS)

    got = inbox.handler.got
    sent = issue.deliveries.filter(state=State.SENT).values_list("subscriber__address", flat=True)
    assert lost > 1
    assert max(got.values()) == 1
    assert set(sent) <= set(got)
    assert 0 < count(issue, State.IN_DOUBT) <= in_hand.MOST + 1
    assert count(issue, State.SENT, State.IN_DOUBT) == READERS
