"""How templates show what a story says: times with their zone, the HTML of a section, the files of a photo."""

import functools
from datetime import UTC, date, datetime

from django.core.files.storage import default_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_default_timezone

from . import languages, renditions, richtext
from .kinds import Kind
from .snapshot import Photo

# In characters.
LONGEST_IN_LARGE_TYPE = 80


@functools.lru_cache(maxsize=4096)
def clock(moment: datetime) -> SafeString:
    """A time for people and machines: in the newsroom's zone, with the zone's name."""
    local = moment.astimezone(get_default_timezone())
    shown = f"{local.day} {local:%B %Y, %H:%M} {_zone(local)}"
    return format_html('<time datetime="{}">{}</time>', machine(moment), shown)


@functools.lru_cache(maxsize=4096)
def machine(moment: datetime) -> str:
    """A time for machines (RFC 3339), in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@functools.lru_cache(maxsize=4096)
def day(iso: str) -> SafeString:
    """A calendar date (ISO 8601) for people and machines."""
    moment = date.fromisoformat(iso)
    return format_html('<time datetime="{}">{}</time>', iso, f"{moment.day} {moment:%B %Y}")


def foreign(language: str) -> SafeString:
    """What an element in this language says of it where the page is in English: nothing if it is in English too."""
    if languages.is_same(language, "en"):
        return SafeString()
    return format_html(' lang="{}" dir="{}"', language, languages.direction(language))


def long(headline: str) -> SafeString:
    """What the element of a headline says if it would fill a screen in the largest type."""
    return SafeString(" data-is-long" if len(headline) > LONGEST_IN_LARGE_TYPE else "")


def kind(name: str) -> str:
    """What a kind of change is called."""
    return Kind(name).label


def rich(html: str) -> SafeString:
    """The HTML of a section; nothing of what cannot be cleaned."""
    try:
        return SafeString(richtext.clean_again(html))
    except richtext.RichTextRefused:
        return SafeString()


def plain_text(html: str) -> str:
    """The words of a section's HTML, with an empty line between its blocks."""
    return richtext.text_of(html).replace("\n", "\n\n")


def picture_of(photo: Photo) -> renditions.Picture:
    return renditions.picture(photo, default_storage.url(""))


def _zone(local: datetime) -> str:
    """The zone's name; a zone that has only a number is told by it, as UTC+03."""
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name
