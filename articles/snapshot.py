"""What readers are given, frozen: the public fields of a story as plain values, and their exact bytes.

An edition stores `to_json(snapshot)`, canonical JSON after RFC 8785, and the SHA-256 of those bytes.
`from_json` reads every schema version that was ever stored; a schema version, once used, is for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec
import rfc8785

SCHEMA = 1


class UnknownSchema(ValueError):
    """The stored bytes carry a schema version that this release does not know."""


class Pace(StrEnum):
    """Whether the story still moves."""

    DEVELOPING = "developing"
    SETTLED = "settled"


class Verification(StrEnum):
    """How sure the newsroom is of a key point."""

    CONFIRMED = "confirmed"
    REPORTED = "reported"
    DISPUTED = "disputed"
    UNCONFIRMED = "unconfirmed"
    WITHDRAWN = "withdrawn"


class SectionRole(StrEnum):
    """What a section is for; developments come before context."""

    DEVELOPMENT = "development"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class Topic:
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Contributor:
    """One name of the byline, with what the person did (reported, edited, photographed, translated)."""

    name: str
    role: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """
    The top of the page and what says how it is kept. Plain text throughout; `language` is BCP 47.

    `stale_hours` are those after which readers see that a key point wants confirming again; 0 for never.
    """

    headline: str
    lead: str
    why_it_matters: str
    kicker: str
    topic: Topic
    language: str
    pace: Pace
    format_note: str
    byline: tuple[Contributor, ...]
    share_text: str
    stale_hours: int = 0


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One at-a-glance line. `citations` are ids in the same snapshot; `reason` says why it was withdrawn."""

    id: str
    text: str
    verification: Verification
    as_of: datetime
    citations: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the body; `body` is HTML that `richtext.clean` has passed."""

    id: str
    heading: str
    body: str
    role: SectionRole


@dataclass(frozen=True, slots=True)
class Source:
    """The public fields of a source. Dates are ISO 8601 calendar dates or empty."""

    publisher: str
    title: str
    url: str
    kind: str
    language: str
    published_on: str = ""
    accessed_on: str = ""
    archived_url: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """The story's use of a source. `source` is None for one known only to the editors."""

    id: str
    source: Source | None
    is_primary: bool
    supports: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """
    The story's picture: `id` is this use of it, `photo` the site-wide picture, `file` what renditions are named by.

    Size in pixels, focal point in percent of it.
    """

    id: str
    photo: str
    file: str
    width: int
    height: int
    focal_x: int
    focal_y: int
    crop: str
    alt: str
    caption: str
    credit: str
    licence: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What was wrong in editions `first_wrong` to `last_wrong` and what is right, since edition `number`."""

    id: str
    kind: str
    wrong: str
    right: str
    number: int
    first_wrong: int
    last_wrong: int
    published_at: datetime
    supersedes: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One story, whole, as readers see it. The order of a list is the order on the page."""

    story: Story
    key_points: tuple[KeyPoint, ...] = ()
    sections: tuple[Section, ...] = ()
    citations: tuple[Citation, ...] = ()
    photo: Photo | None = None
    corrections: tuple[Correction, ...] = field(default=())

    @property
    def standing_corrections(self) -> tuple[Correction, ...]:
        """The corrections that no newer one has superseded, newest first."""
        superseded = {correction.supersedes for correction in self.corrections}
        return tuple(c for c in reversed(self.corrections) if c.id not in superseded)


def to_json(snapshot: Snapshot) -> str:
    """
    The canonical JSON text (RFC 8785) of a snapshot; equal snapshots give equal bytes in UTF-8.

    A field that came after the schema is left out while it is empty, so that what was stored before stays as it is.
    Raises `rfc8785.CanonicalizationError` for text that UTF-8 cannot carry (a lone surrogate).
    """
    content = {"schema": SCHEMA, **plain(snapshot)}
    if not snapshot.story.stale_hours:
        del content["story"]["stale_hours"]
    return rfc8785.dumps(content).decode()


def from_json(text: str) -> Snapshot:
    """
    The snapshot that `to_json` wrote. Raises `UnknownSchema` for a version this release cannot read.

    >>> from_json('{"schema": 99}')
    Traceback (most recent call last):
    articles.snapshot.UnknownSchema: This edition was stored with schema 99; this release reads 1.
    """
    schema = _schema.decode(text).schema
    if schema != SCHEMA:
        raise UnknownSchema(f"This edition was stored with schema {schema}; this release reads {SCHEMA}.")
    return _stored.decode(text)


def timestamp(moment: datetime) -> str:
    """
    RFC 3339 in UTC, to the microsecond.

    >>> timestamp(datetime(2026, 4, 15, 9, 10, tzinfo=UTC))
    '2026-04-15T09:10:00.000000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value):
    """A part or a field of one as JSON has it."""
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def read(kind: type, value):
    """What `plain` was given, a part or a field of one; raises `msgspec.ValidationError` for anything else."""
    return msgspec.convert(value, kind)


class _Schema(msgspec.Struct):
    schema: int


_schema, _stored = msgspec.json.Decoder(_Schema), msgspec.json.Decoder(Snapshot)
