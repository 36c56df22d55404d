"""
Sending issues, by any number of processes on any number of machines.

A process takes some deliveries in hand under an advisory lock of its own, which PostgreSQL frees when the process
or its connection is gone. Of each mail `sending` is committed before it is handed over, and `sent` after it,
together with the `sending` of the next. So of a process that is cut off at most one mail is in doubt: a person
decides about that, and everything else goes on by itself.
"""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, connections, transaction
from django.utils import timezone

from . import bounces, digest, emails, return_addresses, writing
from .handing_over import Answer, Outcome
from .lines import Line, Unreachable
from .merging import Form, Own, Written
from .models import Delivery, Issue, Letter
from .return_addresses import For

# How long is waited after the first try, the second, ...; after the last there is none.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480)]
# A sweep ends after so many seconds, so that a worker can do something else, and can be told to stop.
LONGEST_SWEEP = 4
# Deliveries in hand at once.
IN_HAND = 200
# After so many refusals in a row an issue is paused: it is not the addresses.
MOST_REFUSALS = 20
# Nothing is tried for this many seconds after the server could not be reached.
REST = 60
RESTS = "sending:rests"
# Letters that are held ready.
FORMS = 64

# The class of our advisory locks; the other half names the process.
_LOCK = 0x6C657474

logger = logging.getLogger(__name__)


def send_due() -> bool:
    """Start what is due and send for a few seconds; whether there is more to send at once."""
    until = time.monotonic() + LONGEST_SWEEP
    now = timezone.now()
    settle_lost()
    digest.compose_due(now)
    for issue in Issue.objects.due(now):
        digest.start(issue, now)
    for issue in Issue.objects.sending():
        send(issue, until)
        finish(issue)
    return Issue.objects.sending().exists() and time.monotonic() > until


def settle_lost() -> None:
    """What a lost process had in hand waits again; the one mail it was at is in doubt."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"lock": _LOCK})


def send(issue: Issue, until: float) -> None:
    """Send what is due of an issue, until that time of the monotonic clock."""
    if cache.get(RESTS) or not issue.deliveries.due(timezone.now()).exists():
        return
    with _process() as worker, closing(Line()) as line:
        try:
            line.open()
            _Run(issue, worker, line).run(until)
        except Unreachable as error:
            logger.warning("Issue %s waits: %s", issue.pk, error)
            cache.set(RESTS, True, REST)


@contextmanager
def _process() -> Iterator[int]:
    """The lock of this process, held by its connection; what it still has in hand at the end waits again."""
    worker = secrets.randbits(31)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK, worker])
    try:
        yield worker
    finally:
        _until_the_database_answers(lambda: _let_go(worker))


def _let_go(worker: int) -> None:
    Delivery.objects.queued().filter(worker=worker).update(worker=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, worker])


@dataclass(frozen=True)
class Reader:
    """Whom a mail is handed over for just now."""

    delivery: int
    letter: int
    subscriber: int
    address: str
    digest: str
    subscription: str
    tries: int


class _Run:
    """One process sending an issue."""

    def __init__(self, issue: Issue, worker: int, line: Line):
        self.issue, self.worker, self.line = issue, worker, line
        self.sent: int | None = None  # Handed over, and not yet on record as sent.
        self.refusals = 0

    def run(self, until: float) -> None:
        try:
            while time.monotonic() < until and (waiting := self._take()):
                for delivery in waiting:
                    if time.monotonic() > until or not self._send(delivery):
                        return
        finally:
            self._record_sent()

    def _take(self) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {"worker": self.worker, "issue": self.issue.pk, "count": IN_HAND})
            return sorted(delivery for (delivery,) in cursor.fetchall())

    def _send(self, delivery: int) -> bool:
        """Whether to go on."""
        _keep_pace()
        reader = self._begin(delivery)
        if reader is None:
            return self._settle_unwanted(delivery)
        try:
            form, written = _form(reader.letter)
        except OperationalError:
            raise
        except Exception as error:
            logger.exception("Letter %s could not be written.", reader.letter)
            return self._became(
                reader, Answer(Outcome.REFUSED, f"It could not be written ({type(error).__name__}).")
            )
        own = _own(self.issue, reader, written.sender)
        envelope = envelope_of(reader.delivery, written.sender)
        try:
            answer = self.line.hand_over(form, written, own, envelope, lambda: None)
        except Unreachable as error:
            self._became(reader, Answer(Outcome.LATER, str(error)))
            raise
        return self._became(reader, answer)

    def _begin(self, delivery: int) -> Reader | None:
        """Commit that the mail before is sent and this one is being sent; None if this one is not wanted now."""
        given = {"sent": self.sent, "delivery": delivery, "worker": self.worker}
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, given)
            row = cursor.fetchone()
        self.sent = None
        return Reader(*row) if row else None

    def _settle_unwanted(self, delivery: int) -> bool:
        """Say why a delivery is not sent; whether to go on with the others."""
        with connection.cursor() as cursor:
            cursor.execute(_UNWANTED, {"delivery": delivery, "worker": self.worker})
        return Issue.objects.sending().filter(pk=self.issue.pk).exists()

    def _record_sent(self) -> None:
        if self.sent is not None:
            _until_the_database_answers(lambda: self._begin(0))

    def _became(self, reader: Reader, answer: Answer) -> bool:
        match answer.outcome:
            case Outcome.TAKEN:
                self.sent, self.refusals = reader.delivery, 0
                return True
            case Outcome.IN_DOUBT:
                _update(reader, state=Delivery.State.IN_DOUBT, said=answer.said)
            case Outcome.REFUSED:
                _refused(reader, answer)
                self.refusals += 1
            case _ if reader.tries > len(WAITS):
                _update(reader, state=Delivery.State.FAILED, reason=Delivery.Reason.REFUSED, said=answer.said)
            case _:
                due_at = timezone.now() + WAITS[reader.tries - 1]
                _update(reader, state=Delivery.State.QUEUED, said=answer.said, due_at=due_at, sent_at=None)
        if self.refusals == MOST_REFUSALS:
            said = f"{MOST_REFUSALS} mails in a row were refused. The last answer: {answer.said}"
            Issue.objects.sending().filter(pk=self.issue.pk).update(state=Issue.State.PAUSED, said=said)
            logger.error("Issue %s is paused: %s", self.issue.pk, said)
        return self.refusals < MOST_REFUSALS


def _update(reader: Reader, **fields) -> None:
    """While it is still ours to say what became of it."""
    being_sent = [Delivery.State.SENDING, Delivery.State.IN_DOUBT]
    ours = Delivery.objects.filter(pk=reader.delivery, state__in=being_sent)
    _until_the_database_answers(lambda: ours.update(worker=None, **fields))


@transaction.atomic
def _refused(reader: Reader, answer: Answer) -> None:
    """For good. Of an address that does not exist it is the same as if it came back."""
    _update(reader, state=Delivery.State.FAILED, reason=Delivery.Reason.REFUSED, said=answer.said)
    if kind := bounces.kind_of(answer.status):
        delivery = Delivery.objects.get(pk=reader.delivery)
        bounces.came_back(delivery, kind=kind, key=bounces.key_of(delivery, kind))


def finish(issue: Issue) -> None:
    """An issue is sent once nothing of it waits or is being sent; what is too late is excluded first."""
    now = timezone.now()
    with transaction.atomic():
        issue = Issue.objects.select_for_update().get(pk=issue.pk)
        if issue.state != Issue.State.SENDING:
            return
        waiting = issue.deliveries.queued()
        waiting.filter(subscriber=None).update(state=Delivery.State.EXCLUDED, reason=Delivery.Reason.ERASED)
        if issue.not_after and issue.not_after <= now:
            waiting.update(state=Delivery.State.EXCLUDED, reason=Delivery.Reason.LATE)
        under_way = [Delivery.State.QUEUED, Delivery.State.SENDING]
        if not issue.deliveries.filter(state__in=under_way).exists():
            issue.state, issue.finished_at = Issue.State.SENT, now
            issue.save()


# What staff do.


def pause(issue: Issue) -> bool:
    return bool(Issue.objects.sending().filter(pk=issue.pk).update(state=Issue.State.PAUSED, said=""))


def resume(issue: Issue) -> bool:
    paused = Issue.objects.filter(pk=issue.pk, state=Issue.State.PAUSED)
    return bool(paused.update(state=Issue.State.SENDING, said=""))


@transaction.atomic
def cancel(issue: Issue) -> bool:
    """Nothing more of it is sent; what is on its way just now still arrives."""
    issue = Issue.objects.select_for_update().get(pk=issue.pk)
    if issue.is_over:
        return False
    issue.state, issue.finished_at = Issue.State.CANCELLED, timezone.now()
    issue.save()
    issue.deliveries.queued().update(state=Delivery.State.EXCLUDED, reason=Delivery.Reason.CANCELLED)
    return True


# What each reader gets.


@lru_cache(maxsize=FORMS)
def _form_kept(letter: int, minute: int) -> tuple[Form, Written]:
    """Written anew every minute, so that nothing goes out for long that was withheld meanwhile."""
    found = Letter.objects.select_related("issue__newsletter").get(pk=letter)
    written = writing.write(found)
    return Form(written), written


def _form(letter: int) -> tuple[Form, Written]:
    return _form_kept(letter, int(time.monotonic() // 60))


def _own(issue: Issue, reader: Reader, sender: str) -> Own:
    return Own(
        to=reader.address,
        message_id=emails.message_id("newsletter.issue", f"{issue.pk}:{reader.subscriber}", sender),
        leave=emails.leave_link_of(reader.subscription, issue.pk),
        leave_mail=return_addresses.address(For.LEAVE, reader.delivery),
        preferences=emails.preferences_link_of(reader.digest),
    )


def envelope_of(delivery: int, sender: str) -> str:
    """Where to it comes back (RFC 5321 reverse-path)."""
    return return_addresses.address(For.BOUNCE, delivery) or emails.address_in(sender)


# What the database is told, in as few words as there can be: these are said once a mail.

_HELD = """
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND classid = %(lock)s AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_SETTLE = f"""
    WITH lost AS (
        SELECT id FROM newsletter_delivery
        WHERE worker IS NOT NULL AND worker NOT IN ({_HELD})
        FOR UPDATE SKIP LOCKED
    )
    UPDATE newsletter_delivery delivery SET worker = NULL,
        state = CASE state WHEN 'sending' THEN 'in doubt' ELSE state END,
        said = CASE state WHEN 'sending' THEN 'Whoever sent it was cut off.' ELSE said END
    FROM lost WHERE delivery.id = lost.id
"""  # noqa: S608 - of our own words
_TAKE = """
    UPDATE newsletter_delivery SET worker = %(worker)s
    WHERE id IN (
        SELECT id FROM newsletter_delivery
        WHERE issue_id = %(issue)s AND state = 'queued' AND worker IS NULL AND due_at <= statement_timestamp()
        ORDER BY id LIMIT %(count)s FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""
_NEXT = """
    WITH sent AS (
        UPDATE newsletter_delivery SET state = 'sent', said = '', worker = NULL
        WHERE id = %(sent)s AND state IN ('sending', 'in doubt')
        RETURNING subscriber_id, letter_id
    ), told AS (
        INSERT INTO newsletter_lastsent (subscriber_id, article_id, number)
        SELECT sent.subscriber_id, told.article_id, edition.number
        FROM sent
        JOIN newsletter_letterstory told ON told.letter_id = sent.letter_id
        JOIN articles_revision edition ON edition.id = told.edition_id
        WHERE sent.subscriber_id IS NOT NULL
        ON CONFLICT (subscriber_id, article_id) DO UPDATE
            SET number = greatest(newsletter_lastsent.number, excluded.number)
    )
    UPDATE newsletter_delivery delivery
    SET state = 'sending', tries = delivery.tries + 1, sent_at = statement_timestamp()
    FROM newsletter_issue issue, newsletter_subscription subscription, newsletter_subscriber subscriber
    WHERE delivery.id = %(delivery)s AND delivery.state = 'queued' AND delivery.worker = %(worker)s
        AND issue.id = delivery.issue_id AND issue.state = 'sending'
        AND (issue.not_after IS NULL OR issue.not_after > statement_timestamp())
        AND subscription.id = delivery.subscription_id
        AND subscription.confirmed_at IS NOT NULL AND subscription.left_at IS NULL
        AND subscriber.id = delivery.subscriber_id
        AND (subscriber.paused_until IS NULL OR subscriber.paused_until <= statement_timestamp())
        AND NOT EXISTS (
            SELECT FROM newsletter_letterstory told
            JOIN articles_revision edition ON edition.id = told.edition_id
            JOIN articles_desk desk ON desk.article_id = told.article_id
            JOIN articles_revision newest ON newest.id = desk.base_edition_id
            WHERE told.letter_id = delivery.letter_id AND (
                edition.snapshot IS NULL OR newest.snapshot IS NULL
                OR newest.kind = 'withdrawn' AND newest.id <> edition.id
                OR issue.made = 'digest' AND EXISTS (
                    SELECT FROM articles_correction corrected
                    WHERE corrected.article_id = told.article_id AND corrected.kind = 'correction'
                        AND edition.number BETWEEN corrected.first_wrong AND corrected.last_wrong
                )
            )
        )
        AND NOT EXISTS (
            SELECT FROM articles_correction correction
            JOIN articles_revision edition ON edition.id = correction.revision_id
            WHERE correction.id = issue.correction_id AND edition.snapshot IS NULL
        )
    RETURNING delivery.id, delivery.letter_id, subscriber.id, subscriber.address, subscriber.digest,
        CASE WHEN issue.newsletter_id IS NULL AND issue.made = 'digest' THEN 'follows-0'
            WHEN subscription.newsletter_id IS NULL THEN 'article-' || subscription.article_id
            ELSE 'newsletter-' || subscription.newsletter_id END || '-' || subscriber.digest,
        delivery.tries
"""
_UNWANTED = """
    UPDATE newsletter_delivery delivery SET worker = NULL,
        state = CASE WHEN why.reason IS NULL THEN delivery.state ELSE 'excluded' END,
        reason = coalesce(why.reason, delivery.reason)
    FROM (
        SELECT delivery.id, CASE
            WHEN issue.state = 'cancelled' THEN 'cancelled'
            WHEN issue.state <> 'sending' THEN NULL
            WHEN delivery.subscriber_id IS NULL THEN 'erased'
            WHEN issue.not_after <= statement_timestamp() THEN 'late'
            WHEN subscription.id IS NULL OR subscription.left_at IS NOT NULL OR subscription.confirmed_at IS NULL
                THEN 'left'
            WHEN subscriber.paused_until > statement_timestamp() THEN 'paused'
            ELSE 'taken back'
        END AS reason
        FROM newsletter_delivery delivery
        JOIN newsletter_issue issue ON issue.id = delivery.issue_id
        LEFT JOIN newsletter_subscription subscription ON subscription.id = delivery.subscription_id
        LEFT JOIN newsletter_subscriber subscriber ON subscriber.id = delivery.subscriber_id
        WHERE delivery.id = %(delivery)s AND delivery.state = 'queued' AND delivery.worker = %(worker)s
    ) why
    WHERE delivery.id = why.id
"""


def _until_the_database_answers(do) -> None:
    """What has happened is put on record even if the database is restarted meanwhile; for a minute."""
    if connection.in_atomic_block:
        do()
        return
    for wait in (0.1, 0.5, 1, 2, 5, 10, 20, 20):
        try:
            do()
            return
        except (OperationalError, InterfaceError):
            connections.close_all()
            time.sleep(wait)
    do()


def _keep_pace() -> None:
    """Wait for this mail's turn, where MAILS_PER_SECOND says how many all processes together may send."""
    if not settings.MAILS_PER_SECOND:
        return
    with connection.cursor() as cursor:
        cursor.execute(_TURN, {"gap": 1.05 / settings.MAILS_PER_SECOND})
        (wait,) = cursor.fetchone()
    time.sleep(max(0.0, wait))


_TURN = """
    INSERT INTO newsletter_pace (id, next_at)
    VALUES (1, clock_timestamp() + %(gap)s * interval '1 second')
    ON CONFLICT (id) DO UPDATE
        SET next_at = greatest(newsletter_pace.next_at, clock_timestamp()) + %(gap)s * interval '1 second'
    RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 - %(gap)s
"""
