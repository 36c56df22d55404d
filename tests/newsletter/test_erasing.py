"""Who is erased is gone, also from what was on its way to them in that very moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from newsletter import erasing, notices
from newsletter.models import Notice, OutboxMail, Subscriber
from newsletter.outbox import EmailBackend
from tests import make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_once")]

take = EmailBackend.send_messages


@pytest.fixture
def notice():
    subscription = make.subscription(is_active=False)
    return subscription.subscriber.notices.create(kind=Notice.Kind.CONFIRM, subscription=subscription)


def test_no_mail_is_kept_of_who_was_erased_while_it_was_on_its_way(notice, caplog):
    def erase_and_take(backend, mails):
        erasing.erase(notice.subscriber)
        return take(backend, mails)

    with patch.object(EmailBackend, "send_messages", erase_and_take):
        notices.send(notice.pk)

    assert not OutboxMail.objects.exists() and not Subscriber.objects.exists()
    assert notice.subscriber.address not in caplog.text


def test_nor_of_who_is_just_being_erased(notice):
    is_gone, may_commit = Event(), Event()

    def erase():
        try:
            with transaction.atomic():
                erasing.erase(notice.subscriber)
                is_gone.set()
                may_commit.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:

        def take_meanwhile(backend, mails):
            other.submit(erase)
            is_gone.wait(10)
            other_commits = ThreadPoolExecutor(1).submit(lambda: (Event().wait(0.3), may_commit.set()))
            try:
                return take(backend, mails)
            finally:
                other_commits.result()

        with patch.object(EmailBackend, "send_messages", take_meanwhile):
            notices.send(notice.pk)

    assert not OutboxMail.objects.exists() and not Subscriber.objects.exists()


def test_what_was_kept_before_goes_with_them(notice):
    notices.send(notice.pk)
    assert OutboxMail.objects.get().subscriber == notice.subscriber

    erasing.erase(notice.subscriber)

    assert not OutboxMail.objects.exists()
