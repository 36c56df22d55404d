"""What a text may hold: the guard and the allow-list for editor HTML, and only characters that can be seen."""

import re
import unicodedata
from functools import lru_cache

import nh3

from .blocks import blocks

# nh3 takes the square of the nesting depth, and of what is misplaced in a table: 1 MB of "<div>" took it 225 s.
# Depth is counted as honest HTML nests; what is forged to deceive the count still has to do with so many tags,
# and the worst known 5,000 take 0.07 s.
LARGEST = 512 * 1024
MOST_TAGS = 5_000
DEEPEST = 256

# What it takes to clean any text until it stays as it is; nothing we know needs more than three.
MOST_PASSES = 6


class RichTextRefused(ValueError):
    """The text cannot be saved; the message tells an editor why and what to do."""


def clean(html: str) -> str:
    """
    Editor HTML with nothing left in it but what a section may hold; cleaning it again changes nothing.

    Paragraphs, headings, lists, quotes, tables, bold, italic and links to http, https and mailto stay. A link
    that is relative or of another scheme leaves its words behind. Raises `RichTextRefused`, before it is parsed,
    for HTML of more than 512 KB (in UTF-8), 5,000 tags or 256 levels.

    >>> clean('<div><b>Rome</b>, <a href="javascript:alert(1)">April</a></div>')
    '<p><strong>Rome</strong>, April</p>'
    """
    _refuse_large(html)
    for _ in range(MOST_PASSES):
        _refuse_deep(html)
        cleaned = _clean_once(html)
        if cleaned == html:
            return cleaned
        html = cleaned
    raise RichTextRefused("The formatting of this text cannot be made safe. Paste it as plain text.")


def clean_again(html: str) -> str:
    """
    What `clean` has passed, held to the allow-list once more on its way to readers; it takes a fifth of the time.

    Raises `RichTextRefused` as `clean` does: then somebody has written past it.

    >>> clean_again("<p>Rome</p><script>alert(1)</script>")
    '<p>Rome</p>'
    """
    _refuse_large(html)
    _refuse_deep(html)
    return _CLEANER.clean(html)


def _refuse_large(html: str) -> None:
    size, tags = -(-_size(html) // 1024), html.count("<")
    if size > LARGEST // 1024:
        raise RichTextRefused(
            f"This text has {size:,} KB with its formatting; {LARGEST // 1024} KB can be saved. "
            "Shorten it, split it into several sections or paste it as plain text."
        )
    if tags > MOST_TAGS:
        raise RichTextRefused(
            f"The formatting of this text has {tags:,} tags; {MOST_TAGS:,} can be saved. "
            "Split it into several sections or paste it as plain text."
        )


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# They hold nothing, or one ends where the next begins.
_FLAT = {"br", "hr", "img", "col", "p", "li", "tr", "td", "th"}


def _refuse_deep(html: str) -> None:
    if html.count("<") <= DEEPEST:
        return
    depth = 0
    for is_end, name in _TAG.findall(html):
        if name.lower() in _FLAT:
            continue
        depth = max(0, depth - 1) if is_end else depth + 1
        if depth > DEEPEST:
            raise RichTextRefused(
                f"The formatting of this text is nested more than {DEEPEST} levels deep. Paste it as plain text."
            )


def clean_text(text: str) -> str:
    """
    Plain text without what nobody can see (control, direction-override and zero-width characters), composed
    (NFC) and trimmed. Joiners, direction marks and emoji stay. Raises `RichTextRefused` for half a character.

    >>> clean_text("Rome\\u202e\\x00  ")
    'Rome'
    """
    _size(text)
    return unicodedata.normalize("NFC", _visible(text)).strip()


def _size(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        before = text[: error.start].split()[-3:]
        where = f"after “{' '.join(before)}”" if before else "at its beginning"
        raise RichTextRefused(
            f"This text has half a character {where}, often what is left of an emoji. "
            "Delete it there and type it again."
        ) from error


# Left-to-right and right-to-left marks stay, as Arabic and Hebrew need them; overrides and isolates can make
# a text read as something it is not. The rest is what XML forbids and what comes along when text is pasted.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", _LINE_END.sub("\n", text))


# The allow-list.

_SPANS = {str(number) for number in range(1, 100)}
_CELL = {"colspan": _SPANS, "rowspan": _SPANS}
_CLEANER = nh3.Cleaner(
    tags={
        *("p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "h3", "h4"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    },
    clean_content_tags={"script", "style", "title", "template", "svg", "math"},
    attributes={"*": set(), "a": {"href"}},
    tag_attribute_values={"td": _CELL, "th": {**_CELL, "scope": {"row", "col", "rowgroup", "colgroup"}}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer",
)
_RENAMED = {
    "b": "strong",
    "i": "em",
    **dict.fromkeys(["h1", "h2"], "h3"),
    **dict.fromkeys(["h5", "h6"], "h4"),
    **dict.fromkeys(["div", "section", "article", "pre", "dt", "dd", "address", "figcaption"], "p"),
}
_OTHER_NAME = re.compile(rf"(</?)({'|'.join(_RENAMED)})(?=[\s/>])", re.IGNORECASE)
_LINK_TO_NOWHERE = re.compile(r'<a rel="noopener noreferrer">(.*?)</a>', re.DOTALL)
_EMPTY_PARAGRAPH = re.compile(r"<p>(?:\s|&nbsp;|<br>)*+</p>")


def _clean_once(html: str) -> str:
    html = _OTHER_NAME.sub(lambda tag: tag[1] + _RENAMED[tag[2].lower()], _visible(html))
    html = _LINK_TO_NOWHERE.sub(r"\1", _CLEANER.clean(html))
    return _EMPTY_PARAGRAPH.sub("", _composed(html)).strip()


def _composed(html: str) -> str:
    """NFC, but never of a tag's ">" with a combining mark behind it: the two would become one character."""
    if unicodedata.is_normalized("NFC", html):
        return html
    return re.sub("[^<>]+", lambda text: unicodedata.normalize("NFC", text[0]), html)


def text_of(html: str) -> str:
    """
    The words of cleaned HTML, a line for each block.

    >>> text_of("<h3>Rome</h3><ul><li>one</li><li>two</li></ul>")
    'Rome\\none\\ntwo'
    """
    return "\n".join(block.text for block in blocks(html))


@lru_cache(maxsize=256)  # While one section is typed the others stay, and several checks ask for each.
def word_count(html: str) -> int:
    """How many words of cleaned HTML stand between white space."""
    return len(text_of(html).split())
