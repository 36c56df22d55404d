"""Text that means harm, or only came through the wrong program: what the desk says to it, and what readers get."""

import html
import re
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from articles import richtext
from articles.models import Revision, Source
from tests import make, roads
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

CHANGE, PUBLISH = "/desk/articles/article/{}/change/", "/desk/articles/article/{}/publish/"
UNCLOSED = "<div>" * 200_000


@pytest.fixture
def chief(client_for):
    return client_for(make.user("chief"))


@pytest.fixture
def nh3_is_given_little(monkeypatch):
    """What nh3 would take minutes for must not come to it."""
    cleaner = richtext._CLEANER

    class Careful:
        def clean(self, html):
            assert len(html) < 100_000
            return cleaner.clean(html)

    monkeypatch.setattr(richtext, "_CLEANER", Careful())


def as_typed(form: Form, **changes):
    """Send a form as a browser does in which a text holds half a character; Form.send cannot."""
    body = urlencode({**form, **changes}, doseq=True, errors="surrogatepass")
    return form.client.post(form.url, body, content_type="application/x-www-form-urlencoded")


def errors_of(answer) -> str:
    return " ".join(re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', answer.content.decode(), re.DOTALL))


@pytest.mark.parametrize(
    "field",
    [
        *("headline", "lead", "why_it_matters", "share_text", "kicker", "slug", "key_points-0-text"),
        *("key_points-0-reason", "sections-0-heading", "sections-0-body", "citations-0-supports"),
        *("photo_use-0-alt", "photo_use-0-caption"),
    ],
)
def test_a_megabyte_of_open_tags_in_a_story_is_refused(chief, nh3_is_given_little, field):
    story = make.story()
    form = Form(chief, CHANGE.format(story.pk))

    answer = form.send(**{field: UNCLOSED})

    assert answer.status_code == 200
    assert re.search("has at most [0-9]+ characters|512 KB can be saved", errors_of(answer))
    assert story.saved_states.count() == 1


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("source/add/", ["publisher", "title", "url"]),
        ("author/add/", ["name", "url"]),
        ("topic/add/", ["name", "description"]),
        ("storyformat/add/", ["name", "kicker", "note", "headings"]),
    ],
)
def test_a_megabyte_of_open_tags_in_the_library_is_refused(chief, page, fields):
    form = Form(chief, f"/desk/articles/{page}")

    answer = form.send(**dict.fromkeys(fields, UNCLOSED))

    assert answer.status_code == 200
    assert errors_of(answer).count("has at most") == len(fields)


@pytest.mark.parametrize("field", ["note", "wrong", "right"])
def test_a_megabyte_of_open_tags_is_not_said_of_an_edition(chief, field):
    story = make.published()
    make.edition(story, headline="Italy signs a drone deal")
    form = Form(chief, PUBLISH.format(story.pk))
    said = {"note": "A date was wrong.", "wrong": "April", "right": "May", "first_wrong": 1, "last_wrong": 1}

    answer = form.send(**{"kind": "correction", **said, field: UNCLOSED})

    assert answer.status_code == 200
    assert "1000000" in errors_of(answer).replace(",", "")
    assert story.revisions.count() == 2


ODD = "A\x01B\u202eC\u2066D\ufeffE\ud83d"
SEEN = "ABCDE\ufffd\ufffd\ufffd"  # Half a character comes as bytes that are none.
GOOD = "Zoë 👩🏽‍🚀 𝒳 שָׁלוֹם \u200fعربى\u200e क्‍ष"
LINES = ["kicker", "sections-0-heading", "photo_use-0-alt", "citations-0-supports"]
TEXTS = ["headline", "lead", "why_it_matters", "share_text", "key_points-0-text", "photo_use-0-caption"]


def test_what_cannot_be_seen_is_not_kept_and_what_can_is(chief, reader):
    topic = make.topic(f"Topic {ODD[:-1]}", slug="ukraine")
    sources = [make.source(f"Agency {ODD[:-1]} {GOOD}", title=f"Title {ODD[:-1]}")]
    story = make.story(topic=topic, sources=sources, photo=make.photo(credit=f"{ODD[:-1]} {GOOD}"))
    form = Form(chief, CHANGE.format(story.pk))

    typed = {name: f"{ODD} {GOOD}"[: 30 if name == "kicker" else None] for name in (*TEXTS, *LINES)}
    answer = as_typed(form, **typed, **{"sections-0-body": f"<p>{ODD} <b>{GOOD}</b></p>"})
    assert answer.status_code == 302, errors_of(answer)
    as_typed(Form(chief, PUBLISH.format(story.pk)), reason=f"{ODD} {GOOD}")

    story.refresh_from_db()
    assert Revision.objects.public().get().content.story.headline == f"{SEEN} {GOOD}"
    for road in roads.public_roads():
        for address in roads.addresses(road, story):
            page = reader.get(address)
            if "Content-Type" in page and "image" not in page["Content-Type"] and page.status_code == 200:
                assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e\u2066-\u2069\ufeff]", page.content.decode())
    for feed in ("/feeds/", "/ukraine/feed/"):
        assert GOOD in "".join(ElementTree.fromstring(reader.get(feed).content).itertext())


@pytest.mark.parametrize(
    "field", ["headline", "kicker", "sections-0-heading", "sections-0-body", "key_points-0-text"]
)
def test_the_character_nul_is_refused_by_its_field(chief, field):
    story = make.story()
    form = Form(chief, CHANGE.format(story.pk))

    answer = form.send(**{field: "Rome\x00"})

    assert answer.status_code in (200, 302)
    assert answer.status_code == 302 or "Null characters are not allowed." in errors_of(answer)


KEPT = ["https://example.org/a?b=1&c=2#d", "http://example.org/", "HTTPS://EXAMPLE.ORG/", "mailto:desk@example.org"]
DROPPED = [
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "  javascript:alert(1)", "java\tscript:alert(1)"),
    *("java\nscript:alert(1)", "java\rscript:alert(1)", "javascript&colon;alert(1)", "javascript&#58;alert(1)"),
    *(
        "&#106;avascript:alert(1)",
        "&#x6A;avascript:alert(1)",
        "java&Tab;script:alert(1)",
        "&#1;javascript:alert(1)",
    ),
    *("\u00a0javascript:alert(1)", "\ufeffjavascript:alert(1)", "vbscript:msgbox(1)", "livescript:alert(1)"),
    *("data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=", "DATA:,x", "blob:x"),
    *("file:///etc/passwd", "ftp://example.org/", "intent://x#Intent;end", "view-source:https://example.org/"),
    *("//example.org/", "\\\\example.org\\", "/\\example.org", "/desk/", "desk/", "?page=2", "#top", "", "tel:1"),
    *("jav&#x0A;ascript:alert(1)", "x-javascript:alert(1)"),
]
PICTURES = [
    '<img src="http://169.254.169.254/latest/meta-data">',
    '<img src="//tracker.example/pixel.gif">',
    '<img src="https://tracker.example/pixel.gif" srcset="https://tracker.example/2.gif 2x">',
    '<picture><source srcset="https://tracker.example/3.gif"><img src="data:image/gif;base64,R0lGODlh"></picture>',
    '<input type="image" src="https://tracker.example/4.gif">',
    '<video poster="https://tracker.example/5.gif"></video>',
    '<table background="https://tracker.example/6.gif"><tr><td>x</td></tr></table>',
    '<p style="background:url(https://tracker.example/7.gif)">x</p>',
    '<link rel="stylesheet" href="https://tracker.example/8.css">',
]


def test_links_of_a_section_lead_to_the_web_or_to_mail_and_pictures_go(chief, reader):
    story = make.story(sections=[("What happened", "<p>Empty.</p>")])
    links = "".join(f'<p><a href="{href}">to {number}</a></p>' for number, href in enumerate(KEPT + DROPPED))
    Form(chief, CHANGE.format(story.pk)).send(**{"sections-0-body": links + "".join(PICTURES)})
    Form(chief, PUBLISH.format(story.pk)).send()

    page = reader.get(story.get_absolute_url()).content.decode()

    [prose] = re.findall('<div class="prose">(.*?)</div>', page, re.DOTALL)
    assert [html.unescape(href) for href in re.findall('href="([^"]*)"', prose)] == KEPT
    assert re.findall("to [0-9]+", prose) == [f"to {number}" for number in range(len(KEPT + DROPPED))]
    assert set(re.findall("<([a-z]+)", prose)) == {"a", "p", "table", "tbody", "tr", "td"}
    assert not re.search("tracker|169[.]254|data:", page)


@pytest.mark.parametrize("page", ["source/add/", "author/add/"])
def test_the_address_of_a_source_or_an_author_is_a_web_address(chief, page):
    form = Form(chief, f"/desk/articles/{page}")

    for address in filter(lambda address: ":" in address, DROPPED):
        answer = form.send(publisher="Agency", name="Olena", slug="olena", url=address, archived_url=address)

        assert answer.status_code == 200
        assert re.search("Enter a valid URL|starts with https:// or http://", errors_of(answer)), address


def test_an_address_typed_without_its_beginning_is_taken_as_https(chief):
    Form(chief, "/desk/articles/source/add/").send(
        publisher="Agency", title="Report", url="agency.example/1", kind="wire"
    )

    assert Source.objects.get().url == "https://agency.example/1"
