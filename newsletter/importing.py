"""
Taking in a file of subscribers: tried first, then taken, in batches that each are one transaction.

The row of the import is the truth, the task a bell. Nobody is mailed, and nobody comes back who left.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Lower
from django.utils import timezone
from django_tasks import task

from . import address_file, addresses
from .address_file import Row, Unreadable
from .digests import digest_of
from .models import Consent, ImportProblem, Subscriber, SubscriberImport, Subscription, Suppression

ROWS_IN_BATCH = 1_000
# In seconds: for how long a file is taken before other tasks have their turn.
SLICE = 5
# For how long a file that was tried waits to be taken.
WAITS = timedelta(days=7)

KNOWN = "Has this letter already."
ASKED = "Has asked for this letter; it is for them to confirm."
HAS_LEFT = "Has left this letter; only they can come back."
HAS_LEFT_ALL = "Has left everything they had; only they can come back."
SUPPRESSED = "Is on the list of those who are not written to."
REPEATED = "Stands in the file before."

COUNTS = ("added", "known", "repeated", "suppressed", "refused")
State = SubscriberImport.State


class _ErasedMeanwhile(Exception):
    """Somebody of a batch was erased while it was taken. Says not who, as it could get into a log."""


def begin(source: SubscriberImport, file: File) -> None:
    """Keep the file where nobody else reads it; the worker looks it through."""
    source.file.save(f"{uuid4()}.csv", file, save=False)
    try:
        with transaction.atomic():
            source.save()
            work_on.enqueue(source.pk)
    except BaseException:
        source.file.delete(save=False)
        raise


@transaction.atomic
def take(source: SubscriberImport) -> bool:
    """Have the worker take what was tried; False if that is not its state any more."""
    tried = SubscriberImport.objects.filter(pk=source.pk, state=State.TRIED)
    is_ours = bool(tried.update(state=State.TAKING, line=0, added=0))
    if is_ours:
        work_on.enqueue(source.pk)
    return is_ours


def discard(source: SubscriberImport) -> bool:
    """Take nothing of a file that was tried, and delete it; False if that is not its state any more."""
    tried = SubscriberImport.objects.filter(pk=source.pk, state=State.TRIED)
    is_ours = bool(tried.update(state=State.FAILED, said="It was discarded; nobody was taken."))
    if is_ours:
        _delete_file(source)
    return is_ours


@task()
def work_on(import_id: int) -> None:
    _work_on(import_id)


def work_on_due() -> None:
    """Go on with what waits or was left undone, should its task be lost; and keep no file that nobody wants."""
    forgotten = SubscriberImport.objects.filter(state=State.TRIED, made_at__lt=timezone.now() - WAITS)
    for source in forgotten:
        discard(source)
    for source in SubscriberImport.objects.filter(state__in=[State.DONE, State.FAILED]).exclude(file=""):
        _delete_file(source)
    at_work = SubscriberImport.objects.filter(state__in=[State.TRYING, State.TAKING])
    for import_id in at_work.values_list("pk", flat=True):
        _work_on(import_id)


def _work_on(import_id: int) -> None:
    with _alone_with(import_id) as is_alone:
        source = is_alone and SubscriberImport.objects.select_related("newsletter").filter(pk=import_id).first()
        if not source:
            return
        try:
            if source.state == State.TRYING:
                _try(source)
            elif source.state == State.TAKING:
                _take_for_a_while(source)
        except Unreadable as refusal:
            _fail(source, str(refusal))
        except FileNotFoundError:
            _fail(source, "The file is not there any more. Upload it again.")
        except (IntegrityError, _ErasedMeanwhile):
            # Somebody of the batch signed up or was erased in this very moment, and the error would tell the log
            # who. The sweep takes the batch again, and finds how they stand then.
            return


@contextmanager
def _alone_with(import_id: int) -> Iterator[bool]:
    """A lock that PostgreSQL frees when its holder is gone, however it went."""
    key = f"newsletter.import.{import_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        (is_alone,) = cursor.fetchone()
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def _fail(source: SubscriberImport, said: str) -> None:
    if source.state == State.TRYING:
        source.problems.all().delete()
        SubscriberImport.objects.filter(pk=source.pk).update(line=0, **dict.fromkeys(COUNTS, 0))
    SubscriberImport.objects.filter(pk=source.pk).update(state=State.FAILED, said=said[:300])
    _delete_file(source)


def _delete_file(source: SubscriberImport) -> None:
    """As those who are erased later would go on to stand in it."""
    source.file.delete(save=False)
    SubscriberImport.objects.filter(pk=source.pk).update(file="")


def _batches(source: SubscriberImport, after: int = 0) -> Iterator[list[Row]]:
    """The rows after that line, some at a time."""
    with source.file.open("rb") as file:
        rows = (row for row in address_file.rows(file.file) if row.line > after)
        while batch := list(islice(rows, ROWS_IN_BATCH)):
            yield batch


# Trying


def _try(source: SubscriberImport) -> None:
    """Tell what would become of every line; begun anew if it was broken off."""
    source.problems.all().delete()
    counts = dict.fromkeys(COUNTS, 0)
    with _seen() as first_time:
        line = 0
        for batch in _batches(source):
            wanted, problems = _addresses(source, batch)
            for row in wanted.keys() - first_time(wanted):
                problems[row] = "repeated", REPEATED
                del wanted[row]
            for row, problem in _kept_out(source, wanted).items():
                problems[row] = problem
                del wanted[row]
            counts["added"] += len(wanted)
            for counted, _ in problems.values():
                counts[counted] += 1
            ImportProblem.objects.bulk_create(
                ImportProblem(source=source, line=row.line, reason=reason) for row, (_, reason) in problems.items()
            )
            line = batch[-1].line
            SubscriberImport.objects.filter(pk=source.pk).update(line=line, **counts)
    SubscriberImport.objects.filter(pk=source.pk, state=State.TRYING).update(state=State.TRIED)


@contextmanager
def _seen():
    """A function that tells which rows have an address that it was not asked about before; kept in the database."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.seen")
        cursor.execute("CREATE TEMPORARY TABLE seen (digest uuid PRIMARY KEY, line integer)")

        def first_time(wanted: dict[Row, str]) -> set[Row]:
            by_line = {row.line: row for row in wanted}
            cursor.execute(
                "INSERT INTO seen SELECT md5(lower(address))::uuid, line FROM unnest(%s::text[], %s::integer[]) "
                "AS given (address, line) ORDER BY line ON CONFLICT DO NOTHING RETURNING line",
                [list(wanted.values()), list(by_line)],
            )
            return {by_line[line] for (line,) in cursor.fetchall()}

        yield first_time
        cursor.execute("DROP TABLE seen")


def _addresses(source: SubscriberImport, batch: list[Row]) -> tuple[dict[Row, str], dict[Row, tuple[str, str]]]:
    """The address of each row as it is kept; and what is wrong with the others."""
    wanted, problems = {}, {}
    for row in batch:
        problem = row.problem(source.newsletter.cadences)
        try:
            address = addresses.normalised(row.address)
        except addresses.NotAnAddress as refusal:
            problem = str(refusal)
        if problem:
            problems[row] = "refused", problem
        else:
            wanted[row] = address
    return wanted, problems


def _kept_out(source: SubscriberImport, wanted: dict[Row, str]) -> dict[Row, tuple[str, str]]:
    """Those who have the letter, asked for it themselves, left it, or are not to be written to."""
    digests = {row: digest_of(address) for row, address in wanted.items()}
    suppressed = _suppressed(digests.values())
    problems = {row: ("suppressed", SUPPRESSED) for row, digest in digests.items() if digest in suppressed}
    theirs = Subscription.objects.filter(newsletter=source.newsletter, subscriber__in=_known(wanted))
    standing = dict.fromkeys(_who_left_all(wanted), ("suppressed", HAS_LEFT_ALL)) | {
        subscription.subscriber.address.lower(): _standing(subscription)
        for subscription in theirs.select_related("subscriber")
    }
    there = {row: standing[address.lower()] for row, address in wanted.items() if address.lower() in standing}
    return {**there, **problems}


def _suppressed(digests: Iterable[str]) -> set[str]:
    return {*Suppression.objects.filter(digest__in=[*digests]).values_list("digest", flat=True)}


def _who_left_all(wanted: dict[Row, str]):
    """Asking again, which anybody can do with their address, does not count until it is confirmed."""
    theirs = Subscription.objects.filter(subscriber=OuterRef("pk"))
    who_left = _known(wanted).filter(Exists(theirs.filter(left_at__isnull=False)), ~Exists(theirs.active()))
    return who_left.values_list("address_lower", flat=True)


def _known(wanted: dict[Row, str]):
    """Those of the addresses that are in our rows already."""
    lower = Subscriber.objects.annotate(address_lower=Lower("address"))
    return lower.filter(address_lower__in=[address.lower() for address in wanted.values()])


def _standing(subscription: Subscription) -> tuple[str, str]:
    if subscription.left_at:
        return "suppressed", HAS_LEFT
    return "known", KNOWN if subscription.confirmed_at else ASKED


# Taking


def _take_for_a_while(source: SubscriberImport) -> None:
    until = time.monotonic() + SLICE
    for batch in _batches(source, after=source.line):
        if time.monotonic() > until:
            work_on.enqueue(source.pk)
            return
        _take(source, batch)
    if SubscriberImport.objects.filter(pk=source.pk, state=State.TAKING).update(state=State.DONE):
        _delete_file(source)


@transaction.atomic
def _take(source: SubscriberImport, batch: list[Row]) -> None:
    """All of a batch, or nothing of it; and never a second time."""
    last = batch[-1].line
    locked = SubscriberImport.objects.select_for_update().get(pk=source.pk)
    if locked.state != State.TAKING or locked.line >= last:
        return
    told = source.problems.filter(line__range=(batch[0].line, last)).values_list("line", flat=True)
    passed_over = {*told}
    wanted, refused = _addresses(source, [row for row in batch if row.line not in passed_over])
    kept_out = _kept_out(source, wanted)
    for row in kept_out:
        del wanted[row]
    problems = {**refused, **kept_out}
    _subscribe(source, wanted)
    ImportProblem.objects.bulk_create(
        ImportProblem(source=source, line=row.line, reason=reason) for row, (_, reason) in problems.items()
    )
    counted = [counter for counter, _ in problems.values()]
    SubscriberImport.objects.filter(pk=source.pk).update(
        line=last,
        added=F("added") + len(wanted),
        known=F("known") + counted.count("known"),
        suppressed=F("suppressed") + counted.count("suppressed"),
        refused=F("refused") + len(refused),
    )
    if _suppressed(map(digest_of, wanted.values())):
        raise _ErasedMeanwhile


def _subscribe(source: SubscriberImport, wanted: dict[Row, str]) -> None:
    is_there = {*_known(wanted).values_list("address_lower", flat=True)}
    Subscriber.objects.bulk_create(
        Subscriber(address=address, language=row.language.lower() or settings.LANGUAGE_CODE)
        for row, address in wanted.items()
        if address.lower() not in is_there
    )
    keys = dict(_known(wanted).values_list("address_lower", "pk"))
    if any(address.lower() not in keys for address in wanted.values()):
        raise _ErasedMeanwhile
    offered = source.newsletter.cadences
    cadence = source.cadence if source.cadence in offered else offered[0]
    people = {row: keys[address.lower()] for row, address in wanted.items()}
    Subscription.objects.bulk_create(
        Subscription(
            subscriber_id=person,
            newsletter=source.newsletter,
            cadence=row.cadence or cadence,
            confirmed_at=timezone.now(),
        )
        for row, person in people.items()
    )
    Consent.objects.bulk_create(
        Consent(
            subscriber_id=person,
            newsletter=source.newsletter,
            act=Consent.Act.IMPORTED,
            method=Consent.Method.FILE,
            reason=_reason(source, row),
            by_id=source.by_id,
        )
        for row, person in people.items()
    )


def _reason(source: SubscriberImport, row: Row) -> str:
    given = f" Given on {row.consented_at[:10]}." if row.consented_at else ""
    return f"{source.provenance}{given} (Import {source.pk}, line {row.line})"
