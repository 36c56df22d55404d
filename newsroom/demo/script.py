"""What a demo story is written in. All of it is data; `loading` plays it through the verbs of the desk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from PIL import Image

from articles.kinds import Kind
from articles.publishing import Box
from articles.snapshot import Verification
from articles.workflow import Status


@dataclass(frozen=True)
class Point:
    """A key point; `cites` are names of the story's sources."""

    text: str
    verification: Verification = Verification.REPORTED
    cites: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Source:
    publisher: str
    kind: str
    title: str = ""
    url: str = ""
    language: str = "en"
    supports: str = ""
    is_primary: bool = False


@dataclass(frozen=True)
class ConfidentialSource:
    """A source known only to the editors."""

    name: str
    contact: str
    notes: str
    supports: str = ""


@dataclass(frozen=True)
class Picture:
    title: str
    draw: Callable[[], Image.Image]
    alt: str
    caption: str
    focal_point: tuple[int, int] = (50, 50)


@dataclass(frozen=True)
class Save:
    """
    What somebody writes and saves, so long `ago`. What is not named stays as it was.

    A new key point goes to the top, a new section to the end of its role; a heading that begins with > is context,
    as in `StoryFormat.headings`. A key point that is None goes.
    """

    ago: timedelta
    headline: str = ""
    lead: str = ""
    why_it_matters: str = ""
    key_points: dict[str, Point | None] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source | ConfidentialSource] = field(default_factory=dict)
    picture: Picture | None = None


@dataclass(frozen=True)
class Edition(Save):
    """What is written and then published; `reason` is the editor's for publishing in spite of a warning."""

    kind: Kind = Kind.DEVELOPMENT
    note: str = ""
    box: Box | None = None
    reason: str = ""


@dataclass(frozen=True)
class Reconfirmed:
    """Somebody asked again, and the newest edition stands."""

    ago: timedelta


@dataclass(frozen=True)
class Settled:
    ago: timedelta
    note: str


@dataclass(frozen=True)
class Story:
    """`byline` are slugs of authors, `assignee` is a username."""

    slug: str
    format: str
    byline: tuple[str, ...]
    steps: tuple[Save | Reconfirmed | Settled, ...]
    language: str = "en-gb"
    kicker: str = ""
    share_text: str = ""
    status: Status = Status.DRAFT
    assignee: str | None = None
    pin: int | None = None


@dataclass(frozen=True)
class Issue:
    """What staff wrote to all readers of a letter, so long `ago`; `stories` are slugs."""

    ago: timedelta
    subject: str
    preheader: str
    intro: str
    stories: tuple[str, ...]


@dataclass(frozen=True)
class Newsletter:
    """A topic's newsletter; `wording` is what who signs up agrees to. `readers` get it since before its issue."""

    title: str
    promise: str
    wording: str
    readers: tuple[str, ...] = ()
    issue: Issue | None = None


@dataclass(frozen=True)
class Topic:
    """`members` are usernames; with none, every reporter may work on the stories."""

    slug: str
    name: str
    description: str
    stories: tuple[Story, ...]
    members: tuple[str, ...] = ()
    newsletter: Newsletter | None = None
