"""Issues on their way: each reader at most once, nobody lost, every answer of a server taken for what it means."""

import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from articles import publishing, withholding
from articles.kinds import Kind
from newsletter import digest, in_hand, leaving, sending
from newsletter.models import Consent, Delivery, Issue, LastSent, Suppression
from tests import make


@pytest.fixture(autouse=True)
def _nothing_rests():
    cache.clear()


State, Reason = Delivery.State, Delivery.Reason


def issue_to(*addresses, **fields):
    """An issue of staff that is being sent to readers with these addresses."""
    letter = make.newsletter()
    for address in addresses:
        make.subscription(make.subscriber(address), newsletter=letter)
    issue = Issue.objects.create(newsletter=letter, **{"subject": "This week", "intro": "<p>Hello.</p>", **fields})
    digest.start(issue)
    issue.refresh_from_db()
    return issue


def send(issue):
    sending.send(issue, float("inf"))
    sending.finish(issue)
    issue.refresh_from_db()


def states(issue):
    return list(issue.deliveries.order_by("pk").values_list("state", flat=True))


READERS = ["anna@reader.example", "boris@reader.example", "vira@reader.example"]


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


def test_all_readers_go_over_one_line(live):
    send(issue_to(*READERS))

    assert live.calls == 1


@pytest.mark.parametrize("ehlo", ["250 word by word", "250-at one go\r\n250 PIPELINING"])
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


def test_a_line_goes_on_after_a_reader_who_was_refused(live):
    issue = issue_to(*READERS)
    live.answers = {
        "ehlo": "250-at one go\r\n250 PIPELINING",
        "rcpt": ["550 5.1.1 nobody", "250 well", "250 well"],
    }

    send(issue)

    assert states(issue) == [State.FAILED, State.SENT, State.SENT]
    assert [len(live.to(reader)) for reader in READERS] == [0, 1, 1]


def test_what_was_put_off_is_tried_again_later_and_arrives(live):
    issue = issue_to(READERS[0])
    live.answers = {"rcpt": "450 greylisted"}
    send(issue)
    live.answers = {}
    send(issue)
    assert live.taken == []

    issue.deliveries.update(due_at=timezone.now())
    send(issue)

    assert states(issue) == [State.SENT]
    assert len(live.taken) == 1


def test_a_server_that_cannot_be_reached_costs_no_try(live, settings):
    issue = issue_to(READERS[0])
    settings.EMAIL_USE_TLS = True  # Which the sink refuses.

    send(issue)

    assert issue.deliveries.get().tries == 0
    assert states(issue) == [State.QUEUED]


def test_who_does_not_exist_is_written_to_no_more(live):
    issue = issue_to(READERS[0])
    live.answers = {"rcpt": "550 5.1.1 nobody"}

    send(issue)

    delivery = issue.deliveries.get()
    assert (delivery.state, delivery.reason, delivery.bounce) == (State.FAILED, Reason.REFUSED, "hard")
    assert Suppression.objects.get().reason == Suppression.Reason.BOUNCED
    assert not delivery.subscription.is_active


def test_a_refusal_of_our_words_says_nothing_of_the_address(live):
    issue = issue_to(READERS[0])
    live.answers = {"end": "554 5.7.1 no such words"}

    send(issue)

    assert not Suppression.objects.exists()
    assert issue.deliveries.get().subscription.is_active


def test_an_issue_that_everybody_refuses_is_paused(live):
    issue = issue_to(*(f"reader-{n}@reader.example" for n in range(30)))
    live.answers = {"end": "554 5.7.1 no such words"}

    send(issue)

    assert issue.state == Issue.State.PAUSED
    assert "20 mails in a row were refused" in issue.said
    assert states(issue).count(State.FAILED) == 20


def test_who_leaves_while_it_is_sent_gets_nothing(live):
    issue = issue_to(*READERS)
    leaver = issue.deliveries.get(subscriber__address=READERS[1]).subscription
    leaving.leave(leaver, method=Consent.Method.ONE_CLICK)

    send(issue)

    assert live.to(READERS[1]) == []
    assert issue.deliveries.get(subscription=leaver).reason == Reason.LEFT


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


def test_what_is_too_late_is_not_sent(live):
    issue = issue_to(*READERS, not_after=timezone.now() + timedelta(hours=1))
    Issue.objects.filter(pk=issue.pk).update(not_after=timezone.now())

    send(issue)

    assert live.taken == []
    assert issue.state == Issue.State.SENT
    assert set(issue.deliveries.values_list("reason", flat=True)) == {Reason.LATE}


def test_what_tells_of_a_withheld_edition_is_not_sent(live):
    letter = make.newsletter()
    make.subscription(make.subscriber(READERS[0]), newsletter=letter)
    story = make.published("A name that must not be said")
    issue = Issue.objects.create(newsletter=letter, subject="This week")
    issue.stories.create(article=story, position=1)
    digest.start(issue, timezone.now() + timedelta(minutes=3))
    withholding.withhold(story, numbers=None, category="safety", by=make.user("chief"))

    send(issue)

    assert live.taken == []
    assert issue.deliveries.get().reason == Reason.TAKEN_BACK


def test_a_digest_with_an_error_that_is_corrected_meanwhile_goes_no_further(live):
    topic = make.topic("Ukraine")
    letter = make.newsletter(topic=topic)
    make.subscription(make.subscriber(READERS[0]), newsletter=letter, cadence="each")
    story = make.published("Five signed", topic=topic)
    digest.compose_due(timezone.now() + timedelta(minutes=3))
    box = publishing.Box("Five signed.", "Six signed.", 1, 1)
    said = {"note": "Six signed, not five.", "box": box, "reason": "As a test needs it."}
    publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=1, **said)

    wrong = Issue.objects.get()
    send(wrong)
    digest.compose_due(timezone.now() + timedelta(minutes=3))
    right = Issue.objects.exclude(pk=wrong.pk).get()
    send(right)

    assert wrong.deliveries.get().reason == Reason.TAKEN_BACK
    assert len(live.taken) == 1
    assert right.letters.get().stories.get().edition.number == 2


def test_who_is_erased_leaves_the_sum_as_it_was(live):
    issue = issue_to(*READERS)
    issue.deliveries.get(subscriber__address=READERS[0]).subscriber.delete()

    send(issue)

    assert issue.candidates == 3
    assert sorted(issue.deliveries.values_list("state", flat=True)) == [State.EXCLUDED, State.SENT, State.SENT]
    assert issue.state == Issue.State.SENT


def test_what_a_lost_process_had_in_hand_waits_again_and_its_one_mail_is_in_doubt(live):
    issue = issue_to(*READERS)
    first, second, _ = issue.deliveries.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(state=State.SENDING, worker=12345)
    Delivery.objects.filter(pk=second.pk).update(worker=12345)

    in_hand.settle_lost()
    send(issue)

    assert states(issue) == [State.IN_DOUBT, State.SENT, State.SENT]
    assert len(live.taken) == 2


def test_what_a_living_process_has_in_hand_stays_with_it(live):
    issue = issue_to(READERS[0])
    with in_hand.process() as worker:
        Delivery.objects.update(state=State.SENDING, worker=worker)

        in_hand.settle_lost()

        assert states(issue) == [State.SENDING]


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
    issue = Issue.objects.create(newsletter=letter, subject="This week")

    def press():
        digest.start(issue)
        sending.send(issue, float("inf"))
        connection.close()

    presses = [threading.Thread(target=press) for _ in range(20)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()

    assert sorted(mail["To"] for mail in live.taken) == READERS
    assert issue.deliveries.count() == 3


def test_no_more_than_so_many_mails_go_in_a_second(live, settings):
    settings.MAILS_PER_SECOND = 50
    issue = issue_to(*(f"reader-{n}@reader.example" for n in range(25)))

    start = timezone.now()
    send(issue)

    assert timezone.now() - start >= timedelta(seconds=24 / 50)
    assert len(live.taken) == 25
