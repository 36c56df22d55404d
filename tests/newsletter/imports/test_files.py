"""The file itself: refused where it cannot be read, and gone once it has served."""

import codecs
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from newsletter import importing
from newsletter.models import SubscriberImport

from .uploads import addresses, counts, page_of, taken, tried, upload

pytestmark = pytest.mark.django_db


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
