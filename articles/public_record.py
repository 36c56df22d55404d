"""What anybody needs to verify the editions of a story: the chain of hashes, as plain data."""

from django.urls import reverse

from . import frame
from .models import Revision
from .snapshot import timestamp

EDITIONS_ON_PAGE = 1_000


def history_page(newest: Revision, after: int) -> dict:
    """The editions behind number `after`, oldest first, as many as one page has, and where the next page is."""
    address = frame.absolute(newest.article.get_absolute_url())
    editions = newest.article.revisions.readable().filter(number__gt=after).order_by("number")
    # Only a story of which a correction is withheld has editions that repeat it.
    unread = [] if newest.untold else ["snapshot"]
    editions = editions.select_related("withholding").defer(*unread, "changes", "private_note")
    rows = list(editions[:EDITIONS_ON_PAGE])
    before = newest.article.revisions.filter(number=after).values_list("chain_hash", flat=True).first() or ""
    previous = [before, *(edition.chain_hash for edition in rows)]
    has_more = bool(rows) and rows[-1].number < newest.number
    return {
        "story": address,
        "recipe": frame.absolute(reverse("articles:standards")),
        "editions": [_row(*row, newest, address) for row in zip(rows, previous, strict=False)],
        "next": f"{address}history.json?after={rows[-1].number}" if has_more else None,
    }


def _row(edition: Revision, previous: str, newest: Revision, address: str) -> dict:
    """
    The SHA-256 of `record`, as canonical JSON, is `chain`; that of the bytes is the record's `content`. They are
    given out no more once they say what is withheld.
    """
    withholding = getattr(edition, "withholding", None)
    edition.untold = newest.untold
    is_silent = withholding or (newest.untold and edition.repeated)
    return {
        "record": edition.record(previous),
        "chain": edition.chain_hash,
        "bytes": None if is_silent else f"{address}revisions/{edition.number}/edition.json",
        "withheld": withholding
        and {"reason": withholding.get_category_display(), "at": timestamp(withholding.withheld_at)},
    }
