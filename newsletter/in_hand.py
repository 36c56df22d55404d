"""
The deliveries that a worker has in hand.

A worker takes some under an advisory lock of its own, which PostgreSQL frees when the worker or its connection is
gone: then they wait again for another one, and only the mail that it was at is in doubt.

That a mail begins is committed before it is given to a server, and after the one before was answered for: so of all
that a lost worker has begun only the last is in doubt. That they are sent is put on record for many at once.

What is committed between two mails is seen by everybody at once and is on disk a moment later, so that no mail
waits for a disk. Should the database crash, the worker says again what it knows. Should both be gone at once, as
when the power fails, all that it had in hand is in doubt: the table of workers, which PostgreSQL empties after a
crash, does not know it any more.
"""

import secrets
import time
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connection, connections

from articles import prepared

from .models import Delivery

# Deliveries in hand at once.
MOST = 100
# After so many seconds what was sent is put on record when the next mail begins.
LATEST = 1
# The class of our advisory locks; the other half is the number of the worker.
_LOCK = 0x6C657474


@dataclass(frozen=True)
class Reader:
    """Whom a mail is for. Of somebody erased, and of a subscription that is gone, there is no `address`."""

    delivery: int
    letter: int
    tries: int  # Before this one.
    subscriber: int | None
    address: str | None
    digest: str | None
    is_correction: bool
    subscription: str | None


class Hand:
    """What this worker has in hand; at the end what it did not come to waits again."""

    def __init__(self):
        self.worker = secrets.randbits(31)
        self.sent: list[int] = []  # Not on record yet.
        self.recorded_at = time.monotonic()
        self.under_way: int | None = None  # Given to the mail server perhaps, and nothing is known of it yet.

    def __enter__(self) -> "Hand":
        self.cursor = connection.cursor()
        self.cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK, self.worker])
        self.cursor.execute("INSERT INTO newsletter_worker (id) VALUES (%s)", [self.worker])
        return self

    def __exit__(self, *_) -> None:
        until_the_database_answers(self._let_go)

    def _let_go(self) -> None:
        known = {"worker": self.worker, "sent": self.sent, "under_way": self.under_way, "lock": _LOCK}
        with connection.cursor() as cursor:
            for query in (_SENT, _WAITS, _GONE):
                cursor.execute(query, known)

    def take(self, issue: int) -> list[Reader]:
        """Some deliveries that are due, in the order of their numbers."""
        self.record()
        self.cursor.execute(_TAKE, {"worker": self.worker, "issue": issue, "count": MOST})
        return [Reader(*row) for row in self.cursor.fetchall()]

    def begin(self, reader: Reader) -> bool:
        """Commit that this one is being sent; False if it is not wanted now."""
        if time.monotonic() - self.recorded_at > LATEST:
            self.record()
        query, name = (_NEXT_CORRECTION, "next_correction") if reader.is_correction else (_NEXT, "next_delivery")
        values = [reader.delivery, reader.address, self.worker, reader.letter]
        prepared.execute(self.cursor, name, "bigint, text, integer, bigint", query, values)
        is_wanted = self.cursor.rowcount == 1
        self.under_way = reader.delivery if is_wanted else None
        return is_wanted

    def record(self) -> None:
        """Put on record what was sent."""
        self.cursor.execute(_SENT, {"worker": self.worker, "sent": self.sent})
        self.sent.clear()
        self.recorded_at = time.monotonic()

    def settle_unwanted(self, reader: Reader) -> bool:
        """
        Put on record why it is not sent; whoever has another address by now waits to be sent it there. Whether the
        others are worth a try: not while their issue is paused, nor before what they tell is put right.
        """
        with connection.cursor() as cursor:
            values = {"delivery": reader.delivery, "address": reader.address, "worker": self.worker}
            cursor.execute(_UNWANTED, values)
            row = cursor.fetchone()
        return row is None or row[0]

    def is_sent(self, reader: Reader) -> None:
        """It is put on record soon, with others."""
        self.sent.append(reader.delivery)
        self.under_way = None

    def became(self, reader: Reader, **fields) -> None:
        """Anything but sent; while it is still ours to say."""
        ours = Delivery.objects.filter(pk=reader.delivery, worker=self.worker)
        until_the_database_answers(lambda: ours.update(worker=None, **fields))
        self.under_way = None


def settle_lost() -> None:
    """What a lost worker had in hand waits again; the one mail that it was at is in doubt."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"lock": _LOCK})
        cursor.execute(_FORGET, {"lock": _LOCK})


def until_the_database_answers(do) -> None:
    """What has happened is put on record even if the database is away meanwhile; for ten minutes."""
    if connection.in_atomic_block:
        do()
        return
    for wait in (0.1, 0.5, 1, 2, 5, *[10] * 60):
        try:
            do()
            return
        except (OperationalError, InterfaceError):
            connections.close_all()
            time.sleep(wait)
    do()


# What the database is told, in as few words as there can be.

# The editions that a delivery in `sent` told its reader of are what they had last.
TELL = """INSERT INTO newsletter_lastsent (subscriber_id, article_id, number)
    SELECT sent.subscriber_id, told.article_id, max(edition.number)
    FROM sent
    JOIN newsletter_letterstory told ON told.letter_id = sent.letter_id
    JOIN articles_revision edition ON edition.id = told.edition_id
    WHERE sent.subscriber_id IS NOT NULL
    GROUP BY sent.subscriber_id, told.article_id
    ON CONFLICT (subscriber_id, article_id) DO UPDATE
        SET number = greatest(newsletter_lastsent.number, excluded.number)
"""
_HELD = """
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND classid = %(lock)s AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_CUT_OFF = "Whoever sent it was cut off."
# What is in doubt stays marked as the worker's: should it be alive after all, it knows better.
_SETTLE = f"""
    WITH lost AS (
        SELECT id, state, worker FROM newsletter_delivery
        WHERE worker IS NOT NULL AND state <> 'in doubt' AND worker NOT IN ({_HELD})
        ORDER BY id DESC FOR NO KEY UPDATE
    ), judged AS (
        SELECT id, CASE
            WHEN state = 'sending'
                AND row_number() OVER (PARTITION BY worker, state ORDER BY id DESC) > 1 THEN 'sent'
            WHEN state = 'sending' THEN 'in doubt'
            WHEN state = 'queued' AND NOT EXISTS (
                SELECT FROM newsletter_worker known WHERE known.id = lost.worker
            ) THEN 'in doubt'
            ELSE state
        END AS state
        FROM lost
    ), settled AS (
        UPDATE newsletter_delivery delivery SET
            state = judged.state,
            worker = CASE WHEN judged.state = 'in doubt' THEN worker END,
            said = CASE judged.state WHEN 'in doubt' THEN '{_CUT_OFF}' WHEN 'sent' THEN '' ELSE said END,
            sent_at = CASE WHEN judged.state = 'in doubt' THEN coalesce(sent_at, statement_timestamp())
                ELSE sent_at END
        FROM judged WHERE delivery.id = judged.id
        RETURNING delivery.state, subscriber_id, letter_id
    ), sent AS (
        SELECT subscriber_id, letter_id FROM settled WHERE state = 'sent'
    )
    {TELL}
"""  # noqa: S608 - of our own words
_FORGET = f"""
    DELETE FROM newsletter_worker known
    WHERE id NOT IN ({_HELD}) AND NOT EXISTS (SELECT FROM newsletter_delivery WHERE worker = known.id)
"""  # noqa: S608 - of our own words
_TAKE = """
    WITH taken AS (
        UPDATE newsletter_delivery SET worker = %(worker)s
        WHERE id IN (
            SELECT id FROM newsletter_delivery
            WHERE issue_id = %(issue)s AND state = 'queued' AND worker IS NULL
                AND due_at <= statement_timestamp()
            ORDER BY id LIMIT %(count)s FOR UPDATE SKIP LOCKED
        )
        RETURNING *
    )
    SELECT taken.id, taken.letter_id, taken.tries, subscriber.id, subscriber.address, subscriber.digest,
        issue.correction_id IS NOT NULL,
        CASE WHEN issue.newsletter_id IS NULL AND issue.made = 'digest' THEN 'follows-0'
            WHEN subscription.newsletter_id IS NULL THEN 'article-' || subscription.article_id
            ELSE 'newsletter-' || subscription.newsletter_id END || '-' || subscriber.digest
    FROM taken
    JOIN newsletter_issue issue ON issue.id = taken.issue_id
    LEFT JOIN newsletter_subscription subscription ON subscription.id = taken.subscription_id
    LEFT JOIN newsletter_subscriber subscriber
        ON subscriber.id = taken.subscriber_id AND subscription.id IS NOT NULL
    ORDER BY taken.id
"""
_SENT = f"""
    WITH sent AS (
        UPDATE newsletter_delivery
        SET state = 'sent', said = '', worker = NULL, sent_at = coalesce(sent_at, statement_timestamp())
        WHERE worker = %(worker)s AND id IN (
            SELECT id FROM newsletter_delivery WHERE id = ANY(%(sent)s) ORDER BY id DESC FOR NO KEY UPDATE
        )
        RETURNING subscriber_id, letter_id
    )
    {TELL}
"""  # noqa: S608 - of our own words
_WAITS = f"""
    UPDATE newsletter_delivery SET worker = NULL,
        state = CASE WHEN id = %(under_way)s THEN 'in doubt' WHEN state IN ('sending', 'in doubt') THEN 'queued'
            ELSE state END,
        said = CASE WHEN id = %(under_way)s THEN '{_CUT_OFF}' WHEN state = 'in doubt' THEN '' ELSE said END,
        sent_at = CASE WHEN id = %(under_way)s THEN coalesce(sent_at, statement_timestamp())
            WHEN state IN ('sending', 'in doubt') THEN NULL ELSE sent_at END
    WHERE worker = %(worker)s
"""  # noqa: S608 - of our own words
_GONE = """
    WITH gone AS (DELETE FROM newsletter_worker WHERE id = %(worker)s)
    SELECT pg_advisory_unlock(%(lock)s, %(worker)s)
"""
# Why a delivery is wanted, or not; asked when it begins, and when somebody wonders why it did not.
_IS_SUBSCRIBED = """(
    subscription.confirmed_at IS NOT NULL AND subscription.left_at IS NULL
    OR issue.newsletter_id IS NULL AND EXISTS (
        SELECT FROM newsletter_subscription other
        WHERE other.subscriber_id = delivery.subscriber_id
            AND other.confirmed_at IS NOT NULL AND other.left_at IS NULL
            AND (other.newsletter_id IS NULL OR issue.made <> 'digest')
    )
)"""
_IS_TAKEN_BACK = """issue.correction_id IS NOT NULL AND (
    SELECT edition.snapshot IS NULL FROM articles_correction correction
    JOIN articles_revision edition ON edition.id = correction.revision_id
    WHERE correction.id = issue.correction_id
)"""


def stale(letter: str) -> str:
    """In SQL: the stories of a letter, named so, that were corrected, withheld or withdrawn since it was made."""
    return f"""
        SELECT told.article_id FROM newsletter_letterstory told
        JOIN articles_revision edition ON edition.id = told.edition_id
        JOIN articles_desk desk ON desk.article_id = told.article_id
        JOIN articles_revision newest ON newest.id = desk.base_edition_id
        WHERE told.letter_id = {letter} AND (
            edition.snapshot IS NULL OR newest.snapshot IS NULL
            OR newest.kind = 'withdrawn' AND newest.id <> edition.id
            OR EXISTS (
                SELECT FROM articles_correction corrected
                WHERE corrected.article_id = told.article_id AND corrected.kind = 'correction'
                    AND edition.number BETWEEN corrected.first_wrong AND corrected.last_wrong
            )
        )
    """  # noqa: S608 - of our own words


# $1 is the delivery, $2 its reader's address, $3 the worker and $4 the letter. `coalesce` keeps the planner from
# looking through all that workers have in hand.
_NEXT = f"""
    UPDATE newsletter_delivery delivery
    SET state = 'sending', tries = delivery.tries + 1, sent_at = statement_timestamp()
    FROM newsletter_issue issue, newsletter_subscription subscription, newsletter_subscriber subscriber
    WHERE delivery.id = $1 AND delivery.state = 'queued' AND coalesce(delivery.worker, 0) = $3
        AND issue.id = delivery.issue_id AND issue.state = 'sending'
        AND (issue.not_after IS NULL OR issue.not_after > statement_timestamp())
        AND subscription.id = delivery.subscription_id AND {_IS_SUBSCRIBED}
        AND subscriber.id = delivery.subscriber_id AND subscriber.address = $2
        AND (subscriber.paused_until IS NULL OR subscriber.paused_until <= statement_timestamp())
        AND delivery.letter_id = $4 AND NOT EXISTS ({stale("$4")})
    RETURNING set_config('synchronous_commit', 'off', true)
"""  # noqa: S608 - of our own words
_NEXT_CORRECTION = _NEXT.replace("RETURNING", f"AND NOT ({_IS_TAKEN_BACK}) RETURNING")
# What is wanted after all by now, as when an issue was paused and goes on, waits to be taken again; and what is to
# be put right, for that (see mending.py).
_UNWANTED = f"""
    UPDATE newsletter_delivery delivery SET worker = NULL,
        state = CASE WHEN why.reason IS NULL THEN delivery.state ELSE 'excluded' END,
        reason = coalesce(why.reason, delivery.reason)
    FROM (
        SELECT delivery.id, CASE
            WHEN issue.state = 'cancelled' THEN 'cancelled'
            WHEN issue.state <> 'sending' THEN NULL
            WHEN delivery.subscriber_id IS NULL THEN 'erased'
            WHEN issue.not_after <= statement_timestamp() THEN 'late'
            WHEN subscription.id IS NULL OR NOT {_IS_SUBSCRIBED} THEN 'left'
            WHEN subscriber.address <> %(address)s THEN NULL
            WHEN subscriber.paused_until > statement_timestamp() THEN 'paused'
            WHEN {_IS_TAKEN_BACK} THEN 'taken back'
        END AS reason, issue.state = 'sending' AND NOT EXISTS ({stale("delivery.letter_id")}) AS goes_on
        FROM newsletter_delivery delivery
        JOIN newsletter_issue issue ON issue.id = delivery.issue_id
        LEFT JOIN newsletter_subscription subscription ON subscription.id = delivery.subscription_id
        LEFT JOIN newsletter_subscriber subscriber ON subscriber.id = delivery.subscriber_id
        WHERE delivery.id = %(delivery)s AND delivery.state = 'queued' AND delivery.worker = %(worker)s
    ) why
    WHERE delivery.id = why.id
    RETURNING why.goes_on
"""  # noqa: S608 - of our own words
