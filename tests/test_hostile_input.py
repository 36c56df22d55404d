"""Text that means harm, or only came through the wrong program: what the desk says to it, and what readers get."""

import re
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from articles import richtext
from articles.models import Revision
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
    assert re.search("has 1,000,000 characters; [0-9,]+ are the most", errors_of(answer))
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
