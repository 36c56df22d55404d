"""
Sending issues, by any number of processes on any number of machines.

Of each mail `sending` is committed before it is handed over, and `sent` after it, for many at once: no mail begins
before the one before was answered for. So of a process that is cut off at most one mail is in doubt: a person
decides about that, and everything else goes on by itself.
"""

import logging
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import zip_longest

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from . import bounces, correcting, digest, emails, in_hand, live_mail, mending, return_addresses, writing
from .emails import Mail
from .handing_over import Answer, Outcome
from .in_hand import Hand, Reader, until_the_database_answers
from .lines import Envelope, OtherLine, SmtpLine, Unreachable, line
from .merging import Form, Own, Written
from .models import Delivery, Issue, Letter
from .return_addresses import For

# How long is waited after the first try, the second, ...; after the last there is none.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480)]
# A sweep ends after so many seconds, so that a worker can do something else, and can be told to stop.
LONGEST_SWEEP = 4
# In the last seconds of it no mail is announced before its turn, which may not come.
MARGIN = 0.2
# After so many failures in a row an issue is paused: it is not the addresses.
MOST_FAILURES = 20
# Nothing is tried for this many seconds after the server could not be reached.
REST = 60
RESTS = "sending:rests"
# For so long it is looked whether anything of a cancelled issue waits still.
RECENTLY = timedelta(days=1)
# Letters that are held ready.
FORMS = 64

logger = logging.getLogger(__name__)


def send_due() -> bool:
    """Start what is due and send for a few seconds; whether there is more to send at once."""
    now = timezone.now()
    in_hand.settle_lost()
    _settle_cancelled(now)
    mend(now)
    for issue in Issue.objects.due(now):
        start = correcting.start if issue.correction_id else digest.start
        _or_log(lambda start=start, issue=issue: start(issue, now), issue)
    digest.compose_due(now)
    until = time.monotonic() + LONGEST_SWEEP
    for issue in Issue.objects.sending():
        _or_log(lambda issue=issue: send(issue, until), issue)
    for issue in Issue.objects.ending(now):
        finish(issue)
    return Issue.objects.sending().exists() and time.monotonic() > until


def mend(now: datetime) -> None:
    for letter in mending.to_put_right():
        _or_log(lambda letter=letter: mending.put_right(letter, now), letter.issue)


def _or_log(do: Callable[[], object], issue: Issue) -> None:
    """Whatever is wrong with one issue keeps the others from nothing."""
    try:
        do()
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Issue %s could not be sent.", issue.pk)


def _settle_cancelled(now: datetime) -> None:
    """What was on its way when its issue was cancelled, and then was put off by the server."""
    cancelled = Issue.objects.filter(state=Issue.State.CANCELLED, finished_at__gt=now - RECENTLY)
    waiting = Delivery.objects.queued().filter(issue__in=cancelled)
    waiting.update(state=Delivery.State.EXCLUDED, reason=Delivery.Reason.CANCELLED)


def send(issue: Issue, until: float) -> None:
    """Send what is due of an issue, until that time of the monotonic clock."""
    if cache.get(RESTS) or not issue.deliveries.due(timezone.now()).exists():
        return
    _note_where_it_goes(issue)
    with Hand() as hand, closing(line()) as to_server:
        try:
            _Run(issue, hand, to_server).run(until)
        except Unreachable as error:
            logger.warning("Issue %s waits: %s", issue.pk, error)
            cache.set(RESTS, True, REST)


def _note_where_it_goes(issue: Issue) -> None:
    """For the desk, which calls nothing sent that lies in the outbox."""
    is_in_outbox = not live_mail.is_on()
    if issue.is_in_outbox != is_in_outbox:
        Issue.objects.filter(pk=issue.pk).update(is_in_outbox=is_in_outbox)


@dataclass(frozen=True)
class _Ready:
    """A mail to one reader."""

    envelope: Envelope
    mail: Mail | bytes


class _Run:
    """One process sending an issue."""

    def __init__(self, issue: Issue, hand: Hand, line: SmtpLine | OtherLine):
        self.issue, self.hand, self.line = issue, hand, line
        self.ahead: dict[int, _Ready] = {}  # Of the delivery whose turn is next.

    def run(self, until: float) -> None:
        while time.monotonic() < until and (taken := self.hand.take(self.issue.pk)):
            for reader, following in zip_longest(taken, taken[1:]):
                now = time.monotonic()
                if now > until or not self._send(reader, following if now < until - MARGIN else None):
                    return

    def _send(self, reader: Reader, following: Reader | None) -> bool:
        """
        Whether to go on.

        The server is told whom the mail is for before the database is asked, and the mail after it is written
        before the server has answered: so all three are at work at once.
        """
        _keep_pace()
        ready = self._ready(reader)
        if ready:
            self.line.announce(ready.envelope)
        is_wanted = self.hand.begin(reader)
        if ready and not is_wanted:
            self.line.take_back()
        if not is_wanted:
            return self.hand.settle_unwanted(reader) and Issue.objects.sending().filter(pk=self.issue.pk).exists()
        if not ready:
            return self._became(reader, Answer(Outcome.REFUSED, "It could not be written; the log says why."))
        self.line.give(ready.mail, self._envelope_ahead(following))
        self._write_ahead(following)
        return self._became(reader, self.line.hear())

    def _ready(self, reader: Reader) -> _Ready | None:
        """None for nobody, and of what cannot be written."""
        if not reader.address:
            return None
        try:
            return self.ahead.pop(reader.delivery, None) or self._written(reader)
        except OperationalError:
            raise
        except Exception:
            logger.exception("Letter %s could not be written.", reader.letter)
            return None

    def _envelope_ahead(self, reader: Reader | None) -> Envelope | None:
        """None for nobody, and of what cannot be written; that is said at its turn."""
        if reader and reader.address:
            with suppress(Exception):
                return envelope_of(reader, form_of(reader.letter)[1])
        return None

    def _write_ahead(self, reader: Reader | None) -> None:
        """Whatever goes wrong is said at its turn."""
        if reader and reader.address:
            with suppress(Exception):
                self.ahead = {reader.delivery: self._written(reader)}

    def _written(self, reader: Reader) -> _Ready:
        form, written = form_of(reader.letter)
        mail = self.line.mail(form, written, own_of(self.issue, reader, written.sender))
        return _Ready(envelope_of(reader, written), mail)

    def _became(self, reader: Reader, answer: Answer) -> bool:
        match answer.outcome:
            case Outcome.TAKEN:
                self.hand.is_sent(reader)
            case Outcome.IN_DOUBT:
                self.hand.became(reader, state=Delivery.State.IN_DOUBT, said=answer.said)
            case Outcome.LATER | Outcome.UNREACHABLE if reader.tries < len(WAITS):
                due_at = timezone.now() + WAITS[reader.tries]
                self.hand.became(reader, state=Delivery.State.QUEUED, said=answer.said, due_at=due_at, sent_at=None)
            case _:
                until_the_database_answers(lambda: self._refused(reader, answer))
        return self._goes_on(answer)

    def _goes_on(self, answer: Answer) -> bool:
        """Not after so many failures in a row; the next worker goes on counting."""
        if answer.outcome is Outcome.LATER:
            return True
        if answer.outcome is Outcome.TAKEN:
            if self.issue.failures:
                self._count(0)
            return True
        self._count(F("failures") + 1)
        if self.issue.failures < MOST_FAILURES:
            return True
        said = f"{MOST_FAILURES} mails in a row were not taken. The last answer: {answer.said}"
        sending = Issue.objects.sending().filter(pk=self.issue.pk)
        sending.update(state=Issue.State.PAUSED, failures=0, said=said)
        logger.error("Issue %s is paused: %s", self.issue.pk, said)
        return False

    def _count(self, failures) -> None:
        Issue.objects.filter(pk=self.issue.pk).update(failures=failures)
        self.issue.refresh_from_db(fields=["failures"])

    @transaction.atomic
    def _refused(self, reader: Reader, answer: Answer) -> None:
        """For good. What it says of the address counts as if the mail had come back."""
        self.hand.became(reader, state=Delivery.State.FAILED, reason=Delivery.Reason.REFUSED, said=answer.said)
        if kind := bounces.kind_of(answer.status):
            delivery = Delivery.objects.get(pk=reader.delivery)
            bounces.came_back(delivery, kind=kind, key=bounces.key_of(delivery, kind))


@transaction.atomic
def finish(issue: Issue) -> None:
    """An issue is sent once nothing of it waits or is being sent; what is too late is excluded first."""
    now = timezone.now()
    issue = Issue.objects.ending(now).select_for_update().filter(pk=issue.pk).first()
    if issue is None:
        return
    waiting = issue.deliveries.queued()
    waiting.filter(subscriber=None).update(state=Delivery.State.EXCLUDED, reason=Delivery.Reason.ERASED)
    if issue.not_after and issue.not_after <= now:
        waiting.update(state=Delivery.State.EXCLUDED, reason=Delivery.Reason.LATE)
    under_way = [Delivery.State.QUEUED, Delivery.State.SENDING]
    if issue.deliveries.filter(state__in=under_way).exists():
        return
    if issue.deliveries.count() == issue.candidates:
        issue.state, issue.finished_at = Issue.State.SENT, now
    else:
        issue.state = Issue.State.PAUSED
        issue.said = "The sum does not balance: tell whoever looks after the server."
        logger.error("Issue %s: %s", issue.pk, issue.said)
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


def form_of(letter: int) -> tuple[Form, Written]:
    return _form_kept(letter, int(time.monotonic() // 60))


def own_of(issue: Issue, reader: Reader, sender: str) -> Own:
    return Own(
        to=reader.address,
        message_id=emails.message_id("newsletter.issue", f"{issue.pk}:{reader.subscriber}", sender),
        leave=emails.leave_link_of(reader.subscription, issue.pk),
        leave_mail=return_addresses.address(For.LEAVE, reader.delivery),
        preferences=emails.preferences_link_of(reader.digest),
    )


def envelope_of(reader: Reader, written: Written) -> Envelope:
    back = return_addresses.address(For.BOUNCE, reader.delivery) or emails.address_in(written.sender)
    return Envelope(back, reader.address)


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
