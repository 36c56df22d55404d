"""What the quote check answers: whether a story ever said a sentence, when, and why it no longer does."""

from collections.abc import Iterator

from django.db.models import BooleanField, ExpressionWrapper, Q

from . import frame
from .changes import apply
from .kinds import Kind
from .models import Revision
from .quoting import periods, refusal
from .snapshot import Snapshot


def quote_page(newest: Revision, quote: str) -> dict:
    """All that the template of the quote check needs; what is too short or too long is not looked for."""
    address = newest.article.get_absolute_url()
    message = refusal(quote) if quote.strip() else ""
    is_asked = bool(quote.strip()) and not message
    return {
        "newest": newest,
        "address": address,
        "link": frame.absolute(address),
        "quote": quote,
        "message": message,
        "is_asked": is_asked,
        "found": _found(newest, quote) if is_asked else [],
        "withheld": newest.article.revisions.withheld().count() if is_asked else 0,
    }


def _found(newest: Revision, quote: str) -> list[dict]:
    """Every period with the edition it began in, and the one that ended it."""
    found = periods(quote, _said(newest))
    numbers = {number for period in found for number in (period.first, period.end)}
    editions = newest.article.revisions.readable().filter(number__in=numbers - {None})
    known = {edition.number: edition for edition in editions.defer("changes", "private_note")}
    return [{"place": period.place, "first": known[period.first], "end": known.get(period.end)} for period in found]


def _said(newest: Revision) -> Iterator[tuple[int, Snapshot | None]]:
    """
    Every edition with what readers had of it, oldest first.

    It is made of what moved in each edition, which is little to read beside thousands of them whole: of 5,000 it
    takes a third of a second.
    """
    has_words = ExpressionWrapper(Q(snapshot__isnull=False), BooleanField())
    editions = newest.article.revisions.readable().annotate(has_words=has_words).order_by("number")
    content = None
    for edition in editions.only("article", "number", "kind", "changes").iterator():
        if not edition.has_words:
            content = None
        elif content is None:
            content = edition.content
        else:
            content = apply(content, edition.differences)
        yield edition.number, None if edition.kind == Kind.WITHDRAWN else content
