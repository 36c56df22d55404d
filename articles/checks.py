"""What must be true before publishing and what should be; how strict each check is, a format may say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.formats import date_format

from . import richtext
from .changes import Change
from .kinds import Kind
from .models import Photo, StoryFormat
from .snapshot import SectionRole, Snapshot, Verification
from .weighing import suggest_kind, typo_objections


class Level(StrEnum):
    """How strict a check is. What blocks must be mended; a warning may be overridden with a reason."""

    OFF = "off"
    WARNING = "warning"
    BLOCKING = "blocking"


@dataclass(frozen=True)
class Finding:
    """
    One thing amiss: an editor's sentence, and the part it is about.

    An error must be mended; a warning wants a reason, unless readers have it so already.
    """

    message: str
    part: str
    is_error: bool = False
    is_known: bool = False

    @property
    def wants_reason(self) -> bool:
        return not self.is_error and not self.is_known


@dataclass(frozen=True)
class Edition:
    """What is about to be published, and what readers have `before`, if they have something."""

    snapshot: Snapshot
    kind: Kind
    format: StoryFormat
    changes: tuple[Change, ...]
    before: Snapshot | None = None


def run(edition: Edition) -> list[Finding]:
    """Every finding about an edition, as strictly as its format takes it; what blocks comes first."""
    before = edition.before and replace(edition, snapshot=edition.before, changes=(), before=None)
    known = {finding.message for finding in run(before)} if before else set()
    findings = []
    for check, usual in CHECKS.items():
        level = edition.format.check_levels.get(check.__name__, usual)
        if level != Level.OFF:
            findings += [
                replace(finding, is_error=level == Level.BLOCKING, is_known=finding.message in known)
                for finding in check(edition)
            ]
    return sorted(findings, key=lambda finding: not finding.is_error)


def lead_is_there(edition: Edition) -> Iterable[Finding]:
    if not edition.snapshot.story.lead.strip():
        yield Finding("The story has no lead.", "lead")


def photo_says_what_it_shows(edition: Edition) -> Iterable[Finding]:
    photo = edition.snapshot.photo
    if photo and not photo.alt.strip():
        yield Finding("The photo has no alternative text.", "photo")
    if photo and not photo.credit.strip():
        yield Finding("The photo has no credit.", "photo")


def photo_can_be_shown(edition: Edition) -> Iterable[Finding]:
    """A photo that the newest edition shows already has its renditions, whatever happens to it now."""
    photo = edition.snapshot.photo
    kept = photo and Photo.objects.filter(pk=photo.photo).first()
    if kept is None:
        return
    is_new = any(change.part == "photo" for change in edition.changes)
    if is_new and kept.failure:
        yield Finding(f"The photo could not be prepared. {kept.failure}", "photo")
    elif is_new and not kept.is_ready:
        yield Finding("The photo is still being prepared; try again in a few seconds.", "photo")


def photo_licence_lasts(edition: Edition) -> Iterable[Finding]:
    photo = edition.snapshot.photo
    kept = photo and Photo.objects.filter(pk=photo.photo).first()
    if kept and kept.is_expired:
        yield Finding(f"The licence of the photo ended on {date_format(kept.expires_on)}.", "photo")


def headline_fits(edition: Edition) -> Iterable[Finding]:
    length, limit = len(edition.snapshot.story.headline), edition.format.headline_characters
    if length > limit:
        yield Finding(f"The headline has {length} characters; this format allows {limit}.", "headline")


def lead_fits(edition: Edition) -> Iterable[Finding]:
    length, limit = len(edition.snapshot.story.lead.split()), edition.format.lead_words
    if length > limit:
        yield Finding(f"The lead has {length} words; this format allows {limit}.", "lead")


def key_points_fit(edition: Edition) -> Iterable[Finding]:
    count, limit = len(edition.snapshot.key_points), edition.format.key_point_count
    if count > limit:
        yield Finding(f"There are {count} key points; this format allows {limit}.", "key_points")


def context_stays_short(edition: Edition) -> Iterable[Finding]:
    share = context_percent(edition.snapshot.sections)
    if share > edition.format.context_percent:
        yield Finding(
            f"Context takes {share} % of the body; this format allows {edition.format.context_percent} %.",
            "sections",
        )


def context_percent(sections: Iterable) -> int:
    """How much of the body is context, by words."""
    words = dict.fromkeys(SectionRole, 0)
    for section in sections:
        words[section.role] += richtext.word_count(section.body)
    return 100 * words[SectionRole.CONTEXT] // max(1, sum(words.values()))


def sections_have_words(edition: Edition) -> Iterable[Finding]:
    for section in edition.snapshot.sections:
        if not richtext.word_count(section.body):
            yield Finding(f"The section “{section.heading}” has no words; write it or take it out.", "sections")


def something_is_cited(edition: Edition) -> Iterable[Finding]:
    if not edition.snapshot.citations:
        yield Finding("The story names no source.", "citations")


def a_typo_changes_no_fact(edition: Edition) -> Iterable[Finding]:
    if edition.kind != Kind.TYPO:
        return
    objections = typo_objections(edition.changes)
    for objection in objections:
        yield Finding(objection, "kind")
    if not objections and suggest_kind(edition.changes) not in (Kind.TYPO, Kind.RECONFIRMED):
        yield Finding("More changed than how words are spelt; readers are told nothing of a typo.", "kind")


def somebody_reported_it(edition: Edition) -> Iterable[Finding]:
    if not edition.snapshot.story.byline:
        yield Finding("The story names nobody who reported it.", "byline")


def what_is_confirmed_names_a_source(edition: Edition) -> Iterable[Finding]:
    for point in edition.snapshot.key_points:
        if point.verification == Verification.CONFIRMED and not point.citations:
            yield Finding(f"“{point.text}” is confirmed and names no source.", "key_points")


def key_points_are_fresh(edition: Edition) -> Iterable[Finding]:
    hours = edition.format.stale_hours
    for point in edition.snapshot.key_points:
        if point.verification != Verification.WITHDRAWN and timezone.now() - point.as_of > timedelta(hours=hours):
            yield Finding(f"“{point.text}” has not been confirmed for {hours} hours.", "key_points")


# Every check, and how strict it is where a format says nothing else.
CHECKS: dict[Callable[[Edition], Iterable[Finding]], Level] = {
    lead_is_there: Level.BLOCKING,
    photo_says_what_it_shows: Level.BLOCKING,
    photo_can_be_shown: Level.BLOCKING,
    photo_licence_lasts: Level.WARNING,
    headline_fits: Level.WARNING,
    lead_fits: Level.WARNING,
    key_points_fit: Level.WARNING,
    context_stays_short: Level.WARNING,
    sections_have_words: Level.WARNING,
    something_is_cited: Level.WARNING,
    a_typo_changes_no_fact: Level.WARNING,
    somebody_reported_it: Level.WARNING,
    what_is_confirmed_names_a_source: Level.WARNING,
    key_points_are_fresh: Level.OFF,
}
