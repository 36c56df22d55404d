"""What was taken in from a file is shown as that; and no file outlives what it was for."""

import csv
import itertools
import os
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from newsletter import importing, leaving, signing_up
from newsletter.models import Consent, SeenAddress, SubscriberImport, Subscription
from newsletter.personal_data import everything_about
from tests import make

from .uploads import counts, problems, taken, tried, upload

pytestmark = pytest.mark.django_db

FILE = "address,consented_at\nanna@example.org,2024-05-03\nboris@example.org,\n"
LIST = "/desk/newsletter/subscriber/"


def of(address: str) -> Subscription:
    return Subscription.objects.with_origin().get(subscriber__address=address)


def test_nobody_who_was_imported_is_shown_as_confirmed_on_that_day(desk, letter):
    taken(desk, letter, FILE)
    anna = of("anna@example.org")

    page = " ".join(desk.get(f"{LIST}{anna.subscriber_id}/change/").text.split())

    assert "· confirmed" not in page and "· imported" in page
    assert "agreed on 3 May 2024" in page and "The fair of 2024." in page
    assert desk.get(LIST).text.count("(imported)") == 2


def test_an_export_tells_where_each_came_from(desk, letter):
    taken(desk, letter, FILE)
    moment = datetime(2026, 4, 15, 9, tzinfo=UTC)
    make.subscription(make.subscriber("vira@example.org"), newsletter=letter, confirmed_at=moment)

    sent = b"".join(desk.post(f"{LIST}export/").streaming_content).decode("utf-8-sig")

    rows = {row["address"]: row for row in csv.DictReader(sent.splitlines())}
    anna, boris, vira = (rows[f"{name}@example.org"] for name in ("anna", "boris", "vira"))
    assert (anna["confirmed_at"], anna["consented_on"], anna["state"]) == ("", "2024-05-03", "active")
    assert anna["imported_at"] and anna["origin"].endswith(": The fair of 2024.")
    assert (boris["consented_on"], boris["confirmed_at"]) == ("", "")
    assert vira["confirmed_at"] == "2026-04-15T09:00:00+00:00"
    assert (vira["imported_at"], vira["consented_on"], vira["origin"]) == ("", "", "")


def test_they_are_told_the_same(desk, letter):
    taken(desk, letter, FILE)

    [told] = everything_about(of("anna@example.org").subscriber)["subscriptions"]

    assert told["confirmed_here_at"] is None and told["imported_at"]
    assert told["consented_on"] == date(2024, 5, 3) and "The fair of 2024." in told["origin"]


def test_who_comes_back_by_themselves_is_imported_no_more(desk, letter):
    taken(desk, letter, FILE)
    anna = of("anna@example.org")
    leaving.leave(anna, method=Consent.Method.ONE_CLICK)
    signing_up.ask("anna@example.org", newsletter=letter, language="en", page="/")

    signing_up.confirm(of("anna@example.org"), page="/")

    anna = of("anna@example.org")
    assert anna.confirmed_here_at and not anna.imported_at and not anna.origin and not anna.consented_on


def test_a_file_is_looked_through_in_slices_and_ends_as_if_in_one(desk, letter, monkeypatch):
    monkeypatch.setattr(importing, "ROWS_IN_BATCH", 2)
    monkeypatch.setattr(importing, "SLICE", 1)
    seconds = itertools.count()  # A look at the clock takes one, so that a slice has room for one batch.
    monkeypatch.setattr(importing, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    upload(desk, letter, "address\na@example.org\nb@example.org\nA@example.org\nc@example.org\nb@example.org\nx\n")

    lines = []
    for _ in range(4):
        importing.work_on_due()
        lines.append(SubscriberImport.objects.get().line)

    source = SubscriberImport.objects.get()
    assert lines == [3, 5, 7, 7]
    assert source.state == "tried" and counts(source) == (3, 0, 2, 0, 1)
    assert sorted(problems(source)) == [4, 6, 7] and not SeenAddress.objects.exists()


def test_a_batch_is_looked_through_once(desk, letter):
    source = tried(desk, letter, FILE)
    SubscriberImport.objects.update(state="trying", line=0, added=0)
    [batch] = importing._batches(SubscriberImport.objects.get())

    importing._try(source, batch)
    importing._try(source, batch)

    assert counts(SubscriberImport.objects.get()) == (2, 0, 0, 0, 0)


def test_a_file_whose_row_was_rolled_back_goes_when_it_is_an_hour_old(desk, letter, settings):
    folder = settings.STORAGES["originals"]["OPTIONS"]["location"] / "imports"
    upload(desk, letter, FILE)
    [kept] = folder.iterdir()
    source = SubscriberImport(newsletter=letter, provenance="The fair.", by=make.user("letters staff"))
    with transaction.atomic():
        importing.begin(source, ContentFile(FILE.encode(), "people.csv"))
        transaction.set_rollback(True)
    importing._delete_orphans()
    assert len([*folder.iterdir()]) == 2

    an_hour_ago = (timezone.now() - timedelta(minutes=61)).timestamp()
    for file in folder.iterdir():
        os.utime(file, (an_hour_ago, an_hour_ago))
    importing._delete_orphans()

    assert [*folder.iterdir()] == [kept]


def test_where_no_file_was_ever_uploaded_there_is_nothing_to_look_through():
    importing.work_on_due()
