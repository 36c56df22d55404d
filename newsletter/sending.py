"""
Sending issues, by any number of processes on any number of machines.

Of each mail `sending` is committed before it is handed over, and `sent` after it, together with the `sending` of
the next. So of a process that is cut off at most one mail is in doubt: a person decides about that, and everything
else goes on by itself.
"""

import logging
import time
from contextlib import closing
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from . import bounces, digest, emails, in_hand, return_addresses, writing
from .handing_over import Answer, Outcome
from .in_hand import Reader, until_the_database_answers
from .lines import Line, Unreachable
from .merging import Form, Own, Written
from .models import Delivery, Issue, Letter
from .return_addresses import For

# How long is waited after the first try, the second, ...; after the last there is none.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480)]
# A sweep ends after so many seconds, so that a worker can do something else, and can be told to stop.
LONGEST_SWEEP = 4
# After so many refusals in a row an issue is paused: it is not the addresses.
MOST_REFUSALS = 20
# Nothing is tried for this many seconds after the server could not be reached.
REST = 60
RESTS = "sending:rests"
# Letters that are held ready.
FORMS = 64

logger = logging.getLogger(__name__)


def send_due() -> bool:
    """Start what is due and send for a few seconds; whether there is more to send at once."""
    until = time.monotonic() + LONGEST_SWEEP
    now = timezone.now()
    in_hand.settle_lost()
    digest.compose_due(now)
    for issue in Issue.objects.due(now):
        digest.start(issue, now)
    for issue in Issue.objects.sending():
        send(issue, until)
        finish(issue)
    return Issue.objects.sending().exists() and time.monotonic() > until


def send(issue: Issue, until: float) -> None:
    """Send what is due of an issue, until that time of the monotonic clock."""
    if cache.get(RESTS) or not issue.deliveries.due(timezone.now()).exists():
        return
    with in_hand.process() as worker, closing(Line()) as line:
        try:
            line.open()
            _Run(issue, worker, line).run(until)
        except Unreachable as error:
            logger.warning("Issue %s waits: %s", issue.pk, error)
            cache.set(RESTS, True, REST)


class _Run:
    """One process sending an issue."""

    def __init__(self, issue: Issue, worker: int, line: Line):
        self.issue, self.worker, self.line = issue, worker, line
        self.sent: int | None = None  # Handed over, and not yet on record as sent.
        self.refusals = 0

    def run(self, until: float) -> None:
        try:
            while time.monotonic() < until and (waiting := in_hand.take(self.worker, self.issue.pk)):
                for delivery in waiting:
                    if time.monotonic() > until or not self._send(delivery):
                        return
        finally:
            self._record_sent()

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
            answer = self.line.hand_over(form, written, own, envelope)
        except Unreachable as error:
            self._became(reader, Answer(Outcome.LATER, str(error)))
            raise
        return self._became(reader, answer)

    def _begin(self, delivery: int) -> Reader | None:
        reader = in_hand.begin(delivery, self.worker, self.sent)
        self.sent = None
        return reader

    def _settle_unwanted(self, delivery: int) -> bool:
        """Whether to go on with the others."""
        in_hand.settle_unwanted(delivery, self.worker)
        return Issue.objects.sending().filter(pk=self.issue.pk).exists()

    def _record_sent(self) -> None:
        if self.sent is not None:
            until_the_database_answers(lambda: self._begin(0))

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
    until_the_database_answers(lambda: ours.update(worker=None, **fields))


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
