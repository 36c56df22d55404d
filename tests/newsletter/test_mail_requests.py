"""What is typed into a form is kept at once and looked at later: so that nobody learns whose address we know."""

import re
import time
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from newsletter import erasing, form_tokens, leaving, mail_requests, notices, signing_up, suppressing
from newsletter.models import Consent, MailRequest, Notice, Subscriber, Suppression
from newsletter.personal_data import everything_about
from tests import make

pytestmark = pytest.mark.django_db

VIRA = "vira@reader.example"
NOTICES = "/desk/newsletter/notice/"
SECRETS = re.compile(r"'[^']*'|\b[0-9]+\b|\bs[0-9]+_x[0-9]+\b")


@pytest.fixture(autouse=True)
def nobody_has_sent_anything():
    cache.clear()


@pytest.fixture
def letter():
    return make.newsletter(slug="ukraine")


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff"))


_ask = signing_up.ask


def fail_for_vira(address, **asked):
    if address == VIRA:
        raise ValueError(address)
    _ask(address, **asked)


@pytest.fixture
def failing_for_vira(monkeypatch):
    monkeypatch.setattr(signing_up, "ask", fail_for_vira)


def fail() -> timedelta | None:
    """Its wait is over, and it fails once more; for how long it waits now."""
    MailRequest.objects.update(due_at=Now())
    mail_requests.work_on_due()
    now = timezone.now()
    due_at = MailRequest.objects.get().due_at
    return due_at and timedelta(minutes=round((due_at - now) / timedelta(minutes=1)))


def sign_up(client, address=VIRA, **more):
    sent = {"address": address, "token": form_tokens.issue(time.time() - 60), **more}
    return client.post("/newsletters/ukraine/", sent)


def ask_for_link(client, address=VIRA):
    return client.post("/newsletters/your-link/", {"address": address})


def known_as(what: str, letter) -> None:
    if what == "unknown":
        return
    vira = make.subscriber(VIRA)
    subscription = make.subscription(vira, newsletter=letter, is_active=what != "pending")
    match what:
        case "left":
            leaving.leave(subscription, method=Consent.Method.ONE_CLICK)
        case "paused":
            Subscriber.objects.update(paused_until=timezone.now() + timedelta(days=9))
        case "erased" | "bounced" | "complained":
            suppressing.suppress(VIRA, Suppression.Reason(what))
        case "mailed too often":
            for _ in range(notices.MOST):
                vira.notices.create(kind=Notice.Kind.LINK, state="sent", sent_at=timezone.now())


WHOEVER = [
    *("unknown", "pending", "active", "left", "paused"),
    *("erased", "bounced", "complained", "mailed too often"),
]


@pytest.mark.parametrize("send", [sign_up, ask_for_link])
def test_a_page_asks_the_database_the_same_whoever_it_is_about(letter, send):
    send(Client(), "first@reader.example")  # What is loaded once is loaded.
    asked = {}
    for what in WHOEVER:
        with transaction.atomic():
            cache.clear()
            known_as(what, letter)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                answer = send(Client())
            asked[what] = answer.status_code, [SECRETS.sub("…", query["sql"]) for query in queries]
            transaction.set_rollback(True)

    assert len({str(queries) for queries in asked.values()}) == 1
    said = str(asked["unknown"])
    assert "INSERT INTO" in said and "mailrequest" in said
    for table in ("newsletter_subscriber", "newsletter_subscription", "newsletter_notice", "suppression"):
        assert table not in said


@pytest.mark.parametrize("send", [sign_up, ask_for_link])
def test_what_is_asked_waits_for_the_worker_and_no_task_has_the_address(letter, send):
    make.subscription(make.subscriber(VIRA), newsletter=letter)

    send(Client())

    assert MailRequest.objects.get().address == VIRA and not Notice.objects.exists()
    assert VIRA not in str(DBTaskResult.objects.values())


@pytest.mark.parametrize(("send", "kind"), [(sign_up, Notice.Kind.KNOWN), (ask_for_link, Notice.Kind.LINK)])
def test_a_request_whose_task_was_lost_is_found_by_the_sweep_and_answered_once(letter, send, kind):
    make.subscription(make.subscriber(VIRA), newsletter=letter)
    send(Client())
    DBTaskResult.objects.all().delete()

    mail_requests.work_on_due()
    mail_requests.work_on_due()

    assert [notice.kind for notice in Notice.objects.all()] == [kind]
    assert not MailRequest.objects.exists()


def test_a_consent_has_the_time_of_asking_not_that_of_the_worker(letter):
    sign_up(Client())
    at = timezone.now() - timedelta(hours=2)
    MailRequest.objects.update(at=at)

    mail_requests.work_on_due()

    assert Consent.objects.get().at == at


def test_what_readers_cannot_have_any_more_is_let_go(letter):
    sign_up(Client())
    letter.is_open = False
    letter.save()

    mail_requests.work_on_due()

    assert not MailRequest.objects.exists() and not Subscriber.objects.exists()


def test_one_that_fails_keeps_no_other_and_names_nobody(letter, failing_for_vira, caplog):
    sign_up(Client())
    sign_up(Client(), "taras@reader.example")

    mail_requests.work_on_due()

    assert MailRequest.objects.get().address == VIRA
    assert Subscriber.objects.get().address == "taras@reader.example"
    assert "ValueError" in caplog.text and "vira" not in caplog.text


def test_one_that_fails_waits_longer_each_time_until_it_is_left_to_staff(letter, failing_for_vira):
    sign_up(Client())

    waits = [fail() for _ in notices.WAITS]
    last = fail()

    assert waits == notices.WAITS and last is None
    assert MailRequest.objects.get().said == "ValueError"


def test_before_it_has_waited_it_is_not_tried_by_whatever_rings(letter, failing_for_vira):
    sign_up(Client())
    fail()

    mail_requests.work_on_due()
    mail_requests.work_on.func(MailRequest.objects.get().pk)

    assert MailRequest.objects.get().tries == 1


def test_staff_read_what_failed_and_why_and_of_nobody_in_particular(letter, failing_for_vira, desk):
    sign_up(Client())
    for _ in [*notices.WAITS, "the last"]:
        fail()
    sign_up(Client(), "Vira+2@reader.example")

    page = " ".join(desk.get(NOTICES).text.split())

    assert "1 request of readers (to sign up, or for their link) could not be answered: ValueError." in page
    assert "1 of them will not be tried again by itself." in page
    assert "vira" not in page


def test_where_all_are_answered_staff_read_nothing_of_them(letter, desk):
    sign_up(Client())

    assert "could not be answered" not in desk.get(NOTICES).text


def test_once_it_is_mended_staff_have_it_tried_again_and_nothing_is_lost(letter, monkeypatch, desk):
    with monkeypatch.context() as broken:
        broken.setattr(signing_up, "ask", fail_for_vira)
        sign_up(Client())
        for _ in [*notices.WAITS, "the last"]:
            fail()

    page = desk.post(NOTICES, {"try_requests_again": "1"}, follow=True).text
    mail_requests.work_on_due()

    assert "To be tried again within seconds: 1." in page and "could not be answered" not in page
    assert Notice.objects.get().kind == Notice.Kind.CONFIRM and not MailRequest.objects.exists()
    [entry] = LogEntry.objects.values("object_repr", "change_message")
    assert "To be tried again." in str(entry) and "vira" not in str(entry)


def test_who_may_only_look_has_nothing_tried_again(letter, failing_for_vira, client_for):
    sign_up(Client())
    fail()
    looks = make.user("reporter")
    looks.user_permissions.add(Permission.objects.get(codename="view_notice"))

    desk = client_for(looks)
    page = desk.get(NOTICES).text
    desk.post(NOTICES, {"try_requests_again": "1"})

    assert "could not be answered" in page and "Try them again" not in page
    assert MailRequest.objects.get().tries == 1


def test_what_waits_counts_for_what_a_letter_takes_in_an_hour(letter, settings):
    settings.SIGN_UPS_PER_LETTER = 2
    for n in range(2):
        assert sign_up(Client(), f"reader{n}@reader.example").status_code == 303

    assert sign_up(Client()).status_code == 429


def test_an_odd_cadence_is_none(letter):
    sign_up(Client(), cadence="x" * 10_000)

    assert MailRequest.objects.get().cadence == ""


def test_what_waits_is_told_to_its_owner_and_goes_with_them(letter):
    vira = make.subscriber(VIRA)
    sign_up(Client(), "Vira@reader.example")
    assert everything_about(vira)["requests"]

    erasing.erase(vira)

    assert not MailRequest.objects.exists()
