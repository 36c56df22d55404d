"""Which key points have not been confirmed for longer than their story's format allows, as of a moment."""

from datetime import datetime, timedelta

from .models import Revision
from .snapshot import KeyPoint, Pace, Snapshot, Verification

# When the key points of an edition turn stale, by its chain hash: the page is asked for more often than it is read.
_known: dict[str, list[datetime]] = {}
MOST_KNOWN = 1_000
# As the canonical JSON has it; in a text the quotation marks would be escaped.
_MARKS_STALE = '"stale_hours":'


def stale_count(edition: Revision, now: datetime) -> int:
    """How many key points of the edition are stale: what the page depends on beside the edition itself."""
    if _MARKS_STALE not in edition.snapshot:
        return 0
    moments = _known.get(edition.chain_hash)
    if moments is None:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        turns = [turns_stale(edition.content, point) for point in edition.content.key_points]
        moments = _known[edition.chain_hash] = [moment for moment in turns if moment]
    return sum(moment <= now for moment in moments)


def is_stale(content: Snapshot, point: KeyPoint, now: datetime) -> bool:
    turns = turns_stale(content, point)
    return turns is not None and turns <= now


def turns_stale(content: Snapshot, point: KeyPoint) -> datetime | None:
    """When; None for never, as of a point that is withdrawn or of a story that is settled."""
    hours = content.story.stale_hours
    if not hours or content.story.pace == Pace.SETTLED or point.verification == Verification.WITHDRAWN:
        return None
    return point.as_of + timedelta(hours=hours)
