"""A mail server that does not take our mail: what that says of one address, of our words, or of us."""

import time

import pytest
from django.core.cache import cache
from django.utils import timezone

from newsletter import sending
from newsletter.models import Bounce, Delivery, Issue, Suppression

from .letters_sent import READERS, issue_to, send, states

State, Reason = Delivery.State, Delivery.Reason


@pytest.fixture(autouse=True)
def _nothing_rests():
    cache.clear()


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
    assert "20 mails in a row were not taken" in issue.said
    assert states(issue).count(State.FAILED) == 20


@pytest.mark.parametrize("refusal", ["550 No such user here", "551 not here", "553 never heard of"])
def test_a_server_says_in_many_ways_that_somebody_does_not_exist(live, refusal):
    issue = issue_to(READERS[0])
    live.answers = {"rcpt": refusal}

    send(issue)

    assert issue.deliveries.get().bounce == "hard"
    assert Suppression.objects.get().reason == Suppression.Reason.BOUNCED


@pytest.mark.parametrize("refusal", ["550 5.1.0 Sender denied", "553 5.1.8 no such domain", "550 no"])
def test_a_server_that_refuses_us_says_nothing_of_our_readers(live, refusal):
    issue = issue_to(*(f"reader-{n}@reader.example" for n in range(30)))
    live.answers = {"mail": refusal}

    send(issue)

    assert not Suppression.objects.exists()
    assert set(states(issue)) == {State.QUEUED}
    assert issue.state == Issue.State.PAUSED
    assert f"did not take our sender ({refusal[:3]})" in issue.said


def test_failures_in_a_row_are_counted_from_sweep_to_sweep(live):
    issue = issue_to(*(f"reader-{n}@reader.example" for n in range(30)))
    live.answers = {"rcpt": "550 5.1.1 unknown in table"}

    for _ in range(25):
        sending.send(Issue.objects.get(pk=issue.pk), time.monotonic() + 0.02)

    issue.refresh_from_db()
    assert issue.state == Issue.State.PAUSED
    assert Suppression.objects.count() == 20


def test_one_mail_that_is_taken_begins_the_count_anew(live):
    issue = issue_to(*(f"reader-{n}@reader.example" for n in range(30)))
    live.answers = {"rcpt": ["550 5.1.1 nobody"] * 15 + ["250 well"] + ["550 5.1.1 nobody"] * 14}

    send(issue)

    assert issue.state == Issue.State.SENT
    assert states(issue).count(State.SENT) == 1


def test_a_server_that_never_answers_a_mail_does_not_get_them_all(live):
    issue = issue_to(*(f"reader-{n}@reader.example" for n in range(30)))
    live.answers = {"end": None}

    send(issue)

    assert issue.state == Issue.State.PAUSED
    assert states(issue).count(State.IN_DOUBT) == 20


def test_a_mailbox_that_stays_full_is_given_up_and_counts_as_one_bounce(live):
    issue = issue_to(READERS[0])
    live.answers = {"rcpt": "452 4.2.2 mailbox full"}

    for _ in range(len(sending.WAITS) + 2):
        issue.deliveries.update(due_at=timezone.now())
        send(issue)

    delivery = issue.deliveries.get()
    assert (delivery.state, delivery.bounce) == (State.FAILED, "soft")
    assert delivery.tries == len(sending.WAITS) + 1
    assert Bounce.objects.count() == 1
