"""What a change log says: the editions of a story, newest first, with what moved in each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from . import frame
from .changes import Change
from .html_wording import BlockChange
from .kinds import Kind
from .models import Revision
from .snapshot import Citation, Correction, Snapshot
from .wording import Piece, word_diff

TOP = ("headline", "lead")
# Of a change in one of these the words alone say which part it is about.
_SAYS_ITS_NAME = ("", "text", "heading")
_BLOCKS = {"p": "a paragraph", "h3": "a heading", "h4": "a heading", "li": "a list item", "tr": "a table row"}
_FACTS = {
    "moved": "Moved within the section",
    "split": "Now a paragraph of its own",
    "joined": "Now part of the paragraph beside it",
}


def change_log_page(newest: Revision, editions: list[Revision]) -> dict:
    """What the template of a change log needs to show some of the story's `editions`, newest first."""
    address = newest.article.get_absolute_url()
    groups = groupby(editions, key=lambda edition: edition.rule.is_folded)
    withheld = set(newest.article.revisions.withheld().values_list("number", flat=True))
    return {
        "newest": newest,
        "address": address,
        "link": frame.absolute(f"{address}changes/"),
        "groups": [_group(is_folded, list(group), withheld) for is_folded, group in groups],
        "older": editions[-1].number if editions[-1].number > 1 else None,
    }


def _group(is_folded: bool, editions: list[Revision], withheld: set[int]) -> dict:
    """Editions that stand together: each for itself, or folded under a line that tells their kinds and times."""
    kinds = Counter(edition.rule.label for edition in editions)
    last = {edition.rule.label: edition.published_at for edition in reversed(editions)}
    return {
        "is_folded": is_folded,
        "first": editions[-1].number,
        "last": editions[0].number,
        "kinds": [{"kind": kind, "count": count, "last_at": last[kind]} for kind, count in kinds.items()],
        "rows": [_row(edition, withheld) for edition in editions],
    }


def _row(edition: Revision, withheld: set[int]) -> dict:
    """One edition and what moved in it. The first is compared with nothing, a withheld one has nothing to show."""
    changes = edition.differences if edition.number > 1 and not edition.is_withheld else ()
    # Most rows do without the whole edition, which is not read then.
    needs_all = any(change.what == "citations" for change in changes)
    return {
        "edition": edition,
        "kind": edition.rule.label,
        "is_withdrawal": edition.kind == Kind.WITHDRAWN,
        "follows_withheld": edition.number - 1 in withheld,
        **in_order(changes, edition.content if needs_all else None),
    }


def in_order(changes: Sequence[Change], after: Snapshot | None) -> dict:
    """Changes as `tell` has them, as a page orders them: what was corrected, how the top moved, and the rest."""
    shown = list(zip(changes, tell(changes, after), strict=True))
    return {
        "corrections": [told.correction for _, told in shown if told.correction],
        "top": [told for change, told in shown if change.part in TOP],
        "others": [told for change, told in shown if change.part not in TOP and not told.correction],
    }


@dataclass(frozen=True)
class Told:
    """One change as a page shows it; of the kinds of what moved, one has something to say."""

    label: str
    name: str = ""
    pieces: Sequence[Piece] = ()
    blocks: Sequence[dict] = ()
    places: tuple[int, int] | None = None
    times: tuple[datetime, datetime] | None = None
    correction: Correction | None = None


def tell(changes: Sequence[Change], after: Snapshot | None) -> list[Told]:
    """Changes as a page shows them; `after` is what they lead to, needed where a key point cites other sources."""
    cited = {
        **{change.id: change.before for change in changes if change.part == "citation" and change.before},
        **{citation.id: citation for citation in (after.citations if after else ())},
    }
    return [_told(change, cited) for change in changes]


def _told(change: Change, cited: dict[str, Citation]) -> Told:
    says_its_name = change.id is None or change.field in _SAYS_ITS_NAME
    told = Told(change.label, "" if says_its_name else change.name)
    if change.part == "correction":
        return replace(told, correction=change.after)
    if change.what == "moved":
        return replace(told, name=change.name, places=(change.before, change.after))
    if change.what == "as_of":
        return replace(told, times=(change.before, change.after))
    if change.what == "citations":
        return replace(told, pieces=_publishers(change, cited))
    if change.what == "verification":
        return told
    blocks = [{"fact": _fact(block), "pieces": block.pieces} for block in change.blocks if block.kind != "same"]
    return replace(told, pieces=change.pieces, blocks=blocks)


def _fact(block: BlockChange) -> str:
    """What became of a paragraph, where its words alone do not say it."""
    if block.is_recast:
        return f"Now {_BLOCKS.get(block.block.tag, 'a quotation')}"
    return _FACTS.get(block.kind, "")


def _publishers(change: Change, cited: dict[str, Citation]) -> list[Piece]:
    """The sources of a key point before and after, by name."""
    before, after = (
        ", ".join(cited[id].source.publisher if cited[id].source else "a source known to the editors" for id in ids)
        for ids in (change.before, change.after)
    )
    return word_diff(before, after)
