"""
Taking in a file of subscribers: tried first, then taken, in batches that each are one transaction.

The row of the import is the truth, the task a bell. Nobody is mailed, and nobody comes back who left.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
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
from .keyed_hash import digest_of
from .models import Consent, ImportProblem, Subscriber, SubscriberImport, Subscription, Suppression
from .models.subscriber_import import FOLDER

ROWS_IN_BATCH = 1_000
# In seconds: for how long a file is taken before other tasks have their turn.
SLICE = 5
# For how long a file that was tried waits to be taken.
WAITS = timedelta(days=7)
# A file younger than this may be getting its row just now.
ORPHANED_AFTER = timedelta(hours=1)

KNOWN = "Is signed up already."
ASKED = "Has asked for this newsletter and not confirmed yet; only they can do that."
HAS_LEFT = "Has unsubscribed from this newsletter; only they can sign up again."
HAS_LEFT_ALL = "Has unsubscribed from everything; only they can sign up again."
SUPPRESSED = "Is on the list of those we do not write to: they unsubscribed, were erased or complained."
REPEATED = "Is in the file twice; the first line counts."

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
    is_ours = bool(tried.update(state=State.FAILED, said="The file was discarded, and nobody was added."))
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
    _delete_orphans()
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
                _try_for_a_while(source)
            elif source.state == State.TAKING:
                _take_for_a_while(source)
        except Unreadable as refusal:
            _fail(source, str(refusal))
        except FileNotFoundError:
            _fail(source, "The file is gone. Please upload it again.")
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
        source.seen.all().delete()
        SubscriberImport.objects.filter(pk=source.pk).update(line=0, **dict.fromkeys(COUNTS, 0))
    SubscriberImport.objects.filter(pk=source.pk).update(state=State.FAILED, said=said[:300])
    _delete_file(source)


def _delete_file(source: SubscriberImport) -> None:
    """As those who are erased later would go on to stand in it."""
    source.file.delete(save=False)
    SubscriberImport.objects.filter(pk=source.pk).update(file="")


def _delete_orphans() -> None:
    """Files whose row was never kept: its transaction was rolled back, or its process killed."""
    storage, before = SubscriberImport._meta.get_field("file").storage, timezone.now() - ORPHANED_AFTER
    with suppress(FileNotFoundError):  # There is no folder yet, or another worker was first.
        for name in storage.listdir(FOLDER)[1]:
            path = f"{FOLDER}/{name}"
            is_old = storage.get_modified_time(path) < before
            if is_old and not SubscriberImport.objects.filter(file=path).exists():
                storage.delete(path)


def _batches(source: SubscriberImport, after: int = 0) -> Iterator[list[Row]]:
    """The rows after that line, some at a time."""
    with source.file.open("rb") as file:
        rows = (row for row in address_file.rows(file.file) if row.line > after)
        while batch := list(islice(rows, ROWS_IN_BATCH)):
            yield batch


# Trying


def _try_for_a_while(source: SubscriberImport) -> None:
    """Tell what would become of every line; goes on where it was broken off."""
    until = time.monotonic() + SLICE
    for batch in _batches(source, after=source.line):
        if time.monotonic() > until:
            work_on.enqueue(source.pk)
            return
        _try(source, batch)
    with transaction.atomic():
        source.seen.all().delete()
        SubscriberImport.objects.filter(pk=source.pk, state=State.TRYING).update(state=State.TRIED)


@transaction.atomic
def _try(source: SubscriberImport, batch: list[Row]) -> None:
    """All of a batch, or nothing of it; and never a second time."""
    last = batch[-1].line
    locked = SubscriberImport.objects.select_for_update().get(pk=source.pk)
    if locked.state != State.TRYING or locked.line >= last:
        return
    wanted, problems = _addresses(source, batch)
    for row in wanted.keys() - _first_time(source, wanted):
        problems[row] = "repeated", REPEATED
        del wanted[row]
    for row, problem in _kept_out(source, wanted).items():
        problems[row] = problem
        del wanted[row]
    _keep_problems(source, problems)
    counted = ["added"] * len(wanted) + [counter for counter, _ in problems.values()]
    counts = {counter: F(counter) + counted.count(counter) for counter in COUNTS}
    SubscriberImport.objects.filter(pk=source.pk).update(line=last, **counts)


def _first_time(source: SubscriberImport, wanted: dict[Row, str]) -> set[Row]:
    """Those whose address did not stand in the file before; kept in the database, however long the file is."""
    first = {}
    for row, address in wanted.items():
        first.setdefault(digest_of(address), row)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO newsletter_seenaddress (source_id, digest) SELECT %s, unnest(%s::text[]) "
            "ON CONFLICT DO NOTHING RETURNING digest",
            [source.pk, [*first]],
        )
        return {first[digest] for (digest,) in cursor.fetchall()}


def _keep_problems(source: SubscriberImport, problems: dict[Row, tuple[str, str]]) -> None:
    ImportProblem.objects.bulk_create(
        ImportProblem(source=source, line=row.line, reason=reason) for row, (_, reason) in problems.items()
    )


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
    _keep_problems(source, problems)
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
            source=source,
            consented_on=row.consented_on,
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
    given = f" Given on {row.consented_on}." if row.consented_on else ""
    return f"{source.provenance}{given} (Import {source.pk}, line {row.line})"
