"""What a section or a plain field may hold, whatever was typed, pasted or forged."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import richtext
from articles.richtext import RichTextRefused, clean, clean_text, text_of, word_count

PLAIN_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "h3", "h4"} | {
    "table",
    "thead",
    "tbody",
    "tr",
}
CELL = {"colspan", "rowspan"}
ALLOWED = {**dict.fromkeys(PLAIN_TAGS, frozenset()), "a": {"href", "rel"}, "td": CELL, "th": {*CELL, "scope"}}

TAGS = [
    *ALLOWED,
    "b",
    "i",
    "h1",
    "div",
    "span",
    "svg",
    "math",
    "style",
    "select",
    "noscript",
    "template",
    "mtext",
    "title",
]
SCRAPS = [
    *(f"<{tag}>" for tag in TAGS),
    *(f"</{tag}>" for tag in TAGS),
    *(
        "<a href='https://example.org/a?b=1&c=2'>",
        "<a href=javascript:alert(1)>",
        "<a name=top>",
        "<p onclick=alert(1)>",
    ),
    *(
        "<img src=x onerror=alert(1)>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        '<p title="',
        '">',
        "<",
        ">",
        "&",
        "&lt;b&gt;",
    ),
    *(
        "&#0;",
        "&#x202e;",
        "&#769;",
        "&#824;",
        "\u202e",
        "\x00",
        "\u0301",
        "\u00ad",
        "\r\n",
        "\u2028",
        "&nbsp;",
        " ",
    ),
    *("Rome", "two words", "é", "🇺🇦"),
]
soup = st.lists(st.sampled_from(SCRAPS), max_size=25).map("".join)


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data):
        self.found.append(("comment", {}))

    handle_decl = handle_pi = unknown_decl = handle_comment


@given(soup)
def test_cleaning_twice_is_cleaning_once(html):
    assert clean(clean(html)) == clean(html)


@given(soup)
def test_nothing_but_the_allowed_comes_out(html):
    for tag, attributes in Tags(clean(html)).found:
        assert attributes.keys() <= ALLOWED[tag]
        assert attributes.get("href", "https:").startswith("https:")


@given(st.text())
def test_plain_text_is_clean_once_cleaned_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)


@given(st.text())
def test_any_text_that_is_escaped_is_kept_as_text(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert text_of(clean(f"<p>{escaped}</p>")).split() == clean_text(text).split()


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("<p>In <b>Rome</b> on <i>Tuesday</i></p>", "<p>In <strong>Rome</strong> on <em>Tuesday</em></p>"),
        ("<div>One</div><div>Two</div>", "<p>One</p><p>Two</p>"),
        ("<h1>Key details</h1><h5>Aside</h5>", "<h3>Key details</h3><h4>Aside</h4>"),
        ('<p class="MsoNormal" style="color:red" title="x" lang="en" id="y">Word<o:p></o:p></p>', "<p>Word</p>"),
        ("<p>One</p><p>&nbsp;</p><p><br></p><p>Two</p>", "<p>One</p><p>Two</p>"),
        ("<script>alert(1)</script><style>p{}</style><p>Text</p>", "<p>Text</p>"),
        ("<p>Look: <img src='https://example.org/pixel.gif'>here</p>", "<p>Look: here</p>"),
        ('<a name="top">Top</a>', "Top"),
        (
            "<table><tr><td colspan='2' onclick='x()'>a</td><th scope='row' rowspan='999'>b</th></tr></table>",
            '<table><tbody><tr><td colspan="2">a</td><th scope="row">b</th></tr></tbody></table>',
        ),
        ("<p>cafe\u0301 and e&#x301;</p>", "<p>café and é</p>"),
        ("<p>&#824;x</p>", "<p>\u0338x</p>"),
        ("<p>a&shy;b\u200bc\u202ed\u2066e\x00f</p>", "<p>abcdef</p>"),
        ("<p>👨‍👩‍👧 می‌خواهم \u200fשלום 🏴󠁧󠁢󠁥󠁮󠁧󠁿</p>", "<p>👨‍👩‍👧 می‌خواهم \u200fשלום 🏴󠁧󠁢󠁥󠁮󠁧󠁿</p>"),
        ("", ""),
    ],
)
def test_a_paste_keeps_its_words_and_structure_and_loses_the_rest(pasted, kept):
    assert clean(pasted) == kept


@pytest.mark.parametrize(
    "href",
    [
        *(
            "https://example.org/a",
            "http://example.org/?a=1&amp;b=2#c",
            "mailto:desk@example.org",
            "HTTPS://EXAMPLE.ORG",
        ),
    ],
)
def test_links_to_http_https_and_mailto_stay(href):
    assert clean(f'<a href="{href}">x</a>') == f'<a href="{href}" rel="noopener noreferrer">x</a>'


@pytest.mark.parametrize(
    "href",
    [
        *(
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "java\nscript:1",
        ),
        *(
            "java\x00script:alert(1)",
            "java&#0;script:alert(1)",
            "java&Tab;script:alert(1)",
            "java&#x202e;script:alert(1)",
        ),
        *(
            "&#106;avascript:alert(1)",
            "javascript&colon;alert(1)",
            "\x01javascript:alert(1)",
            "java\u00adscript:alert(1)",
        ),
        *(
            "vbscript:msgbox(1)",
            "data:text/html,<script>alert(1)</script>",
            "file:///etc/passwd",
            "tel:110",
            "blob:x",
        ),
        *("//evil.example/x", "/relative", "relative", "?query", "#fragment", "", "\\\\evil.example"),
    ],
)
def test_any_other_link_leaves_only_its_words(href):
    assert clean(f'<a href="{href}">the words</a>') == "the words"


@pytest.fixture
def parsed(monkeypatch):
    """What reached the parser."""
    reached = []
    monkeypatch.setattr(richtext, "_clean_once", lambda html: reached.append(html) or html)
    return reached


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 200_000,
        "x" * (512 * 1024 + 1),
        "я" * (256 * 1024 + 1),
    ],
    ids=["a megabyte of unclosed div", "a byte too long", "two bytes a letter"],
)
def test_a_text_that_is_too_long_is_refused_before_it_is_parsed(parsed, html):
    with pytest.raises(RichTextRefused, match="512 KB can be saved"):
        clean(html)

    assert parsed == []


@pytest.mark.parametrize("level", ["<div>", "<DIV CLASS='a'>", "<div/>", "<x-y>", "<div a'>", "<p><b>", "<a\n"])
def test_a_text_that_is_nested_too_deep_is_refused_before_it_is_parsed(parsed, level):
    with pytest.raises(RichTextRefused, match="256 levels deep"):
        clean(level * 257)

    assert parsed == []


def test_a_text_with_too_many_tags_is_refused_before_it_is_parsed(parsed):
    with pytest.raises(RichTextRefused, match="5,001 tags; 5,000 can be saved"):
        clean("<table>" + "<br>" * 5_000)

    assert parsed == []


@pytest.mark.parametrize("level", ["<blockquote></x>", '<blockquote title="</i>">', "<blockquote><!--</i>-->"])
def test_depth_hidden_from_the_count_is_refused_when_it_shows(level):
    with pytest.raises(RichTextRefused, match="256 levels deep"):
        clean(level * 1_000)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 256 + "deep",
        "<p>a<br>b</p><p>c</p>" * 1_000,
        "<p>never closed " * 2_000,
        "<ul><li>one<li>two</ul>" * 1_000,
        "<blockquote><p>quoted</blockquote>" * 1_000,
        "<table>" + "<tr><td><p>1</p></td><td>2</td></tr>" * 600 + "</table>",
        "<table>" + "<tr><td>1<td>2" * 1_000 + "</table>",
        "<p>" + '<a href="https://example.org/?a=1&b=2" target=_blank>link</a> <!-- note --> ' * 1_000 + "</p>",
    ],
)
def test_a_long_but_flat_text_is_not_refused(html):
    assert clean(html)


@pytest.mark.parametrize("cleaner", [clean, clean_text])
def test_half_a_character_is_refused_with_the_place_to_look_at(cleaner):
    with pytest.raises(RichTextRefused, match="half a character after “signed in Rome”"):
        cleaner("The deal was signed in Rome \ud83d")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Rome\x00\x07 ", "Rome"),
        ("safe \u202egnp.exe\u202c", "safe gnp.exe"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("cafe\u0301", "café"),
        ("🇺🇦 👩🏽‍🚀", "🇺🇦 👩🏽‍🚀"),
        ("\u200b \u00ad", ""),
        ("<b>5 < 6 & so</b>", "<b>5 < 6 & so</b>"),
    ],
)
def test_a_plain_field_keeps_what_can_be_seen(typed, kept):
    assert clean_text(typed) == kept


def test_the_text_of_html_is_its_words_a_line_for_each_block():
    html = clean(
        "<h3>Key  details</h3><p>In <b>Ro</b>me,<br>at &lt;noon&gt;</p>tail<ul><li>one<ul><li>two</li></ul></li>"
        "</ul><table><tr><th></th><th>Jobs</th></tr><tr><td><p>Italy</p><p>North</p></td><td>5</td></tr></table>"
    )

    assert text_of(html) == "Key details\nIn Rome,\nat <noon>\ntail\none\ntwo\n\tJobs\nItaly\nNorth\t5"
    assert word_count(html) == 13
    assert word_count("") == 0
