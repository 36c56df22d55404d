"""What a text may hold: the guard and the allow-list for editor HTML, and only characters that can be seen."""

import re
import unicodedata

import nh3

from .blocks import blocks

LARGEST = 512 * 1024
DEEPEST = 256

# What it takes to clean any text until it stays as it is; nothing we know needs more than three.
MOST_PASSES = 6


class RichTextRefused(ValueError):
    """The text cannot be saved; the message tells an editor why and what to do."""


def clean(html: str) -> str:
    """
    Editor HTML with nothing left in it but what a section may hold; cleaning it again changes nothing.

    Paragraphs, headings, lists, quotes, tables, bold, italic and links to http, https and mailto stay. A link
    that is relative or of another scheme leaves its words behind. Raises `RichTextRefused` for more than 512 KB
    of UTF-8 or 256 levels of nesting, before the HTML is parsed: parsing takes the square of the depth.

    >>> clean('<div><b>Rome</b>, <a href="javascript:alert(1)">April</a></div>')
    '<p><strong>Rome</strong>, April</p>'
    """
    size = _size(html)
    if size > LARGEST:
        raise RichTextRefused(
            f"This text has {-(-size // 1024):,} KB with its formatting; {LARGEST // 1024} KB can be saved. "
            "Shorten it, split it into several sections or paste it as plain text."
        )
    _refuse_deep(html)
    for _ in range(MOST_PASSES):
        cleaned = _clean_once(html)
        if cleaned == html:
            return cleaned
        html = cleaned
    raise RichTextRefused("The formatting of this text cannot be made safe. Paste it as plain text.")


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


# The depth guard. It never counts less than about half of what a browser's parser would nest: an end tag counts
# only where it certainly closes what is open, and whatever is not a plain tag (a broken one, markup inside an
# attribute or a comment) counts as one level that never ends.

_SPACE = r"[ \t\n\f\r]"
_ATTRIBUTE = rf"""{_SPACE}++[a-zA-Z_:][-\w:.]*+(?:=(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>=`]++))?+"""
_TAG = re.compile(
    rf"<!--[^<>]*+(?<=--)>"
    rf"|<(?P<opened>[a-zA-Z][a-zA-Z0-9]*+)(?:{_ATTRIBUTE})*+{_SPACE}*+/?>"
    rf"|</(?P<closed>[a-zA-Z][a-zA-Z0-9]*+){_SPACE}*+>"
    rf"|<(?P<odd>[a-zA-Z/!?])",
    re.ASCII,
)
_VOID = {"br", "hr", "img"}
_CLOSED_BY_THE_NEXT = {"p", "li"}


def _refuse_deep(html: str) -> None:
    if html.count("<") <= DEEPEST:
        return
    open_tags: list[str] = []
    for tag in _TAG.finditer(html):
        if tag["closed"]:
            _close(open_tags, tag["closed"].lower())
        elif tag["opened"] or tag["odd"]:
            _open(open_tags, (tag["opened"] or tag["odd"]).lower())
        if len(open_tags) > DEEPEST:
            raise RichTextRefused(
                f"The formatting of this text is nested more than {DEEPEST} levels deep. Paste it as plain text."
            )


def _open(open_tags: list[str], name: str) -> None:
    is_implied_end = name in _CLOSED_BY_THE_NEXT and open_tags[-1:] == [name]
    if name not in _VOID and not is_implied_end:
        open_tags.append(name)


def _close(open_tags: list[str], name: str) -> None:
    for back in range(1, min(len(open_tags), 3) + 1):
        if open_tags[-back] == name:
            del open_tags[-back:]
        elif open_tags[-back] in _CLOSED_BY_THE_NEXT:
            continue
        return


def text_of(html: str) -> str:
    """
    The words of cleaned HTML, a line for each block.

    >>> text_of("<h3>Rome</h3><ul><li>one</li><li>two</li></ul>")
    'Rome\\none\\ntwo'
    """
    return "\n".join(block.text for block in blocks(html))


def word_count(html: str) -> int:
    """How many words of cleaned HTML stand between white space."""
    return len(text_of(html).split())
