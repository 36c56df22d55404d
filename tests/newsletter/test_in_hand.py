"""What a worker has in hand: nobody is written to twice, and nobody is lost with it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.utils import timezone

from newsletter import in_hand, resending, sending
from newsletter.models import Delivery, LastSent, Worker
from tests import make

from .letters_sent import READERS, issue_to, send, states

State, Reason = Delivery.State, Delivery.Reason


@pytest.fixture
def lost(live):
    """An issue of which a worker that is lost had two deliveries in hand, and was at the first."""
    issue = issue_to(*READERS)
    first, second, _ = issue.deliveries.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(state=State.SENDING, worker=12345)
    Delivery.objects.filter(pk=second.pk).update(worker=12345)
    return issue


def test_what_a_lost_worker_had_in_hand_waits_again_and_its_one_mail_is_in_doubt(live, lost):
    Worker.objects.create(pk=12345)

    in_hand.settle_lost()
    send(lost)

    assert states(lost) == [State.IN_DOUBT, State.SENT, State.SENT]
    assert len(live.taken) == 2


def test_all_that_it_had_in_hand_is_in_doubt_where_the_database_crashed_too(live, lost):
    in_hand.settle_lost()
    send(lost)

    assert states(lost) == [State.IN_DOUBT, State.IN_DOUBT, State.SENT]
    assert set(lost.deliveries.filter(state=State.IN_DOUBT).values_list("said", flat=True)) == {
        "Whoever sent it was cut off."
    }


def test_what_a_lost_worker_left_in_doubt_can_be_sent_anew(live, lost):
    in_hand.settle_lost()
    lost.deliveries.filter(state=State.IN_DOUBT).update(sent_at=timezone.now() - timedelta(minutes=3))

    resending.resend(lost, lost.deliveries.filter(state=State.IN_DOUBT).values_list("pk", flat=True))
    send(lost)

    assert states(lost) == [State.SENT] * 3


def test_what_a_living_worker_has_in_hand_stays_with_it(live):
    issue = issue_to(READERS[0])
    with in_hand.Hand() as hand:
        hand.take(issue.pk)

        in_hand.settle_lost()

        assert issue.deliveries.get().worker == hand.worker
    assert issue.deliveries.get().worker is None


def test_a_worker_that_was_thought_lost_says_what_it_knows(live):
    issue = issue_to(*READERS)
    with in_hand.Hand() as hand:
        first, second, _ = hand.take(issue.pk)
        hand.begin(first)
        hand.is_sent(first)
        hand.begin(second)
        Worker.objects.all().delete()
        with patch.object(in_hand, "_LOCK", 1):  # As somebody sees it for whom its lock is gone.
            in_hand.settle_lost()
        assert states(issue) == [State.SENT, State.IN_DOUBT, State.IN_DOUBT]

    assert states(issue) == [State.SENT, State.IN_DOUBT, State.QUEUED]


def test_what_a_crash_may_have_lost_is_said_again_though_nothing_is_left_to_take(live):
    issue = issue_to(*READERS[:2])
    with in_hand.Hand() as hand:
        for reader in hand.take(issue.pk):
            hand.begin(reader)
            hand.is_sent(reader)
        issue.deliveries.update(state=State.QUEUED, sent_at=None)
        assert hand.take(issue.pk) == []

        assert states(issue) == [State.SENT, State.SENT]


def test_what_was_sent_is_on_record_within_a_second_while_others_are(live, monkeypatch):
    issue = issue_to(*READERS)
    with in_hand.Hand() as hand:
        first, second, third = hand.take(issue.pk)
        hand.begin(first)
        hand.is_sent(first)
        hand.begin(second)
        hand.is_sent(second)
        assert states(issue) == [State.SENDING, State.SENDING, State.QUEUED]
        hand.recorded_at -= in_hand.LATEST

        hand.begin(third)

        assert states(issue) == [State.SENT, State.SENT, State.SENDING]


def test_of_all_that_a_lost_worker_began_only_the_last_is_in_doubt(live):
    issue = issue_to(*READERS, stories=[make.published("Talks begin")])
    with in_hand.Hand() as hand:
        first, second, third = hand.take(issue.pk)
        for reader in (first, second):
            hand.begin(reader)
            hand.is_sent(reader)
        hand.begin(third)
        with patch.object(in_hand, "_LOCK", 1):  # As somebody sees it for whom its lock is gone.
            in_hand.settle_lost()

        assert states(issue) == [State.SENT, State.SENT, State.IN_DOUBT]
        assert {last.subscriber_id for last in LastSent.objects.all()} == {first.subscriber, second.subscriber}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("busy", [0, 2])
def test_only_the_last_is_in_doubt_whoever_is_at_another_just_then(live, busy):
    issue = issue_to(*READERS)
    hand = in_hand.Hand().__enter__()
    taken = hand.take(issue.pk)
    for reader in taken:
        hand.begin(reader)
    connection.close()
    is_locked = threading.Event()

    def hold():
        with transaction.atomic():
            Delivery.objects.filter(pk=taken[busy].delivery).lock()
            is_locked.set()
            time.sleep(0.5)
        connection.close()

    with ThreadPoolExecutor(1) as somebody:
        somebody.submit(hold)
        is_locked.wait()
        in_hand.settle_lost()

    assert states(issue) == [State.SENT, State.SENT, State.IN_DOUBT]


def test_an_issue_that_is_paused_and_resumed_in_between_loses_nobody(live):
    issue = issue_to(READERS[0])
    with in_hand.Hand() as hand:
        [reader] = hand.take(issue.pk)
        sending.pause(issue)
        assert not hand.begin(reader)
        sending.resume(issue)
        hand.settle_unwanted(reader)

    send(issue)

    assert states(issue) == [State.SENT]
