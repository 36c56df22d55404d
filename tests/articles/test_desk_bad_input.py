"""Whatever is typed or pasted at the desk: a clear answer by the field, the text still in it, the row as it was."""

from html import escape

import pytest

from articles import working_copy
from articles.models import Article, Source, Topic
from tests import make
from tests.articles.forms import Form, errors, road

pytestmark = pytest.mark.django_db

LONG_HEADLINE = "Rome " * 2_000
LONG_LEAD = "word " * 5_000
DEEP = "<div>" * 1_000
PASTE = "<p>" + "Зеленський прибув до Рима. " * 65_000


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


@pytest.fixture
def story():
    moved = make.published(slug="once-here")
    Article.objects.filter(pk=moved.pk).update(slug="now-there")
    make.story(slug="taken")
    return make.story("As it was")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("headline", "", "This field is required."),
        ("headline", "   ", "This field is required."),
        ("headline", LONG_HEADLINE, "at most 300 characters"),
        ("headline", "Ro\x00me", "Null characters are not allowed."),
        ("headline", "\u202e\u200b", "cannot be blank"),
        ("lead", LONG_LEAD, "at most 5000 characters"),
        ("lead", "Ro\x00me", "Null characters are not allowed."),
        ("kicker", "k" * 41, "at most 40 characters"),
        ("language", "English, please", "Write the language as a tag"),
        ("slug", "taken", "already exists"),
        ("slug", "once-here", "Another story had this address once"),
        ("slug", "search", "The site uses this word"),
        ("slug", "../admin", "Use small letters"),
        ("slug", "Ukraine Deal", "Use small letters"),
        ("slug", "україна", "Use small letters"),
        ("slug", "a" * 81, "at most 80 characters"),
        ("key_points-0-text", "   ", "This field is required."),
        ("key_points-0-text", "\u200b\u2060", "cannot be blank"),
        ("key_points-0-verification", "withdrawn", "Say why this key point is withdrawn"),
        ("key_points-0-as_of", "yesterday", "Enter a valid date/time."),
        ("key_points-0-order", "-1", "greater than or equal to 0"),
        ("key_points-0-order", "100000000000000000000", "less than or equal to 32767"),
        ("sections-0-heading", "", "This field is required."),
        ("sections-0-body", PASTE, "512 KB can be saved"),
        ("sections-0-body", DEEP, "nested more than 256 levels deep"),
        ("sections-0-role", "gossip", "Select a valid choice."),
        ("citations-0-supports", "s" * 201, "at most 200 characters"),
        ("topic", "100000000000000000000", "Select a valid choice."),
        ("byline", "abc", "not a valid value"),
        ("citations-1-source", "abc", "Select a valid choice."),
        ("photo_use-0-photo", "abc", "not a valid UUID"),
    ],
)
def test_a_story_keeps_what_was_typed_and_says_what_is_wrong(desk, story, field, value, message):
    before, version = working_copy.read(story), story.desk.version

    answer = Form(desk, road(story)).send(**{field: value})

    assert answer.status_code == 200
    by_field = {"key_points-0-verification": "key_points-0-reason"}.get(field, field)
    assert message in " ".join(errors(answer)[by_field])
    is_choice = "valid choice" in message or "not a valid" in message
    assert is_choice or escape(value) in answer.content.decode()
    story = Article.objects.get(pk=story.pk)
    assert (working_copy.read(story), story.desk.version) == (before, version)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("url", "javascript:alert(1)", "Enter a valid URL."),
        ("url", "data:text/html,<script>alert(1)</script>", "Enter a valid URL."),
        ("url", "ftp://agency.example/report", "A web address starts with https:// or http://."),
        ("url", "https://agency.example/known", "We have this source already"),
        ("url", "https://agency.example/" + "a" * 1_000, "at most 1000 characters"),
        ("archived_url", "javascript:alert(1)", "Enter a valid URL."),
        ("archived_url", "ftp://agency.example/report", "A web address starts with https:// or http://."),
        ("publisher", "", "This field is required."),
        ("published_on", "31 February", "Enter a valid date."),
    ],
)
def test_a_source_keeps_what_was_typed_and_says_what_is_wrong(desk, field, value, message):
    make.source(url="https://agency.example/known")

    answer = Form(desk, "/desk/articles/source/add/").send(**{"publisher": "Agency", field: value})

    assert message in " ".join(errors(answer)[field])
    assert escape(value) in answer.content.decode()
    assert Source.objects.count() == 1


@pytest.mark.parametrize("slug", ["search", "../x", "Rome", "taken", ""])
def test_a_topic_has_an_address_that_is_free(desk, slug):
    make.topic("Taken")

    answer = Form(desk, "/desk/articles/topic/add/").send(name="Rome", slug=slug)

    assert "slug" in errors(answer)
    assert Topic.objects.count() == 1


def test_what_cannot_be_seen_is_left_out_and_what_can_is_kept(desk, story):
    Form(desk, road(story)).send(headline="Rome\u202e says \u200byes 🇺🇦 👨‍👩‍👧", lead="שלום \u200f123\r\nשלום")

    after = working_copy.read(story).story
    assert after.headline == "Rome says yes 🇺🇦 👨‍👩‍👧"
    assert after.lead == "שלום \u200f123\nשלום"


def test_half_a_character_is_no_mistake_of_ours(desk, story):
    form = Form(desk, road(story))
    pairs = [f"{name}={value}" for name, values in form.items() for value in values if name != "headline"]
    body = "&".join([*pairs, "headline=Rome%ED%A0%80"])

    answer = desk.post(road(story), body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code in (200, 302)
    assert working_copy.read(story).story.headline in ("As it was", "Rome\ufffd\ufffd\ufffd")


def test_a_form_of_too_many_fields_is_answered_and_saves_nothing(desk, story):
    form = Form(desk, road(story))

    answer = form.send(**{f"more-{number}": "" for number in range(10_001)}, headline="After")

    assert answer.status_code == 400
    assert "go back" in answer.content.decode().lower()
    assert working_copy.read(story).story.headline == "As it was"


def test_an_empty_extra_row_is_no_part(desk, story):
    before = working_copy.read(story)

    Form(desk, road(story)).send()

    assert working_copy.read(story) == before


@pytest.mark.parametrize("rows", ["-1", "abc", "100000000000000000000", ""])
def test_a_form_with_an_odd_count_of_rows_saves_nothing(desk, story, rows):
    answer = Form(desk, road(story)).send(**{"key_points-TOTAL_FORMS": rows, "headline": "After"})

    assert answer.status_code in (200, 400)
    assert working_copy.read(story).story.headline == "As it was"


ODD = ["", "abc", "-1", "0", "99", "100000000000000000000", "1.5", "1" * 5_000]


@pytest.mark.parametrize("version", ODD)
def test_a_form_with_an_odd_version_overwrites_nothing(desk, story, version):
    answer = Form(desk, road(story)).send(version=version, headline="After")

    assert answer.status_code in (200, 409)
    assert "After" in answer.content.decode()
    assert working_copy.read(story).story.headline == "As it was"


@pytest.mark.parametrize("odd", ODD)
def test_a_choice_between_two_saves_with_an_odd_version_overwrites_nothing(desk, story, odd):
    late = Form(desk, road(story))
    Form(desk, road(story)).send(headline="Theirs")
    conflict = Form(desk, road(story), late.send(headline="Mine"))

    answer = conflict.send(**{"seen-save": odd})

    assert answer.status_code == 409
    assert working_copy.read(story).story.headline == "Theirs"


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["publish", "settle", "history/saves/1"])
def test_a_page_about_a_story_takes_no_odd_number(desk, story, name, odd):
    published = make.published()

    answer = Form(desk, road(published, name)).send(base=odd, version=odd, note="Rome has signed.", whole="1")

    assert answer.status_code == 200
    assert published.revisions.count() == 1
    assert working_copy.Desk.objects.get(article=published).version == 2
