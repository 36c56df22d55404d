"""Letters leave with two keys alone: the setting, and a row that names the very database."""

import io

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from newsletter import live_mail, notices
from newsletter.models import Notice, OutboxMail
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

LIST = "/desk/newsletter/outboxmail/"


def say(what) -> str:
    said = io.StringIO()
    call_command("live_mail", what, stdout=said)
    return said.getvalue()


def post() -> str:
    """Where a letter goes."""
    notices.post(make.subscriber(), Notice.Kind.LINK)
    [where] = ["out"] * len(mail.outbox) + ["outbox"] * OutboxMail.objects.count()
    return where


def test_with_both_keys_letters_go_out(settings):
    settings.LIVE_MAIL = True
    say("on")

    assert post() == "out"


@pytest.mark.parametrize(("is_set", "what"), [(False, "on"), (True, "off"), (True, "status"), (False, "off")])
def test_with_one_or_none_they_stay(settings, is_set, what):
    settings.LIVE_MAIL = is_set
    say(what)

    assert post() == "outbox"


@pytest.mark.parametrize("elsewhere", ["7300000000000000001:16384", "7300000000000000001:5"])
def test_a_copy_restored_elsewhere_sends_nothing(settings, monkeypatch, elsewhere):
    settings.LIVE_MAIL = True
    say("on")
    monkeypatch.setattr(live_mail, "_NAME", f"SELECT '{elsewhere}'")

    assert "Live mail is off" in say("status")
    assert post() == "outbox"


def test_a_database_is_named_by_its_server_and_its_number():
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        (number,) = cursor.fetchone()
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        (server,) = cursor.fetchone()

    assert live_mail._database() == f"{server}:{number}"


def test_a_copy_of_the_very_files_sends_nothing_from_another_machine(settings, monkeypatch, tmp_path):
    settings.LIVE_MAIL = True
    monkeypatch.setattr(live_mail, "MACHINE", tmp_path / "machine-id")
    say("on")
    assert live_mail.is_on()

    (tmp_path / "machine-id").write_text("b08dfa6083e7567a1921a715000001fb\n")

    assert "Live mail is off" in say("status")
    assert post() == "outbox"


def test_nor_with_other_secrets_but_a_key_that_was_changed_in_order_keeps_it_on(settings):
    settings.LIVE_MAIL = True
    say("on")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "the key of a copy"
    assert not live_mail.is_on()

    settings.SECRET_KEY_FALLBACKS = [former]

    assert post() == "out"


def test_it_can_be_taken_back(settings):
    settings.LIVE_MAIL = True
    say("on")
    say("on")

    assert "Live mail is off" in say("off")
    assert post() == "outbox"


def test_it_says_what_is_missing_to_whoever_can_do_it(settings, client_for):
    admin, staff = client_for(make.user(is_superuser=True)), client_for(make.user("letters staff"))
    steps = ["Set LIVE_MAIL=1", "live_mail on", "EMAIL_URL"]

    settings.EMAIL_BACKEND = live_mail.OUTBOX
    for said in (say("status"), admin.get(LIST).text):
        assert all(step in said for step in steps)
    page = staff.get(LIST).text
    assert "until whoever looks after the server turns live mail on" in page
    assert not any(step in page for step in steps)

    settings.LIVE_MAIL, settings.EMAIL_BACKEND = True, "django.core.mail.backends.smtp.EmailBackend"
    assert (
        say("on") == "Live mail is on: letters go out to readers, by django.core.mail.backends.smtp.EmailBackend.\n"
    )
    for desk in (admin, staff):
        page = desk.get(LIST).text
        assert "Live mail is on" in page and not any(step in page for step in steps)


def test_without_a_server_it_is_not_said_to_be_on(settings):
    settings.LIVE_MAIL, settings.EMAIL_BACKEND = True, live_mail.OUTBOX

    assert "Live mail is off" in say("on")
    assert post() == "outbox"
