"""Issues on their way: each reader at most once, nobody lost, every answer of a server taken for what it means."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from newsletter import digest, in_hand, leaving, sending
from newsletter.models import Consent, Delivery, Issue, LastSent, Subscriber, Subscription
from tests import make
from tests.processes import wait_for

from . import smtp_sink
from .letters_sent import READERS, issue_to, send, send_and_close, states

State, Reason = Delivery.State, Delivery.Reason
MANY = [f"reader-{n:02}@reader.example" for n in range(40)]
# How a server takes what is said before a mail.
WAYS = pytest.mark.parametrize("ehlo", ["250 word by word", "250-at one go\r\n250 PIPELINING"])


@pytest.fixture(autouse=True)
def _nothing_rests():
    cache.clear()


def test_everybody_gets_it_once_with_what_every_bulk_mail_must_say(live):
    issue = issue_to(*READERS)

    send(issue)
    send(issue)

    assert sorted(mail["To"] for mail in live.taken) == READERS
    assert issue.state == Issue.State.SENT
    for mail in live.taken:
        assert mail["List-Unsubscribe"].startswith("<http")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail["List-Id"] and mail["Feedback-ID"] and mail["Date"] and mail["Message-ID"]
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        assert "BLANK" not in mail.as_string()
    assert len({mail["Message-ID"] for mail in live.taken}) == 3


@WAYS
def test_all_readers_go_over_one_line_which_ends_politely(live, ehlo):
    live.answers = {"ehlo": ehlo}

    send(issue_to(*READERS))

    assert len(live.taken) == 3
    assert (live.calls, live.goodbyes) == (1, 1)


@WAYS
@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({}, State.SENT),
        ({"rcpt": "450 4.2.0 greylisted"}, State.QUEUED),
        ({"end": "451 4.3.0 later"}, State.QUEUED),
        ({"mail": "421 4.7.0 too many"}, State.QUEUED),
        ({"rcpt": "550 5.1.1 nobody"}, State.FAILED),
        ({"rcpt": "550 5.1.1 nobody", "data": "554 5.5.1 to whom?"}, State.FAILED),
        ({"end": "554 5.7.1 no such words"}, State.FAILED),
        ({"end": None}, State.IN_DOUBT),
        ({"end": "OK"}, State.IN_DOUBT),
        ({"rcpt": "OK"}, State.QUEUED),
        ({"rcpt": None}, State.QUEUED),
        ({"connect": "554 no"}, State.QUEUED),
        ({"connect": None}, State.QUEUED),
    ],
)
def test_each_answer_of_a_server_is_kept_for_what_it_means(live, answers, state, ehlo):
    issue = issue_to(READERS[0])
    live.answers = {"ehlo": ehlo, **answers}

    send(issue)

    assert states(issue) == [state]
    assert READERS[0] not in issue.deliveries.get().said
    assert len(live.to(READERS[0])) == (state in (State.SENT, State.IN_DOUBT) or answers.keys() == {"end"})


@WAYS
@pytest.mark.parametrize("refused", [0, 1, 2])
@pytest.mark.parametrize(
    ("command", "refusal", "state"),
    [
        ("rcpt", "550 5.1.1 nobody", State.FAILED),
        ("data", "451 4.3.0 later", State.QUEUED),
        ("end", "554 5.7.1 no such words", State.FAILED),
    ],
)
def test_a_line_goes_on_after_a_reader_who_was_refused(live, command, refusal, state, refused, ehlo):
    issue = issue_to(*READERS)
    said = [smtp_sink.USUAL.get(command, "250 well")] * 3
    live.answers = {"ehlo": ehlo, command: [*said[:refused], refusal, *said[refused + 1 :]]}

    send(issue)

    expected = [State.SENT] * 3
    expected[refused] = state
    assert states(issue) == expected
    assert live.calls == 1


@WAYS
def test_many_who_left_cost_no_line_each(live, ehlo):
    live.answers = {"ehlo": ehlo}
    issue = issue_to(*MANY)
    Subscription.objects.exclude(subscriber__address=MANY[0]).update(left_at=timezone.now())

    send(issue)

    assert [mail["To"] for mail in live.taken] == MANY[:1]
    assert live.calls <= 2
    assert live.goodbyes


@WAYS
def test_a_cancelled_issue_announces_no_more_mails(live, ehlo, monkeypatch):
    live.answers = {"ehlo": ehlo}
    issue, is_sent = issue_to(*MANY), in_hand.Hand.is_sent

    def cancelled_meanwhile(hand, reader):
        is_sent(hand, reader)
        sending.cancel(issue)

    monkeypatch.setattr(in_hand.Hand, "is_sent", cancelled_meanwhile)
    send(issue)

    assert len(live.taken) == 1
    assert len(live.recipients) <= 2


def test_a_sweep_that_is_over_begins_no_other_mail(live):
    issue = issue_to(*READERS)

    sending.send(issue, time.monotonic() - 1)

    assert live.calls == 0
    assert states(issue) == [State.QUEUED] * 3


@WAYS
@pytest.mark.django_db(transaction=True)
def test_who_leaves_while_it_is_sent_gets_nothing_but_the_mail_that_is_on_its_way(live, ehlo):
    live.answers = {"ehlo": ehlo}
    issue = issue_to(*READERS)
    live.may_answer.clear()

    with ThreadPoolExecutor(1) as worker:
        sent = worker.submit(send_and_close, issue)
        wait_for(lambda: live.taken)
        for delivery in issue.deliveries.filter(subscriber__address__in=READERS[:2]):
            leaving.leave(delivery.subscription, method=Consent.Method.ONE_CLICK)
        live.may_answer.set()
        sent.result()

    assert [len(live.to(reader)) for reader in READERS] == [1, 0, 1]
    assert issue.deliveries.get(subscriber__address=READERS[1]).reason == Reason.LEFT


def test_who_has_another_address_by_now_gets_it_there(live, monkeypatch):
    issue = issue_to(*READERS)
    take = in_hand.Hand.take

    def take_and_move(*args):
        taken = take(*args)
        Subscriber.objects.filter(address=READERS[1]).update(address="boris@home.example")
        return taken

    monkeypatch.setattr(in_hand.Hand, "take", take_and_move)
    send(issue)

    assert sorted(mail["To"] for mail in live.taken) == [READERS[0], "boris@home.example", READERS[2]]
    assert set(states(issue)) == {State.SENT}


def test_a_paused_issue_waits_and_goes_on(live):
    issue = issue_to(*READERS)
    sending.pause(issue)
    send(issue)
    assert live.taken == []

    sending.resume(issue)
    send(issue)

    assert len(live.taken) == 3


def test_a_cancelled_issue_ends_and_says_whom_it_did_not_reach(live):
    issue = issue_to(*READERS)

    sending.cancel(issue)
    send(issue)

    assert issue.state == Issue.State.CANCELLED
    assert live.taken == []
    assert set(issue.deliveries.values_list("reason", flat=True)) == {Reason.CANCELLED}


def test_what_a_server_put_off_while_its_issue_was_cancelled_waits_no_more(live, monkeypatch):
    issue = issue_to(READERS[0])
    live.answers = {"end": "451 4.3.0 later"}
    became = in_hand.Hand.became

    def cancel_before(*args, **fields):
        sending.cancel(issue)
        became(*args, **fields)

    monkeypatch.setattr(in_hand.Hand, "became", cancel_before)
    send(issue)
    sending.send_due()

    assert states(issue) == [State.EXCLUDED]
    assert issue.deliveries.get().reason == Reason.CANCELLED


def test_who_signs_up_while_it_is_sent_gets_the_next_one(live):
    issue = issue_to(*READERS)
    make.subscription(make.subscriber("late@reader.example"), newsletter=issue.newsletter)

    send(issue)

    assert sorted(mail["To"] for mail in live.taken) == READERS
    assert issue.state == Issue.State.SENT


def test_who_pauses_their_letters_meanwhile_gets_nothing(live):
    issue = issue_to(*READERS)
    Subscriber.objects.filter(address=READERS[1]).update(paused_until=timezone.now() + timedelta(days=7))

    send(issue)

    assert live.to(READERS[1]) == []
    assert issue.deliveries.get(subscriber__address=READERS[1]).reason == Reason.PAUSED


def test_who_follows_one_story_no_more_still_hears_of_the_others(live):
    reader = make.subscriber(READERS[0])
    stories = [make.published(headline) for headline in ("Ferry sinks", "Harbour closes")]
    first, _ = [make.subscription(reader, article=story, cadence="daily") for story in stories]
    digest.compose_due(timezone.now() + timedelta(days=2))
    leaving.leave(first, method=Consent.Method.ONE_CLICK)

    sending.send_due()

    assert len(live.to(READERS[0])) == 1


def test_who_follows_nothing_any_more_hears_nothing(live):
    reader = make.subscriber(READERS[0])
    follows = make.subscription(reader, article=make.published("Ferry sinks"), cadence="daily")
    digest.compose_due(timezone.now() + timedelta(days=2))
    leaving.leave(follows, method=Consent.Method.ONE_CLICK)

    sending.send_due()

    assert live.taken == []
    assert Delivery.objects.get().reason == Reason.LEFT


def test_an_issue_that_cannot_be_sent_keeps_no_other_from_its_readers(live, monkeypatch):
    broken, whole = issue_to(READERS[0]), issue_to(READERS[1])
    send_one = sending.send

    def fail(issue, until):
        if issue == broken:
            raise ValueError
        send_one(issue, until)

    monkeypatch.setattr(sending, "send", fail)
    sending.send_due()

    assert (states(broken), states(whole)) == ([State.QUEUED], [State.SENT])


def test_a_paused_issue_ends_when_it_is_too_late(live):
    issue = issue_to(READERS[0], not_after=timezone.now() + timedelta(hours=1))
    sending.pause(issue)
    Issue.objects.update(not_after=timezone.now())

    sending.send_due()

    issue.refresh_from_db()
    assert issue.state == Issue.State.SENT
    assert issue.deliveries.get().reason == Reason.LATE


def test_an_issue_whose_sum_does_not_balance_is_not_called_sent(live):
    issue = issue_to(*READERS)
    issue.deliveries.filter(subscriber__address=READERS[0]).delete()

    send(issue)

    assert issue.state == Issue.State.PAUSED
    assert "does not balance" in issue.said


def test_what_is_too_late_is_not_sent(live):
    issue = issue_to(*READERS, not_after=timezone.now() + timedelta(hours=1))
    Issue.objects.filter(pk=issue.pk).update(not_after=timezone.now())

    send(issue)

    assert live.taken == []
    assert issue.state == Issue.State.SENT
    assert set(issue.deliveries.values_list("reason", flat=True)) == {Reason.LATE}


def test_who_is_erased_leaves_the_sum_as_it_was(live):
    issue = issue_to(*READERS)
    issue.deliveries.get(subscriber__address=READERS[0]).subscriber.delete()

    send(issue)

    assert issue.candidates == 3
    assert sorted(issue.deliveries.values_list("state", flat=True)) == [State.EXCLUDED, State.SENT, State.SENT]
    assert issue.state == Issue.State.SENT


def test_what_is_in_doubt_counts_as_sent_for_nobody(live):
    topic = make.topic("Ukraine")
    letter = make.newsletter(topic=topic)
    subscription = make.subscription(newsletter=letter)
    story = make.published(topic=topic)
    issue = Issue.objects.create(newsletter=letter, subject="This week")
    issue.stories.create(article=story, position=1)
    digest.start(issue, timezone.now() + timedelta(minutes=3))
    live.answers = {"end": None}

    send(issue)

    assert not LastSent.objects.filter(subscriber=subscription.subscriber).exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_who_press_send_at_once_send_it_once(live):
    letter = make.newsletter()
    for address in READERS:
        make.subscription(make.subscriber(address), newsletter=letter)
    issue = make.issue(letter)

    def press():
        digest.start(issue)
        send_and_close(issue)

    presses = [threading.Thread(target=press) for _ in range(20)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()

    assert sorted(mail["To"] for mail in live.taken) == READERS
    assert issue.deliveries.count() == 3


@pytest.mark.django_db(transaction=True)
def test_no_more_than_so_many_mails_go_in_any_second_whoever_sends_them(live, settings):
    settings.MAILS_PER_SECOND = 50
    issue = issue_to(*(f"reader-{n}@reader.example" for n in range(120)))

    with ThreadPoolExecutor(2) as workers:
        for sent in [workers.submit(send_and_close, issue) for _ in range(2)]:
            sent.result()

    assert len(live.taken) == 120
    assert max(sum(0 <= later - at < 1 for later in live.taken_at) for at in live.taken_at) <= 50
