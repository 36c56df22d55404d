"""A file of subscribers: looked through, then taken in batches; nobody is mailed, nobody comes back who left."""

import codecs
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from newsletter import erasing, importing, leaving
from newsletter.models import Consent, Notice, Subscriber, SubscriberImport, Subscription
from tests import make

pytestmark = pytest.mark.django_db

IMPORTS = "/desk/newsletter/subscriberimport/"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def letter():
    return make.newsletter("Get the harbour update")


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff", username="sofia"))


def upload(desk, letter, content: str | bytes, *, provenance="The fair of 2024."):
    content = content.encode() if isinstance(content, str) else content
    return desk.post(
        f"{IMPORTS}add/",
        {
            "newsletter": letter.pk,
            "cadence": "daily",
            "provenance": provenance,
            "file": SimpleUploadedFile("people.csv", content, "text/csv"),
        },
    )


def tried(desk, letter, content: str | bytes) -> SubscriberImport:
    """The import of this file, after the worker looked through it."""
    answer = upload(desk, letter, content)
    assert answer.status_code == 302, answer.content.decode()
    importing.work_on_due()
    return SubscriberImport.objects.first()


def taken(desk, letter, content: str | bytes) -> SubscriberImport:
    source = tried(desk, letter, content)
    desk.post(page_of(source), {"do": "take"})
    importing.work_on_due()
    source.refresh_from_db()
    return source


def page_of(source: SubscriberImport) -> str:
    return f"{IMPORTS}{source.pk}/change/"


def counts(source: SubscriberImport) -> tuple[int, ...]:
    return (source.added, source.known, source.repeated, source.suppressed, source.refused)


def problems(source: SubscriberImport) -> dict[int, str]:
    return dict(source.problems.values_list("line", "reason"))


def addresses() -> set[str]:
    return set(Subscriber.objects.values_list("address", flat=True))


def test_a_file_is_tried_before_anybody_is_taken(desk, letter):
    known = make.subscription(newsletter=letter).subscriber
    gone = make.subscription(newsletter=letter)
    leaving.leave(gone, method=Consent.Method.FORM)
    erased = make.subscription(make.subscriber("erased@example.org"), newsletter=letter).subscriber
    erasing.erase(erased)
    waiting = make.subscription(newsletter=letter, is_active=False).subscriber
    file = f"""address
anna@example.org
not an address
{known.address.upper()}
{gone.subscriber.address}
Erased@example.org
ANNA@example.org

{waiting.address}
boris@example.org
"""

    source = tried(desk, letter, file)

    assert (source.state, counts(source)) == ("tried", (2, 2, 1, 2, 1))
    said = problems(source)
    assert sorted(said) == [3, 4, 5, 6, 7, 9]
    assert said[3].startswith("Please check the address")
    assert said[4] == importing.KNOWN
    assert {said[5], said[6]} <= {importing.HAS_LEFT, importing.SUPPRESSED}
    assert said[7] == importing.REPEATED
    assert said[9] == importing.ASKED
    assert "anna@example.org" not in addresses()
    page = desk.get(page_of(source)).content.decode()
    assert "Add them" in page
    assert importing.REPEATED in page


def test_who_is_taken_has_the_letter_at_once_with_where_it_was_agreed_to_and_is_not_mailed(desk, letter):
    Notice.objects.all().delete()

    source = taken(desk, letter, "address\nAnna@example.org\n")

    subscription = Subscription.objects.get()
    consent = Consent.objects.get()
    assert source.state == "done"
    assert subscription.is_active
    assert subscription.subscriber.address == "Anna@example.org"
    assert (consent.act, consent.method, consent.by.username) == ("imported", "import", "sofia")
    assert "The fair of 2024." in consent.reason
    assert not Notice.objects.exists()


def test_language_cadence_and_day_of_consent_are_taken_from_their_columns(desk, letter):
    file = "\ufeffName;Address;consented_at;Cadence;language\r\nAnna;anna@example.org;2024-05-01;weekly;uk\r\n"

    taken(desk, letter, file)

    subscription = Subscription.objects.get()
    assert (subscription.cadence, subscription.subscriber.language) == ("weekly", "uk")
    assert "Given on 2024-05-01." in Consent.objects.get().reason


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a@example.org,klingonish-language-tag,,", "not a language tag"),
        ("a@example.org,,hourly,", "does not come that often"),
        ("a@example.org,,,last spring", "must be a day in the past"),
        (f"a@example.org,,,{(timezone.now() + timedelta(days=3)).date()}", "must be a day in the past"),
        ("a@example.org;b@example.org,,,", "Please check the address"),
        ("=cmd@example.org\x0bBcc:,,,", "Please check the address"),
        (",uk,,", "Please check the address"),
    ],
)
def test_a_line_that_cannot_be_taken_says_why(desk, letter, line, said):
    source = tried(desk, letter, f"address,language,cadence,consented_at\n{line}\nb@example.org,,,\n")

    assert said in problems(source)[2]
    assert source.added == 1


def test_a_second_file_of_the_same_people_changes_nothing(desk, letter):
    file = "address\n" + "".join(f"p{n}@example.org\n" for n in range(5))
    taken(desk, letter, file)
    before = [*Subscription.objects.values()]

    source = taken(desk, letter, file)

    assert counts(source) == (0, 5, 0, 0, 0)
    assert [*Subscription.objects.values()] == before
    assert Consent.objects.count() == 5


def test_who_leaves_between_trying_and_taking_stays_away(desk, letter):
    source = tried(desk, letter, "address\nanna@example.org\nboris@example.org\n")
    erasing.erase(make.subscriber("anna@example.org"))

    desk.post(page_of(source), {"do": "take"})
    importing.work_on_due()

    source.refresh_from_db()
    assert counts(source) == (1, 0, 0, 1, 0)
    assert addresses() == {"boris@example.org"}


def test_who_has_another_letter_gets_this_one_too(desk, letter):
    person = make.subscription(newsletter=make.newsletter(topic=make.topic())).subscriber

    taken(desk, letter, f"address\n{person.address.upper()}\n")

    assert person.subscriptions.active().count() == 2
    assert len(addresses()) == 1


def test_who_left_everything_they_had_does_not_come_back_by_another_letter(desk, letter):
    other, third = make.newsletter(topic=make.topic()), make.newsletter(topic=make.topic())
    gone, staying = make.subscription(newsletter=other), make.subscription(newsletter=other)
    make.subscription(staying.subscriber, newsletter=third, left_at=timezone.now())
    leaving.leave(gone, method=Consent.Method.FORM)

    source = taken(desk, letter, f"address\n{gone.subscriber.address.upper()}\n{staying.subscriber.address}\n")

    assert counts(source) == (1, 0, 0, 1, 0)
    assert problems(source) == {2: importing.HAS_LEFT_ALL}
    assert not gone.subscriber.subscriptions.active().exists()


def test_a_cadence_given_up_since_the_file_was_tried_is_told_or_replaced(desk, letter):
    source = tried(desk, letter, "address,cadence\nanna@example.org,daily\nboris@example.org,\n")
    letter.cadences = ["weekly"]
    letter.save()

    desk.post(page_of(source), {"do": "take"})
    importing.work_on_due()

    source.refresh_from_db()
    assert counts(source) == (1, 0, 0, 0, 1)
    assert "does not come that often" in problems(source)[2]
    assert Subscription.objects.get().cadence == "weekly"


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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"address\n", "no address in the file"),
        (b"anna@example.org\nboris@example.org\n", "name the columns"),
        (codecs.BOM_UTF16_LE + "address\nanna@example.org\n".encode("utf-16-le"), "UTF-16"),
        ("address\nanna@example.org\n".encode("utf-16-be"), "is not text"),
        (b"address\nanna@example.org\x00\n", "is not text"),
        ("address\nannä@example.org\n".encode("latin-1"), "not written in UTF-8"),
        (b"address\nanna@example.org" + b"," * 10_000 + b"\n", "at most 10,000 bytes"),
        (b"address\nanna@example.org" + b"," * 9_000 + b"\n", "more than 50 columns"),
        (b"address\n" + b"x" * (26 << 20), "larger than 25 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(desk, letter, content, said):
    answer = upload(desk, letter, content)

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not SubscriberImport.objects.exists()


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (b"\x00\n", "is not text"),
        (b"\xff\n", "not written in UTF-8"),
        (b"," * 10_001 + b"\n", "at most 10,000 bytes"),
        (b'"' + b"x\n" * 70_000, "quotation mark"),
    ],
)
def test_what_cannot_be_read_further_down_fails_the_whole_file(desk, letter, odd, said):
    file = b"address\n" + b"".join(b"p%d@example.org\n" % n for n in range(2_000)) + odd

    source = tried(desk, letter, file)

    assert (source.state, counts(source)) == ("failed", (0, 0, 0, 0, 0))
    assert not source.problems.exists()
    assert said in desk.get(page_of(source)).content.decode()
    assert addresses() == set()


def test_provenance_is_required(desk, letter):
    answer = upload(desk, letter, "address\nanna@example.org\n", provenance=" ")

    assert answer.status_code == 200
    assert not SubscriberImport.objects.exists()


def test_the_file_goes_when_it_is_done_with(desk, letter, settings):
    folder = Path(settings.STORAGES["originals"]["OPTIONS"]["location"])
    kept = lambda: [path for path in folder.rglob("*") if path.is_file()]  # noqa: E731

    discarded = tried(desk, letter, "address\nanna@example.org\n")
    assert len(kept()) == 1
    assert "people" not in kept()[0].name
    desk.post(page_of(discarded), {"do": "discard"})
    assert kept() == []
    taken(desk, letter, "address\nanna@example.org\n")

    assert kept() == []


@pytest.mark.parametrize("state", ["done", "failed"])
def test_a_file_that_was_left_lying_goes_with_the_next_sweep(desk, letter, state):
    source = tried(desk, letter, "address\nanna@example.org\n")
    SubscriberImport.objects.update(state=state)

    importing.work_on_due()

    assert not Path(source.file.path).exists()
    source.refresh_from_db()
    assert not source.file


def test_no_file_stays_of_an_import_that_could_not_begin(desk, letter, settings, monkeypatch):
    monkeypatch.setattr(SubscriberImport, "save", lambda *args, **kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        upload(desk, letter, "address\nanna@example.org\n")

    folder = Path(settings.STORAGES["originals"]["OPTIONS"]["location"])
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_that_nobody_decides_about_goes_after_a_week(desk, letter):
    source = tried(desk, letter, "address\nanna@example.org\n")
    SubscriberImport.objects.update(made_at=timezone.now() - timedelta(days=7, minutes=1))

    importing.work_on_due()

    source.refresh_from_db()
    assert source.state == "failed"
    assert "The file was discarded" in desk.get(page_of(source)).content.decode()


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


def test_a_file_is_decided_about_once(desk, letter):
    source = taken(desk, letter, "address\nanna@example.org\n")

    for verb in ("take", "discard"):
        desk.post(page_of(source), {"do": verb})
        source.refresh_from_db()
        assert source.state == "done"
    assert desk.post(page_of(source), {"do": "other"}).status_code == 403


@pytest.mark.parametrize("role", ["reporter", "editor", None])
def test_nobody_else_takes_anybody_in(client_for, desk, letter, role):
    source = tried(desk, letter, "address\nanna@example.org\n")
    other = client_for(make.user(role))

    assert other.get(page_of(source)).status_code == 403
    assert other.post(page_of(source), {"do": "take"}).status_code == 403
    assert upload(other, letter, "address\nanna@example.org\n").status_code == 403
    assert addresses() == set()


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


def test_a_worker_that_is_killed_in_a_batch_leaves_it_whole_to_the_next(database, client_for, letter, settings):
    desk = client_for(make.user("letters staff"))
    source = tried(desk, letter, "address\n" + "".join(f"p{n}@example.org\n" for n in range(45)))
    importing.take(source)
    folder = settings.STORAGES["originals"]["OPTIONS"]["location"]
    environment = {"DATABASE_URL": database, "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "newsroom.settings"}

    for so_far in (10, 20):
        worker = subprocess.run([sys.executable, "-c", KILLED, folder], cwd=ROOT, env=environment)
        assert worker.returncode == -signal.SIGKILL
        assert Subscription.objects.count() == Consent.objects.count() == Subscriber.objects.count() == so_far
    importing.work_on_due()

    source.refresh_from_db()
    assert (source.state, source.added) == ("done", 45)
    assert Subscription.objects.count() == Consent.objects.count() == 45
