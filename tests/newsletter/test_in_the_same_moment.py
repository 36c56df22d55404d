"""What happens to a reader in the very moment in which it is put on record what became of a mail to them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from newsletter import bounces, digest, emails, erasing, in_hand, return_addresses, returns
from newsletter.models import Delivery, Issue, LastSent, Subscription
from newsletter.return_addresses import For
from tests import make
from tests.processes import wait_for

from . import returned

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = 7


@pytest.fixture
def delivery(letter, story, settings) -> Delivery:
    """Just being sent; it tells of a story."""
    settings.LETTERS_MAILBOX = "letters@news.example"
    make.subscription(newsletter=letter)
    digest.start(make.issue(letter, stories=[story]), timezone.now() + timedelta(minutes=3))
    Delivery.objects.update(state="sending", sent_at=timezone.now(), worker=WORKER)
    return Delivery.objects.get()


def one_click(delivery):
    link = emails.leave_link_of(delivery.subscription.name_in_links, delivery.issue_id)
    sent = Client().post(link, {"List-Unsubscribe": "One-Click"})
    assert sent.status_code == 200
    assert Subscription.objects.left().exists()


def a_mail_that_asks_to_leave(delivery):
    returns.take(returned.words(return_addresses.address(For.LEAVE, delivery.pk)))
    assert Subscription.objects.left().exists()


def a_bounce(delivery):
    bounces.came_back(delivery, kind=bounces.Kind.HARD, key="1")
    assert Subscription.objects.left().exists()


def an_erasure(delivery):
    erasing.erase(delivery.subscriber)
    assert not Subscription.objects.exists()


def it_is_sent(delivery):
    hand = in_hand.Hand()
    hand.worker, hand.sent = WORKER, [delivery.pk]
    hand._let_go()
    assert LastSent.objects.exists()


def it_is_refused(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(state="failed", worker=None)
    bounces.came_back(delivery, kind=bounces.Kind.HARD, key=bounces.key_of(delivery, bounces.Kind.HARD))


def is_anybody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT count(*) FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND datname = current_database()
        """)
        return cursor.fetchone()[0] > 0


@pytest.mark.parametrize("recorded", [it_is_sent, it_is_refused])
@pytest.mark.parametrize("happens", [one_click, a_mail_that_asks_to_leave, a_bounce, an_erasure])
def test_neither_waits_for_the_other_for_ever(delivery, recorded, happens):
    has_mail = Event()

    def record():
        with transaction.atomic():
            Delivery.objects.filter(pk=delivery.pk).update(tries=1)
            has_mail.set()
            wait_for(is_anybody_waiting)
            recorded(delivery)
        connection.close()

    with ThreadPoolExecutor(1) as worker:
        recording = worker.submit(record)
        has_mail.wait(10)
        happens(delivery)
        recording.result()

    assert Issue.objects.get().deliveries.get().worker is None
