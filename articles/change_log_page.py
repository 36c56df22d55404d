"""What a change log says: every edition of a story, newest first, with what moved in it."""

from collections import Counter
from itertools import groupby

from . import frame
from .models import Revision

TOP = ("headline", "lead")


def change_log_page(newest: Revision, editions: list[Revision]) -> dict:
    """All that the template of a change log needs, for some of the story's `editions`, newest first."""
    address = newest.article.get_absolute_url()
    return {
        "newest": newest,
        "address": address,
        "link": frame.absolute(f"{address}changes/"),
        "groups": [
            _group(is_folded, list(group))
            for is_folded, group in groupby(editions, key=lambda edition: edition.rule.is_folded)
        ],
        "is_older": editions[0].number < newest.number,
        "older": editions[-1].number if editions[-1].number > 1 else None,
    }


def _group(is_folded: bool, editions: list[Revision]) -> dict:
    return {
        "is_folded": is_folded,
        "rows": [_row(edition) for edition in editions],
        "kinds": Counter(edition.rule.label.lower() for edition in editions),
    }


def _row(edition: Revision) -> dict:
    """One edition: how headline and lead moved, and the other parts. The first has nothing to be compared with."""
    changes = edition.differences if edition.number > 1 else ()
    return {
        "edition": edition,
        "kind": edition.rule.label,
        "top": [change for change in changes if change.part in TOP],
        "others": [change for change in changes if change.part not in TOP],
    }
