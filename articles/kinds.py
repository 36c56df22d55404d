"""The kinds of change an edition can be, and everything that follows from the kind. One table, read by everyone."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Note(Enum):
    """Whether an edition of this kind carries a public note."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class Live(Enum):
    """What a reader with the page open is told."""

    PROMPT = "prompt"
    SILENT = "silent"


class Kind(StrEnum):
    """What kind of change an edition is. The editor decides; the desk suggests one from the diff."""

    FIRST = "first"
    DEVELOPMENT = "development"
    TIGHTENED = "tightened"
    CORRECTION = "correction"
    CLARIFICATION = "clarification"
    TYPO = "typo"
    RECONFIRMED = "reconfirmed"
    SETTLED = "settled"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"

    @property
    def rule(self) -> "Rule":
        return RULES[self]

    @property
    def label(self) -> str:
        return self.rule.label


@dataclass(frozen=True)
class Rule:
    """
    What one kind means.

    moves_updated: the page's "updated" time moves, as this is substance.
    is_folded: the change log folds it away.
    in_feed, in_mail: the change is told there.
    has_box: it writes a `Correction`, shown in the correction box.
    needs_change: publishing it with nothing changed is refused.
    """

    label: str
    note: Note
    moves_updated: bool
    is_folded: bool
    in_feed: bool
    in_mail: bool
    live: Live
    has_box: bool = False
    needs_change: bool = True


# fmt: off
RULES = {
    #                         label              note           updated folded feed   mail   live
    Kind.FIRST:          Rule("First report",    Note.OPTIONAL, True,  False, True,  True,  Live.PROMPT, needs_change=False),
    Kind.DEVELOPMENT:    Rule("New development", Note.REQUIRED, True,  False, True,  True,  Live.PROMPT),
    Kind.TIGHTENED:      Rule("Tightened",       Note.OPTIONAL, True,  False, False, False, Live.PROMPT),
    Kind.CORRECTION:     Rule("Correction",      Note.REQUIRED, True,  False, True,  True,  Live.PROMPT, has_box=True, needs_change=False),
    Kind.CLARIFICATION:  Rule("Clarification",   Note.REQUIRED, True,  False, True,  False, Live.PROMPT, has_box=True, needs_change=False),
    Kind.TYPO:           Rule("Typo",            Note.NONE,     False, True,  False, False, Live.SILENT),
    Kind.RECONFIRMED:    Rule("Re-confirmed",    Note.NONE,     False, True,  False, False, Live.SILENT, needs_change=False),
    Kind.SETTLED:        Rule("Settled",         Note.REQUIRED, True,  False, True,  True,  Live.PROMPT, needs_change=False),
    Kind.REOPENED:       Rule("Reopened",        Note.REQUIRED, True,  False, True,  True,  Live.PROMPT, needs_change=False),
    Kind.WITHDRAWN:      Rule("Withdrawn",       Note.REQUIRED, True,  False, True,  True,  Live.PROMPT, needs_change=False),
}
# fmt: on


def kinds_after(newest: Kind | None, is_settled: bool = False) -> tuple[Kind, ...]:
    """
    The kinds the next edition may be, given the newest one's kind (None before the first).

    >>> kinds_after(None)
    (<Kind.FIRST: 'first'>,)
    >>> kinds_after(Kind.WITHDRAWN)
    (<Kind.REOPENED: 'reopened'>,)
    """
    if newest is None:
        return (Kind.FIRST,)
    if newest == Kind.WITHDRAWN:
        return (Kind.REOPENED,)
    closed = {Kind.FIRST, Kind.SETTLED if is_settled else Kind.REOPENED}
    return tuple(kind for kind in Kind if kind not in closed)
