"""
The deliveries that a process has in hand.

A process takes some under an advisory lock of its own, which PostgreSQL frees when the process or its connection is
gone: then they wait again for another process. Only the one that was being sent just then is in doubt.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connection, connections

from articles import prepared

from .models import Delivery

# Deliveries in hand at once.
IN_HAND = 200
# The class of our advisory locks; the other half names the process.
_LOCK = 0x6C657474


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


def settle_lost() -> None:
    """What a lost process had in hand waits again; the one mail it was at is in doubt."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"lock": _LOCK})


@contextmanager
def process() -> Iterator[int]:
    """The lock of this process, held by its connection; what it still has in hand at the end waits again."""
    worker = secrets.randbits(31)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK, worker])
    try:
        yield worker
    finally:
        until_the_database_answers(lambda: _let_go(worker))


def _let_go(worker: int) -> None:
    Delivery.objects.queued().filter(worker=worker).update(worker=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, worker])


def take(worker: int, issue: int) -> list[int]:
    """Some deliveries that are due, in the order of their numbers, for the process that holds this lock."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"worker": worker, "issue": issue, "count": IN_HAND})
        return sorted(delivery for (delivery,) in cursor.fetchall())


def begin(delivery: int, worker: int, sent: int | None) -> Reader | None:
    """Commit that the mail `sent` is sent and this one is being sent; None if this one is not wanted now."""
    with connection.cursor() as cursor:
        prepared.execute(cursor, "next_delivery", "bigint, bigint, integer", _NEXT, [sent, delivery, worker])
        row = cursor.fetchone()
    return Reader(*row) if row else None


def settle_unwanted(delivery: int, worker: int) -> None:
    """Say why a delivery is not sent."""
    with connection.cursor() as cursor:
        cursor.execute(_UNWANTED, {"delivery": delivery, "worker": worker})


def until_the_database_answers(do) -> None:
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


# What the database is told, in as few words as there can be.

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
# The editions that a delivery in `sent` told its reader of are what they had last.
TELL = """INSERT INTO newsletter_lastsent (subscriber_id, article_id, number)
    SELECT sent.subscriber_id, told.article_id, edition.number
    FROM sent
    JOIN newsletter_letterstory told ON told.letter_id = sent.letter_id
    JOIN articles_revision edition ON edition.id = told.edition_id
    WHERE sent.subscriber_id IS NOT NULL
    ON CONFLICT (subscriber_id, article_id) DO UPDATE
        SET number = greatest(newsletter_lastsent.number, excluded.number)
"""
# $1 is the delivery before, $2 this one, $3 the process. `+ 0` keeps a planner who has seen no statistics yet from
# looking through all that the process has in hand.
_NEXT = f"""
    WITH sent AS (
        UPDATE newsletter_delivery SET state = 'sent', said = '', worker = NULL
        WHERE id = $1 AND state IN ('sending', 'in doubt')
        RETURNING subscriber_id, letter_id
    ), told AS (
        {TELL}
    )
    UPDATE newsletter_delivery delivery
    SET state = 'sending', tries = delivery.tries + 1, sent_at = statement_timestamp()
    FROM newsletter_issue issue, newsletter_subscription subscription, newsletter_subscriber subscriber
    WHERE delivery.id = $2 AND delivery.state = 'queued' AND delivery.worker + 0 = $3
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
"""  # noqa: S608 - of our own words
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
