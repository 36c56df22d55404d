"""Where a sentence stood: looked for in what every edition of a story said, however it was typed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .richtext import text_of
from .snapshot import Snapshot

# In characters. A few words stand in too many places to tell anything; a page is more than a quote.
SHORTEST, LONGEST = 20, 1_000

_QUOTES = re.compile("[\"'`´“”„‟«»‘’‚‛‹›]")
# Of text whose white space is single blanks; more would be looked at again from each of them.
_DASHES = re.compile(" ?[-\u2010-\u2015\u2212](?: ?[-\u2010-\u2015\u2212])* ?")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


@dataclass(frozen=True)
class Period:
    """A part of the page that said it, from edition `first` until edition `end` did not; None: it still does."""

    place: str
    first: int
    end: int | None


def refusal(quote: str) -> str:
    """Why this cannot be looked for, in a sentence; empty if it can."""
    # What is this long is not even looked at.
    length = len(normal(quote)) if len(quote) <= 4 * LONGEST else len(quote)
    if length < SHORTEST:
        return f"Paste a whole sentence: {SHORTEST} characters are the fewest, and this has {length}."
    if length > LONGEST:
        return f"Paste a sentence or two: {LONGEST:,} characters are the most, and this has {length:,}."
    return ""


def normal(text: str) -> str:
    """
    The text without what changes when somebody copies it: case, white space, kinds of quotation marks and dashes.

    >>> normal("“Rome  signs” — today")
    "'rome signs'-today"
    """
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return _DASHES.sub("-", _QUOTES.sub("'", " ".join(text.split()))).strip()


def periods(quote: str, editions: Iterable[tuple[int, Snapshot | None]]) -> list[Period]:
    """
    From when to when the quote stood, in which part of the page, oldest first.

    `editions` come in their order, each with what it said; None for one that readers do not have. Quotation marks
    around the quote are left out.
    """
    wanted = normal(quote).strip("' ")
    says: dict[str, tuple[str, bool]] = {}
    standing: dict[str, tuple[str, int]] = {}
    found = []
    for number, content in editions:
        places = dict(_places(content, wanted, says)) if content else {}
        for key in standing.keys() - places.keys():
            found.append(Period(*standing.pop(key), number))
        for key, place in places.items():
            standing.setdefault(key, (place, number))
    found += [Period(place, first, None) for place, first in standing.values()]
    return sorted(found, key=lambda period: (period.first, period.place))


def _places(content: Snapshot, wanted: str, says: dict[str, tuple[str, bool]]) -> Iterator[tuple[str, str]]:
    """The parts that say it, by what tells one from the other; `says` remembers of each what was looked at last."""
    for key, place, text, is_html in _texts(content):
        if key not in says or says[key][0] != text:
            says[key] = text, wanted in normal(text_of(text) if is_html else text)
        if says[key][1]:
            yield key, place


def _texts(content: Snapshot) -> Iterator[tuple[str, str, str, bool]]:
    """Every text of the page: what tells it from the others, what readers call it, and whether it is HTML."""
    story, photo = content.story, content.photo
    yield "kicker", "the line above the headline", story.kicker, False
    yield "headline", "the headline", story.headline, False
    yield "lead", "the lead", story.lead, False
    yield "why_it_matters", "“Why it matters”", story.why_it_matters, False
    for point in content.key_points:
        yield point.id, "a key point", point.text, False
        yield f"{point.id} reason", "why a key point was withdrawn", point.reason, False
    for section in content.sections:
        yield f"{section.id} heading", "the heading of a section", section.heading, False
        yield section.id, f"“{section.heading}”", section.body, True
    for correction in content.standing_corrections:
        yield f"{correction.id} wrong", "a correction, as what was wrong", correction.wrong, False
        yield f"{correction.id} right", "a correction, as what is right", correction.right, False
    for citation in content.citations:
        yield (
            f"{citation.id} title",
            "the title of a source",
            citation.source.title if citation.source else "",
            False,
        )
        yield f"{citation.id} supports", "the list of sources", citation.supports, False
    if photo:
        yield "photo", "the caption of the photo", photo.caption, False
        yield "alt", "the description of the photo", photo.alt, False
        yield "credit", "the credit of the photo", photo.credit, False
    yield "share_text", "the text to share", story.share_text, False
    yield "format_note", "“How this page is kept”", story.format_note, False
