"""What a reader is told who last read an earlier edition: why the story changed since, and which words."""

from .change_log_page import in_order, tell
from .changes import compare
from .models import Revision

NOTES_IN_ALL = 8


def since_page(edition: Revision, newest: Revision) -> dict:
    """All that the template needs to tell how the story came from `edition` to the `newest` one."""
    changes = compare(edition.content, newest.content)
    verified = [change for change in changes if change.what == "verification"]
    others = [change for change in changes if change.what != "verification"]
    notes = _notes(edition, newest)
    return {
        "edition": edition,
        "newest": newest,
        "address": newest.article.get_absolute_url(),
        "language": newest.content.story.language,
        "notes": notes[:NOTES_IN_ALL],
        "earlier": notes[NOTES_IN_ALL - 1].number if len(notes) > NOTES_IN_ALL else None,
        "verified": tell(verified, newest.content),
        **in_order(others, newest.content),
    }


def _notes(edition: Revision, newest: Revision) -> list[Revision]:
    """The newest substantive editions after this one, as their kind and note; one more than are shown."""
    editions = newest.article.revisions.readable().substantive().filter(number__gt=edition.number)
    told = editions.order_by("-number").only("article", "number", "kind", "note", "published_at")
    return list(told[: NOTES_IN_ALL + 1])
