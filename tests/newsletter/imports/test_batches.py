"""A file of subscribers is taken in batches: each whole or not at all, and nobody twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from newsletter import erasing, importing
from newsletter.models import Consent, Subscriber, SubscriberImport, Subscription
from tests import make
from tests.processes import wait_for

from .uploads import addresses, counts, page_of, tried

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parent.parent.parent.parent


def test_taking_goes_on_where_it_was_broken_off(desk, letter, monkeypatch):
    monkeypatch.setattr(importing, "ROWS_IN_BATCH", 10)
    file = "address\n" + "".join(f"p{n}@example.org\n" for n in range(95)) + "p1@example.org\n"
    source = tried(desk, letter, file)
    desk.post(page_of(source), {"do": "take"})
    monkeypatch.setattr(importing, "SLICE", 0)

    for _ in range(4):
        batch = iter(
            importing._batches(SubscriberImport.objects.get(pk=source.pk), SubscriberImport.objects.get().line)
        )
        importing._take(SubscriberImport.objects.get(pk=source.pk), next(batch))
    source.refresh_from_db()
    assert (source.state, source.added, source.line) == ("taking", 40, 41)
    monkeypatch.setattr(importing, "SLICE", 60)
    importing.work_on_due()

    source.refresh_from_db()
    assert (source.state, counts(source)) == ("done", (95, 0, 1, 0, 0))
    assert Subscription.objects.active().count() == Consent.objects.count() == 95


def test_a_batch_is_never_taken_twice(desk, letter):
    source = tried(desk, letter, "address\nanna@example.org\n")
    importing.take(source)
    source.refresh_from_db()
    (batch,) = importing._batches(source)

    importing._take(source, batch)
    importing._take(source, batch)

    source.refresh_from_db()
    assert counts(source) == (1, 0, 0, 0, 0)
    assert Consent.objects.count() == 1


def test_who_signs_up_while_a_batch_is_taken_is_found_there_the_next_time(desk, letter, monkeypatch, caplog):
    source = tried(desk, letter, "address\nanna@example.org\nboris@example.org\n")
    importing.take(source)

    def at_the_same_moment(*args, kept_out=importing._kept_out):
        found = kept_out(*args)
        make.subscription(make.subscriber("anna@example.org"), newsletter=letter)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_kept_out", at_the_same_moment)
        importing.work_on_due()
    source.refresh_from_db()
    assert (source.state, source.added) == ("taking", 0)
    importing.work_on_due()

    source.refresh_from_db()
    assert (source.state, source.added) == ("done", 2)
    assert "anna" not in caplog.text


def test_who_is_erased_while_a_batch_is_taken_is_not_brought_back(desk, letter, monkeypatch):
    source = tried(desk, letter, "address\nanna@example.org\nboris@example.org\n")
    importing.take(source)
    anna = make.subscriber("anna@example.org")

    def at_the_same_moment(*args, kept_out=importing._kept_out):
        found = kept_out(*args)
        erasing.erase(anna)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_kept_out", at_the_same_moment)
        importing.work_on_due()
    source.refresh_from_db()
    assert (source.state, source.added) == ("taking", 0)
    assert not Subscription.objects.exists()
    erasing.erase(anna)  # For good: above it was undone with the batch, as a test has one connection.
    importing.work_on_due()

    source.refresh_from_db()
    assert (source.state, counts(source)) == ("done", (1, 0, 0, 1, 0))
    assert addresses() == {"boris@example.org"}


def test_who_is_erased_between_two_looks_at_them_is_named_in_no_log(desk, letter, monkeypatch, caplog):
    source = tried(desk, letter, "address\nanna@example.org\nboris@example.org\n")
    importing.take(source)
    anna = make.subscriber("anna@example.org")

    def erased_after_being_found(people, create=Subscriber.objects.bulk_create):
        erasing.erase(anna)
        return create(people)

    monkeypatch.setattr(Subscriber.objects, "bulk_create", erased_after_being_found)
    importing.work_on_due()

    source.refresh_from_db()
    assert (source.state, source.added) == ("taking", 0)
    assert not Subscription.objects.exists()
    assert "anna" not in caplog.text


KILLED = """
import os, signal, sys
import django
django.setup()
from django.core.files.storage import FileSystemStorage
from newsletter import importing
from newsletter.models import SubscriberImport
SubscriberImport._meta.get_field("file").storage = FileSystemStorage(sys.argv[1])
taken = importing._subscribe
def subscribe(*args):
    global left
    taken(*args)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
left = 2
importing._subscribe = subscribe
importing.ROWS_IN_BATCH = 10
importing.work_on_due()
"""


def advisory_locks() -> int:
    """Of this database; those of a killed process are gone a moment after it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_a_worker_that_is_killed_in_a_batch_leaves_it_whole_to_the_next(database, client_for, letter, settings):
    desk = client_for(make.user("letters staff"))
    source = tried(desk, letter, "address\n" + "".join(f"p{n}@example.org\n" for n in range(45)))
    importing.take(source)
    folder = settings.STORAGES["originals"]["OPTIONS"]["location"]
    environment = {"DATABASE_URL": database, "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "newsroom.settings"}

    for so_far in (10, 20):
        worker = subprocess.run([sys.executable, "-c", KILLED, folder], cwd=ROOT, env=environment)
        assert worker.returncode == -signal.SIGKILL
        wait_for(lambda: not advisory_locks())
        assert Subscription.objects.count() == Consent.objects.count() == Subscriber.objects.count() == so_far
    importing.work_on_due()

    source.refresh_from_db()
    assert (source.state, source.added) == ("done", 45)
    assert Subscription.objects.count() == Consent.objects.count() == 45
