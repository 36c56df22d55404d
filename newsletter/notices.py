"""
The mails about one's own subscription: please confirm, welcome, your link. Who is mailed too often gets none.

`sending` is committed before the mail is handed over, and `sent` after it: what is cut off between the two stays in
doubt and is never sent again.
"""

import logging
import time
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import Error, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks import task

from . import emails, suppressing
from .handing_over import Answer, Outcome, hand_over
from .keyed_hash import digest_of
from .models import Notice, Subscriber, Subscription, Suppression

# To one mailbox, whatever +tag stands in its address, over all letters, of what anybody can ask for who types it.
# What follows from a mailed link goes at once, as only its owner has that.
GAP = timedelta(minutes=10)
MOST, WITHIN = 3, timedelta(hours=24)
ASKED_BY_ANYBODY = [Notice.Kind.CONFIRM, Notice.Kind.KNOWN, Notice.Kind.LINK]

# How long is waited after the first try, the second, ...; after the last there is none.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480)]
# No mail is tried for this many seconds after the server could not be reached.
PAUSE = 60
PAUSED = "notices:paused"
# A sweep ends after so many seconds, so that a worker that is told to stop can.
LONGEST_SWEEP = 4

logger = logging.getLogger(__name__)


def post(subscriber: Subscriber, kind: Notice.Kind, subscription: Subscription | None = None) -> Notice | None:
    """
    Have this mailed as soon as the limits allow. None if there were too many; who asked is not to be told.

    Called in the transaction that gives the reason for it.
    """
    if not _lock(subscriber):
        return None
    about = {"subscription": subscription, "kind": kind}
    waiting = subscriber.notices.filter(state=Notice.State.DUE, **about).first()
    if waiting:
        return waiting
    now = timezone.now()
    recent = Q(state=Notice.State.DUE) | Q(sent_at__gte=now - WITHIN)
    counted = _to_mailbox_of(subscriber).filter(recent)
    times = [notice.sent_at or notice.due_at for notice in counted]
    if kind in ASKED_BY_ANYBODY and len(times) >= MOST:
        return None
    due_at = max([now, *(at + GAP for at in times)]) if kind in ASKED_BY_ANYBODY else now
    notice = subscriber.notices.create(due_at=due_at, **about)
    if due_at == now:
        send_notice.enqueue(notice.pk)
    return notice


def send_due() -> None:
    """Send what waited for its time, could not be sent before, or whose task was lost."""
    until = time.monotonic() + LONGEST_SWEEP
    due = Notice.objects.due(timezone.now()).order_by("due_at")
    for notice_id in due.values_list("pk", flat=True)[:1_000]:
        if time.monotonic() > until or cache.get(PAUSED):
            return
        send(notice_id)


@task()
def send_notice(notice_id: int) -> None:
    if not cache.get(PAUSED):
        send(notice_id)


def send(notice_id: int) -> None:
    """Send it if it is due, wanted still, and nobody else does."""
    notice = _claim(notice_id)
    if notice is None:
        return
    try:
        mail = emails.message(notice)
        mail.message()
    except Error as error:
        answer = Answer(Outcome.LATER, f"The database did not answer ({type(error).__name__}).")
    except Exception as error:
        answer = Answer(Outcome.REFUSED, f"It could not be written ({type(error).__name__}).")
    else:
        answer = hand_over(mail)
    _keep(notice, answer)


@transaction.atomic
def _claim(notice_id: int) -> Notice | None:
    now = timezone.now()
    due = Notice.objects.due(now).select_related(
        "subscriber", "subscription__newsletter", "subscription__article__topic"
    )
    # With the subscriber, so that of two mails to one address the second sees the first.
    free = due.select_for_update(skip_locked=True, no_key=True, of=["self", "subscriber"])
    notice = free.filter(pk=notice_id).first()
    if notice is None:
        return None
    if not _is_wanted(notice):
        notice.delete()
        return None
    free_at = _free_at(notice, now)
    if notice.kind in ASKED_BY_ANYBODY and free_at > now:
        Notice.objects.filter(pk=notice_id).update(due_at=free_at)
        return None
    notice.state, notice.sent_at, notice.tries = Notice.State.SENDING, now, notice.tries + 1
    notice.save()
    return notice


def _is_wanted(notice: Notice) -> bool:
    """Whether there is a reason for it still."""
    if suppressing.reason_of(notice.subscriber.address) == Suppression.Reason.COMPLAINED:
        return False
    subscription = notice.subscription
    if subscription is None:
        return True
    if not emails.title_of(subscription):
        return False
    match notice.kind:
        case Notice.Kind.CONFIRM:
            return subscription.is_pending
        case Notice.Kind.KNOWN | Notice.Kind.WELCOME:
            return subscription.is_active
        case Notice.Kind.LEFT:
            return not subscription.is_active
    return True


def _free_at(notice: Notice, now: datetime) -> datetime:
    """From when on this subscriber may be mailed, as a mail before may have gone later than it was to."""
    _lock_mailbox(notice.subscriber)
    sent = _to_mailbox_of(notice.subscriber).sent_since(now - GAP)
    last = sent.exclude(pk=notice.pk).order_by("-sent_at").first()
    return last.sent_at + GAP if last else now


def _keep(notice: Notice, answer: Answer) -> None:
    """Keep what became of it."""
    if answer.outcome == Outcome.TAKEN:
        _became(notice, state=Notice.State.SENT, said="")
        return
    logger.warning("Notice %s was not sent: %s", notice.pk, answer.said)
    if answer.outcome == Outcome.UNREACHABLE:
        cache.set(PAUSED, True, PAUSE)
    if answer.outcome == Outcome.IN_DOUBT:
        _became(notice, said=answer.said)
    elif answer.outcome == Outcome.REFUSED or notice.tries > len(WAITS):
        _became(notice, state=Notice.State.FAILED, said=answer.said)
    else:
        _put_off(notice, answer.said)


@transaction.atomic
def _put_off(notice: Notice, said: str) -> None:
    """To a later try, unless one like it was posted meanwhile."""
    _lock(notice.subscriber)
    alike = notice.subscriber.notices.filter(
        state=Notice.State.DUE, subscription=notice.subscription_id, kind=notice.kind
    )
    if alike.exists():
        _became(notice, state=Notice.State.FAILED, said=said)
    else:
        due_at = timezone.now() + WAITS[notice.tries - 1]
        _became(notice, state=Notice.State.DUE, sent_at=None, due_at=due_at, said=said)


def _became(notice: Notice, **fields) -> None:
    Notice.objects.filter(pk=notice.pk).update(**fields)


def _lock(subscriber: Subscriber) -> bool:
    """So that mails to one mailbox are counted one by one. False if the subscriber was erased."""
    is_there = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber.pk).exists()
    _lock_mailbox(subscriber)
    return is_there


def _lock_mailbox(subscriber: Subscriber) -> None:
    """Until the end of the transaction; always after the row, so that no two wait for each other."""
    with connection.cursor() as cursor:
        key = f"newsletter.mailbox.{digest_of(subscriber.mailbox)}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _to_mailbox_of(subscriber: Subscriber) -> QuerySet[Notice]:
    """What anybody has asked for whose address ends up there."""
    sharing = Subscriber.objects.sharing_mailbox(subscriber)
    return Notice.objects.filter(subscriber__in=sharing, kind__in=ASKED_BY_ANYBODY)
