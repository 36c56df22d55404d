"""The verbs that make editions: the only road from a working copy to readers, one transaction each."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from . import checks, working_copy
from .changes import Change, apply, compare, to_plain
from .kinds import Kind, Note, kinds_after
from .models import Article, Correction, Desk, Photo, Revision
from .richtext import RichTextRefused, clean_text
from .snapshot import Correction as CorrectionBox
from .snapshot import Pace, Snapshot, to_json
from .workflow import Status

# The most characters that a note, or either side of a correction, may have.
LONGEST = 1_000

# Substance that says nothing of whether the facts still stand.
SAME_FACTS = {Kind.TIGHTENED, Kind.CLARIFICATION}

PACE_AFTER = {
    Kind.FIRST: Pace.DEVELOPING,
    Kind.SETTLED: Pace.SETTLED,
    Kind.REOPENED: Pace.DEVELOPING,
}


class Refused(Exception):
    """
    The edition was not published, and nothing was written; the message says why, to the editor.

    `field` is the one of `Announcement` or `Box` that the message is about, if it is about one.
    """

    def __init__(self, message: str, field: str | None = None):
        super().__init__(message)
        self.field = field


class BaseMoved(Refused):
    """Another edition came out since this editor started from `base`."""

    def __init__(self, newest: Revision | None):
        self.newest = newest
        number = newest.number if newest else 0
        super().__init__(f"Edition {number} came out while you were working. Look at it, then publish again.")


class NothingChanged(Refused):
    """The next edition would be the same as the newest one."""

    def __init__(self):
        super().__init__("Nothing has changed since the newest edition.")


class ChecksFailed(Refused):
    """The checks found errors, or warnings that no reason overrides."""

    def __init__(self, findings: list[checks.Finding]):
        self.findings = findings
        super().__init__(" ".join(finding.message for finding in findings))


@dataclass(frozen=True)
class Box:
    """The words of a correction box: what was wrong, from which edition to which, and what is right."""

    wrong: str
    right: str
    first_wrong: int
    last_wrong: int
    supersedes: Correction | None = None


@dataclass(frozen=True)
class Announcement:
    """
    What is said about an edition. `reason` overrides warnings and is kept, with the private note; without
    `is_mailed` no mail is sent for it.
    """

    kind: Kind
    note: str = ""
    box: Box | None = None
    reason: str = ""
    private_note: str = ""
    is_mailed: bool = True


@transaction.atomic
def publish(article: Article, *, kind: Kind, by, base: int, **said) -> Revision:
    """
    Publish the whole working copy as the next edition.

    `base` is the number of the edition the editor started from, 0 before the first; `said` are the other fields
    of `Announcement`. Raises `PermissionDenied`, or a `Refused` that says what to do; then nothing is written.
    """
    newest = _open(article, by, base)
    if kind in (Kind.WITHDRAWN, Kind.RECONFIRMED):
        raise Refused(f"“{kind.label}” carries no change of words; it has a button of its own.", "kind")
    return _issue(article, working_copy.read(article), newest, Announcement(kind, **said), by)


@transaction.atomic
def publish_part(article: Article, *, changes: Collection[Change], kind: Kind, by, base: int, **said) -> Revision:
    """
    Publish the newest edition with `changes` applied, and nothing else of the working copy.

    The changes are made in the working copy too; what stood there is kept by reversion.
    """
    newest = _open(article, by, base)
    if newest is None or newest.is_withheld:
        raise Refused("Publish the whole story first; a part of it can go out alone after that.")
    snapshot = apply(newest.content, changes)
    public = {citation.id for citation in snapshot.citations}
    if any(not public.issuperset(point.citations) for point in snapshot.key_points):
        raise Refused("A key point cites a source that readers do not have; publish the source along with it.")
    return _issue(article, snapshot, newest, Announcement(kind, **said), by, brought=changes)


@transaction.atomic
def reconfirm(
    article: Article, *, by, base: int, key_points: Collection[str] | None = None, private_note: str = ""
) -> Revision:
    """Say that the newest edition still stands, or these of its key points, by id."""
    newest = _open(article, by, base)
    if newest is None or newest.is_withheld:
        raise Refused("Readers have no edition of this story; there is nothing to confirm.")
    now = clock()
    points = tuple(
        replace(point, as_of=now) if key_points is None or point.id in key_points else point
        for point in newest.content.key_points
    )
    snapshot = replace(newest.content, key_points=points)
    said = Announcement(Kind.RECONFIRMED, private_note=private_note)
    return _issue(article, snapshot, newest, said, by, brought=compare(newest.content, snapshot))


def settle(article: Article, *, by, base: int, **said) -> Revision:
    """Say that the story no longer develops."""
    return publish_part(article, changes=(), kind=Kind.SETTLED, by=by, base=base, **said)


def reopen(article: Article, *, by, base: int, **said) -> Revision:
    """Say that a settled or withdrawn story develops again."""
    return publish_part(article, changes=(), kind=Kind.REOPENED, by=by, base=base, **said)


def withdraw(article: Article, *, by, base: int, **said) -> Revision:
    """Take the story from readers; its address answers 410 with the note."""
    return publish_part(article, changes=(), kind=Kind.WITHDRAWN, by=by, base=base, **said)


def restore(
    article: Article,
    snapshot: Snapshot,
    *,
    by,
    version: int,
    comment: str,
    parts: Collection[str] | None = None,
) -> None:
    """
    Copy an earlier edition or saved state, or some `parts` of it, into the working copy. Nothing is published.

    Raises `working_copy.StaleCopy` if the copy was saved since the editor saw `version` of it.
    """
    if not may_edit(article, by):
        raise PermissionDenied("You may not work on this story.")
    with working_copy.saving(article, by=by, version=version, comment=comment):
        working_copy.write(article, snapshot, only=parts)


def may_edit(article: Article, by) -> bool:
    return Article.objects.editable_by(by).filter(pk=article.pk).exists()


def _open(article: Article, by, base: int) -> Revision | None:
    """Lock the story and give its newest edition, which must be the one the editor started from."""
    if not (may_edit(article, by) and by.has_perm("articles.publish_article")):
        raise PermissionDenied("You may not publish this story.")
    desk = working_copy.lock(article)
    if desk.base_number != base:
        raise BaseMoved(desk.base_edition)
    return desk.base_edition


def _issue(
    article: Article,
    snapshot: Snapshot,
    newest: Revision | None,
    said: Announcement,
    by,
    brought: Collection[Change] | None = None,
) -> Revision:
    """
    Write the next edition. `brought` are changes to make in the working copy, when it is not published whole: what
    else is being written there stays where it stands.
    """
    _refuse_what_may_not_be_said(said, newest, by)
    now = clock()
    revision = _successor(article, newest, said, by, now)
    box = _correction(revision, said) if said.box else None
    snapshot = replace(
        snapshot,
        story=replace(snapshot.story, pace=Pace(revision.pace)),
        corrections=(*snapshot.corrections, *([_as_readers_see(box, revision)] if box else [])),
    )
    # Since an edition that is withheld everything is new to readers, and what moved is not told.
    is_tied = newest is not None and not newest.is_withheld
    before = newest.content if is_tied else None
    changes = compare(before, snapshot)
    if said.kind.rule.needs_change and not changes:
        raise NothingChanged
    revision.private_note = _examine(article, snapshot, said, changes, before)

    revision.headline, revision.lead = snapshot.story.headline, snapshot.story.lead
    revision.snapshot = to_json(snapshot)
    revision.changes = to_plain(changes) if is_tied or newest is None else []
    revision.content_hash = revision.expected_content_hash()
    revision.chain_hash = revision.expected_chain_hash(newest.chain_hash if newest else "")
    revision.by_hash = revision.expected_by_hash()
    revision.save(force_insert=True)
    if snapshot.photo:
        Photo.objects.filter(pk=snapshot.photo.photo, is_published=False).update(is_published=True)
    if box:
        box.save(force_insert=True)
    Desk.objects.filter(article=article).update(
        base_edition=revision, **({"status": Status.DRAFT} if brought is None else {})
    )
    comment = f"Edition {revision.number}: {said.kind.label}"
    with working_copy.saving(article, by=by, version=None, comment=comment, edition=revision):
        if brought:
            working_copy.bring(article, brought)
    announce(revision)
    return revision


def _words(text: str, field: str) -> str:
    """Text as it may stand before readers."""
    if len(text) > LONGEST:
        raise Refused(f"This has {len(text):,} characters; {LONGEST:,} are the most. Say it shorter.", field)
    try:
        return clean_text(text).strip()
    except RichTextRefused as refusal:
        raise Refused(str(refusal), field) from refusal


def _refuse_what_may_not_be_said(said: Announcement, newest: Revision | None, by) -> None:
    kind, rule = said.kind, said.kind.rule
    settled = newest is not None and newest.pace == Pace.SETTLED
    if kind not in kinds_after(Kind(newest.kind) if newest else None, settled):
        raise Refused(f"“{kind.label}” cannot follow the newest edition of this story.", "kind")
    if kind == Kind.WITHDRAWN and not by.has_perm("articles.withdraw_article"):
        raise PermissionDenied("You may not withdraw this story.")
    if rule.note == Note.REQUIRED and not said.note.strip():
        raise Refused(f"Tell readers in a sentence what moved; “{kind.label}” needs a note.", "note")
    if rule.note == Note.NONE and said.note.strip():
        raise Refused(f"“{kind.label}” carries no note; choose another kind if there is something to tell.", "note")
    if rule.has_box != bool(said.box):
        raise Refused(
            "A correction or clarification says what was wrong and what is right; no other kind does.", "wrong"
        )
    if said.box and not 1 <= said.box.first_wrong <= said.box.last_wrong <= newest.number:
        raise Refused(
            f"The wrong editions lie between 1 and {newest.number}, the first before the last.", "first_wrong"
        )
    if said.box and not (said.box.wrong.strip() and said.box.right.strip()):
        raise Refused("Say both what was wrong and what is right.", "right")
    if said.box and said.box.supersedes:
        _refuse_to_replace(said.box.supersedes, newest)


def _refuse_to_replace(correction: Correction, newest: Revision) -> None:
    if correction.article_id != newest.article_id:
        raise Refused("The correction that this one replaces is of another story.", "supersedes")
    if not Correction.objects.replaceable().filter(pk=correction.pk).exists():
        raise Refused("That correction is replaced already, or withheld. Choose another, or none.", "supersedes")


def _successor(article: Article, newest: Revision | None, said: Announcement, by, now: datetime) -> Revision:
    """The next edition with everything but its content."""
    rule = said.kind.rule
    is_confirmed = said.kind == Kind.RECONFIRMED or (rule.moves_updated and said.kind not in SAME_FACTS)
    return Revision(
        article=article,
        number=newest.number + 1 if newest else 1,
        kind=said.kind,
        note=_words(said.note, "note"),
        pace=PACE_AFTER.get(said.kind) or newest.pace,
        by=by,
        by_name=by.get_full_name() or by.get_username(),
        is_mailed=said.is_mailed,
        published_at=now,
        first_published_at=newest.first_published_at if newest else now,
        updated_at=now if rule.moves_updated else newest.updated_at,
        confirmed_at=now if is_confirmed else newest.confirmed_at,
    )


def _correction(revision: Revision, said: Announcement) -> Correction:
    return Correction(
        article=revision.article,
        revision=revision,
        kind=said.kind,
        wrong=_words(said.box.wrong, "wrong"),
        right=_words(said.box.right, "right"),
        first_wrong=said.box.first_wrong,
        last_wrong=said.box.last_wrong,
        supersedes=said.box.supersedes,
    )


def _as_readers_see(box: Correction, revision: Revision) -> CorrectionBox:
    return CorrectionBox(
        id=str(box.pk),
        kind=box.kind,
        wrong=box.wrong,
        right=box.right,
        number=revision.number,
        first_wrong=box.first_wrong,
        last_wrong=box.last_wrong,
        published_at=revision.published_at,
        supersedes=str(box.supersedes_id) if box.supersedes_id else None,
    )


def _examine(
    article: Article, snapshot: Snapshot, said: Announcement, changes: tuple[Change, ...], before: Snapshot | None
) -> str:
    """Run the checks; the private note, with any warnings that a reason overrides, put on record."""
    if said.kind in (Kind.WITHDRAWN, Kind.RECONFIRMED):
        return said.private_note
    findings = checks.run(checks.Edition(snapshot, said.kind, article.format, changes, before))
    warnings = [finding for finding in findings if finding.wants_reason]
    if any(finding.is_error for finding in findings) or (warnings and not said.reason.strip()):
        raise ChecksFailed(findings)
    overridden = [f"Published over: {finding.message}" for finding in warnings]
    reason = [f"Reason: {said.reason.strip()}"] if warnings else []
    return "\n".join(filter(None, [said.private_note, *overridden, *reason]))


def announce(revision: Revision) -> None:
    """Ring whoever listens, once the transaction commits."""
    bell = json.dumps({"article": revision.article_id, "number": revision.number})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('editions', %s)", [bell])


def clock() -> datetime:
    """The database's clock now; read under the story's lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
