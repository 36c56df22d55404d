"""When a mail about one's own subscription is sent, when another time, and when never."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles import publishing
from newsletter import live_mail, notices, suppressing
from newsletter.models import Notice, OutboxMail, Suppression
from tests import make
from tests.processes import manage, wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

ADDRESS = "vira@reader.example"


@pytest.fixture
def vira():
    return make.subscriber(ADDRESS)


def wanted(subscriber, *, is_active=False):
    return make.subscription(subscriber, is_active=is_active, newsletter=make.newsletter(topic=make.topic()))


def asked(subscriber):
    """For another letter each time, which is to be confirmed."""
    return notices.post(subscriber, Notice.Kind.CONFIRM, wanted(subscriber))


def pass_by(**time):
    """As if this much time had gone by."""
    span = timedelta(**time)
    Notice.objects.update(due_at=F("due_at") - span, sent_at=F("sent_at") - span)
    cache.clear()


def states(subscriber) -> list[str]:
    return [notice.state for notice in subscriber.notices.order_by("pk")]


# How many.


def test_the_first_is_sent_at_once(vira):
    notice = asked(vira)

    notice.refresh_from_db()
    assert (notice.state, notice.tries) == ("sent", 1)
    assert OutboxMail.objects.get().to == ADDRESS


def test_nobody_gets_more_than_one_in_ten_minutes_and_three_a_day(vira):
    posted = [asked(vira) for _ in range(5)]

    assert [notice is None for notice in posted] == [False, False, False, True, True]
    assert OutboxMail.objects.count() == 1
    for minutes, sent in ((9, 1), (1, 2), (9, 2), (1, 3), (600, 3)):
        pass_by(minutes=minutes)
        notices.send_due()
        assert OutboxMail.objects.count() == sent

    pass_by(hours=13, minutes=30)
    assert asked(vira) is None
    pass_by(minutes=10)
    assert asked(vira) is not None


def test_a_tag_in_the_address_is_no_other_mailbox(vira):
    tagged = [make.subscriber(f"Vira+{tag}@reader.example") for tag in ("news", "1", "")]
    answers = [asked(person) for person in (vira, *tagged)]

    assert [bool(notice) for notice in answers] == [True, True, True, False]
    assert [mail.to for mail in OutboxMail.objects.all()] == [ADDRESS]
    pass_by(minutes=10)
    notices.send_due()
    assert OutboxMail.objects.count() == 2


def test_what_is_no_tag_is_another_mailbox(vira):
    for address in ("vi+ra@reader.example", "vira@other.example", "+vira@reader.example"):
        asked(make.subscriber(address))
    asked(vira)

    assert OutboxMail.objects.count() == 4


def test_others_do_not_wait_for_them(vira):
    asked(vira)

    asked(make.subscriber())

    assert OutboxMail.objects.count() == 2


def test_one_that_is_late_holds_up_the_next(vira):
    _, second, third = [asked(vira) for _ in range(3)]
    pass_by(minutes=20)

    notices.send_due()

    assert states(vira) == ["sent", "sent", "due"]
    third.refresh_from_db()
    second.refresh_from_db()
    assert third.due_at == second.sent_at + timedelta(minutes=10)


def test_what_waits_already_is_not_posted_twice(vira):
    subscription = wanted(vira)
    asked(vira)

    one, other = (notices.post(vira, Notice.Kind.CONFIRM, subscription) for _ in range(2))

    assert one == other


def test_who_was_erased_meanwhile_gets_nothing(vira):
    subscriber = make.subscriber()
    subscriber.delete()
    subscriber.pk = 999

    assert notices.post(subscriber, Notice.Kind.LINK) is None


# Whether there is a reason still.


@pytest.mark.parametrize(
    ("kind", "is_active", "becomes"),
    [
        ("confirm", False, {"confirmed_at": timezone.now()}),
        ("welcome", True, {"left_at": timezone.now()}),
        ("known", True, {"left_at": timezone.now()}),
        ("left", False, {"confirmed_at": timezone.now()}),
    ],
)
def test_what_has_lost_its_reason_is_dropped(vira, kind, is_active, becomes):
    asked(vira)
    subscription = wanted(vira, is_active=is_active)
    vira.notices.create(kind=kind, subscription=subscription, due_at=timezone.now() + notices.GAP)
    type(subscription).objects.filter(pk=subscription.pk).update(**becomes)
    pass_by(minutes=10)

    notices.send_due()

    assert not Notice.objects.filter(kind=kind, subscription=subscription).exists()
    assert OutboxMail.objects.count() == 1


def test_what_follows_from_a_mailed_link_goes_at_once_and_is_not_counted(vira):
    asked(vira)

    notices.post(vira, Notice.Kind.WELCOME, wanted(vira, is_active=True))

    assert OutboxMail.objects.count() == 2
    assert notices.post(vira, Notice.Kind.LINK) and notices.post(vira, Notice.Kind.CONFIRM, wanted(vira))
    assert notices.post(vira, Notice.Kind.KNOWN, wanted(vira)) is None


def test_nobody_is_asked_to_confirm_a_story_that_readers_have_no_more(vira):
    story = make.published()
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=1)

    notices.post(vira, Notice.Kind.CONFIRM, make.subscription(vira, article=story, is_active=False))

    assert not Notice.objects.exists() and not OutboxMail.objects.exists()


def test_who_complained_is_never_written_to_again(vira):
    suppressing.suppress(ADDRESS, Suppression.Reason.COMPLAINED)

    asked(vira)

    assert not OutboxMail.objects.exists()


# What the mail server says.


def test_what_is_refused_for_now_is_sent_later_as_the_same_mail(live, vira):
    live.answers = {"rcpt": f"451 <{ADDRESS}> come back"}
    notice = asked(vira)
    notice.refresh_from_db()
    assert (notice.state, notice.tries, notice.sent_at) == ("due", 1, None)
    assert "451" in notice.said and ADDRESS not in notice.said
    live.answers = {"end": "452 full"}
    pass_by(minutes=1)
    notices.send_due()
    live.answers = {}
    notices.send_due()
    assert states(vira) == ["due"]

    pass_by(minutes=5)
    notices.send_due()

    assert states(vira) == ["sent"]
    first, second = live.taken
    assert first["Message-ID"] == second["Message-ID"]


def test_it_is_not_tried_for_ever(live, vira):
    live.answers = {"mail": "450 not now"}
    asked(vira)

    for _ in range(10):
        pass_by(hours=9)
        notices.send_due()

    notice = Notice.objects.get()
    assert (notice.state, notice.tries) == ("failed", 7)


@pytest.mark.parametrize("answers", [{"rcpt": f"550 no <{ADDRESS}> here"}, {"data": "554 no"}, {"end": "554 no"}])
def test_what_is_refused_for_good_is_not_tried_again(live, vira, answers):
    live.answers = answers
    asked(vira)
    live.answers = {}
    pass_by(hours=9)

    notices.send_due()

    notice = Notice.objects.get()
    assert (notice.state, notice.tries) == ("failed", 1)
    assert "refused" in notice.said and ADDRESS not in notice.said


@pytest.mark.parametrize("answers", [{"connect": None}, {"connect": "421 too busy"}])
def test_a_server_that_cannot_be_reached_is_left_alone_for_a_minute(live, vira, answers):
    live.answers = answers
    asked(vira)
    asked(make.subscriber())
    notices.send_due()
    assert live.calls == 1
    live.answers = {}

    pass_by(minutes=1)
    notices.send_due()

    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize("answers", [{"end": None}, {"rcpt": None}])
def test_what_was_cut_off_stays_in_doubt_and_is_not_sent_again(live, vira, answers):
    live.answers = answers
    asked(vira)
    live.answers = {}
    pass_by(hours=9)

    notices.send_due()

    notice = Notice.objects.get()
    assert (notice.get_state_display(), notice.tries) == ("In doubt", 1)
    assert len(live.taken) == ("end" in answers)


def test_it_counts_as_sent_to_who_asks_for_more(live, vira):
    live.answers = {"end": None}
    asked(vira)

    assert asked(vira).due_at > timezone.now() + timedelta(minutes=9)


def test_one_that_cannot_be_written_keeps_no_other_from_being_sent(vira, settings):
    with patch("newsletter.emails.message", side_effect=ValueError(f"Not <{ADDRESS}>")):
        asked(vira)

    notices.send_due()
    asked(make.subscriber())

    assert list(Notice.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "sent"]
    assert Notice.objects.last().said == "It could not be written (ValueError)."


def test_a_try_that_failed_makes_way_for_a_newer_one(live, vira):
    subscription = wanted(vira)

    def asked_again_meanwhile(_):
        notices.post(vira, Notice.Kind.CONFIRM, subscription)
        return notices.Answer(notices.Outcome.LATER, "Not now.")

    with patch("newsletter.notices.hand_over", asked_again_meanwhile):
        notices.post(vira, Notice.Kind.CONFIRM, subscription)

    assert states(vira) == ["failed", "due"]


@pytest.mark.parametrize(
    "answers",
    [{}, *({at: f"{code} <{ADDRESS}>"} for at in ("connect", "rcpt", "end") for code in (421, 450, 550))],
)
def test_no_log_and_no_task_has_an_address_or_a_token(live, vira, caplog, answers, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    caplog.set_level("DEBUG")
    live.answers = answers

    notice = asked(vira)
    notices.send(notice.pk)

    assert "vira" not in caplog.text and "/newsletters/" not in caplog.text
    assert DBTaskResult.objects.get().args_kwargs == {"args": [notice.pk], "kwargs": {}}


# Workers.


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_it_once(live, vira, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    with transaction.atomic():
        notice = asked(vira)

    def work(_):
        try:
            notices.send(notice.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(8)))

    assert len(live.to(ADDRESS)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_sends_has_sent_it_once(database, sink, settings, vira):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
    live_mail.permit()
    mailing = {"LIVE_MAIL": "1", "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
    sink.may_answer.clear()
    with transaction.atomic():
        asked(vira)
    with manage(database, "worker", env=mailing) as worker:
        wait_for(lambda: sink.taken)
        worker.kill()
    sink.may_answer.set()

    with transaction.atomic():
        asked(make.subscriber("later@reader.example"))
    with manage(database, "worker", env=mailing) as worker:
        wait_for(lambda: "sent" in Notice.objects.values_list("state", flat=True))
        notices.send_due()
        worker.terminate()

    assert (len(sink.to(ADDRESS)), len(sink.to("later@reader.example"))) == (1, 1)
    assert states(vira) == ["sending"]
