"""Mails that failed or are in doubt: staff see them, and decide."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from newsletter import settling
from newsletter.models import MailRequest, Notice, OutboxMail
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

ROAD = "/desk/newsletter/notice/"
VIRA = "vira@reader.example"


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff"))


def notice(state="failed", address=VIRA, **fields):
    letter = make.newsletter(topic=make.topic())
    subscription = make.subscription(make.subscriber(address), newsletter=letter, is_active=False)
    told = {"sent_at": timezone.now() - timedelta(hours=1), "tries": 7, "said": "It was refused (550).", **fields}
    return subscription.subscriber.notices.create(kind="confirm", subscription=subscription, state=state, **told)


def decide(desk, what, *notices):
    return desk.post(ROAD, {"action": what, "_selected_action": [n.pk for n in notices]}, follow=True)


def test_the_list_has_what_failed_and_what_is_in_doubt_and_nothing_else(desk, django_assert_max_num_queries):
    for state in Notice.State.values:
        notice(state, f"{state}@reader.example")
    notice("sending", "just-now@reader.example", sent_at=timezone.now())

    with django_assert_max_num_queries(12):
        page = desk.get(ROAD).text

    shown = [address for address in [*Notice.State.values, "just-now"] if f"{address}@reader.example" in page]
    assert shown == ["sending", "failed"]
    assert "It was refused (550)." in page and "In doubt" in page


@pytest.mark.parametrize(
    ("role", "said"),
    [("letters staff", "3 wait for you."), ("chief", "3 mails did not go out"), ("editor", None)],
)
def test_the_first_page_of_the_desk_says_how_many_wait(client_for, role, said):
    desk = client_for(make.user(role))
    before = desk.get("/desk/").text
    notice(), notice("sending", "taras@reader.example")
    MailRequest.objects.create(address=VIRA, tries=1, said="KeyError")

    page = desk.get("/desk/").text

    assert "wait for you" not in before and "mails did not go out" not in before
    assert (said in page) if said else "/desk/newsletter/" not in page


def test_it_is_sent_again_as_the_same_mail(desk):
    failed, in_doubt = notice(), notice("sending", "taras@reader.example")

    page = decide(desk, "send_again", failed, in_doubt).text

    assert "Sent again: 2." in page
    assert {mail.to for mail in OutboxMail.objects.all()} == {VIRA, "taras@reader.example"}
    assert set(Notice.objects.values_list("state", "tries", "said")) == {("sent", 1, "")}


@pytest.mark.parametrize(("what", "state"), [("mark_as_sent", "sent"), ("drop", "dropped")])
def test_or_it_is_marked_as_sent_or_dropped(desk, what, state):
    in_doubt = notice("sending")

    decide(desk, what, in_doubt)

    in_doubt.refresh_from_db()
    assert in_doubt.state == state and not OutboxMail.objects.exists()
    assert VIRA not in desk.get(ROAD).text


def test_what_was_decided_is_on_record_without_an_address(desk):
    decide(desk, "drop", notice())

    [entry] = LogEntry.objects.values("object_repr", "change_message")
    assert "Dropped" in entry["change_message"] and VIRA not in str(entry)


def test_where_a_newer_one_waits_it_is_not_sent_twice(desk):
    failed = notice()
    failed.subscriber.notices.create(kind=failed.kind, subscription=failed.subscription)

    page = decide(desk, "send_again", failed).text

    assert "Left as they were: 1." in page and not OutboxMail.objects.exists()


def test_it_is_decided_about_once():
    failed = notice()

    assert settling.drop(failed)
    assert not settling.send_again(failed) and not settling.mark_as_sent(failed) and not settling.drop(failed)


def test_who_only_looks_cannot_decide(client_for):
    watcher = make.user()
    watcher.user_permissions.add(Permission.objects.get(codename="view_notice"))
    failed = notice()
    client = client_for(watcher)

    assert VIRA in client.get(ROAD).text and "send_again" not in client.get(ROAD).text
    decide(client, "drop", failed)

    failed.refresh_from_db()
    assert failed.state == "failed"


def test_an_empty_list_offers_nothing_to_do(desk):
    assert 'name="action"' not in desk.get(ROAD).text

    notice()
    assert 'name="action"' in desk.get(ROAD).text


@pytest.mark.parametrize("role", ["reporter", "editor"])
def test_nobody_else_sees_them(client_for, role):
    assert client_for(make.user(role)).get(ROAD).status_code == 403


def test_nobody_finds_out_by_a_filter_whose_mail_it_is(desk):
    notice()

    assert desk.get(ROAD, {"subscriber__address__startswith": "v"}).status_code in (400, 404)
