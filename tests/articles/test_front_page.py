"""The front page: what moves, what moved last in each story, and what an editor wants first."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from articles import publishing
from articles.kinds import Kind
from articles.models import Article, Desk
from tests import make
from tests.words import words

pytestmark = pytest.mark.django_db


def headlines(response) -> list[str]:
    """The headlines in their order, with the label each list has."""
    found = re.findall(
        r'<h2 class="rule-label"[^>]*>(.*?)</h2>|<h[23] class="[a-z-]+__headline"[^>]*>\s*<a[^>]*>(.*?)</a>',
        response.text,
        re.DOTALL,
    )
    return [f"[{label}]" if label else headline for label, headline in found]


def test_what_develops_comes_before_what_is_settled_the_last_moved_first(reader):
    old, _, settled = make.published("Old"), make.published("New"), make.published("Settled")
    publishing.settle(settled, note="Done.", by=make.editor(), base=1)
    make.edition(old, lead="It moved.")
    make.published("Newest")

    assert headlines(reader.get("/")) == ["Newest", "[Developing]", "Old", "New", "[Settled]", "Settled"]


def test_each_story_says_what_moved_in_it_and_when(reader):
    story = make.published("Italy weighs a deal")
    make.published("Another")
    edition = make.edition(story, lead="They signed.", note="Rome signed at noon.")
    make.edition(story, kind=Kind.TYPO, lead="They sigmed.")
    make.published("Newest")

    page = words(reader.get("/").text)

    time = f"{edition.published_at.day} {edition.published_at:%B %Y, %H:%M} UTC"
    assert f"{time} {story.topic.name} Italy weighs a deal New development: Rome signed at noon." in page
    assert "Another First report" in page
    assert "Typo" not in page


def test_a_typo_does_not_bring_a_story_forward(reader):
    story = make.published("Old")
    make.published("New")
    make.edition(
        story, kind=Kind.TYPO, lead="Rome wants to build drones with Kyiv, the president sad on Wednesday."
    )

    assert headlines(reader.get("/")) == ["New", "[Developing]", "Old"]


def test_an_editor_can_pin_stories_for_a_while(reader):
    stories = [make.published(name) for name in ("One", "Two", "Three", "Four")]
    now = timezone.now()
    for story, pin, until in [(0, 3, None), (1, 2, now + timedelta(hours=1)), (2, 1, now - timedelta(hours=1))]:
        Desk.objects.filter(article=stories[story]).update(pin=pin, pinned_until=until)

    assert headlines(reader.get("/")) == ["Two", "[Developing]", "One", "Four", "Three"]


def test_a_pinned_story_leads_though_it_is_settled(reader):
    story = make.published("Settled")
    publishing.settle(story, note="Done.", by=make.editor(), base=1)
    make.published("New")
    Desk.objects.filter(article=story).update(pin=1)

    assert headlines(reader.get("/")) == ["Settled", "[Developing]", "New"]


def test_a_pinned_story_that_does_not_lead_stands_with_its_like(reader):
    developing, settled = make.published("Developing"), make.published("Settled")
    publishing.settle(settled, note="Done.", by=make.editor(), base=1)
    publishing.settle(make.published("Settled later"), note="Done.", by=make.editor(), base=1)
    for pin, story in enumerate([developing, settled], start=1):
        Desk.objects.filter(article=story).update(pin=pin)

    assert headlines(reader.get("/")) == ["Developing", "[Settled]", "Settled", "Settled later"]


def test_drafts_and_withdrawn_stories_are_not_there(reader):
    make.published("Shown")
    make.story("A draft", topic=make.topic("Secret"))
    gone = make.published("Staged", topic=make.topic("Gone"))
    publishing.withdraw(gone, note="It was staged.", by=make.user("chief"), base=1)

    page = reader.get("/").text

    assert "Shown" in page
    for hidden in ("A draft", "Secret", "Staged", "Gone"):
        assert hidden not in page


def test_the_story_that_leads_shows_its_photo(reader):
    make.published("Led", photo=make.photo(credit="Vira Koval"), lead="A lead of its own.")

    page = reader.get("/").text

    assert "Photo:</span> <bdi>Vira Koval</bdi>" in page
    assert "A lead of its own." in page


def test_topics_with_stories_are_at_the_top(reader):
    make.published(topic=make.topic("Energy"))
    make.topic("Empty")

    page = reader.get("/").text

    assert '<a href="/energy/"><bdi>Energy</bdi></a>' in page
    assert "Empty" not in page


@pytest.mark.parametrize(
    ("language", "said"), [("uk", ' lang="uk" dir="ltr"'), ("ar-EG", ' lang="ar-EG" dir="rtl"'), ("en-us", "")]
)
def test_what_is_in_another_language_says_so(reader, language, said):
    topic = make.topic("Ukraine")
    make.published(topic=topic, slug="one", language=language)
    first, in_topic = reader.get("/").text, reader.get("/ukraine/").text
    make.edition(Article.objects.get(slug="one"), lead="It moved.", note="It did.")
    make.published("Newest")
    second = reader.get("/").text

    assert f'<h2 class="lead-story__headline"{said}>' in first
    assert f'<p class="lead-story__lead"{said}>' in first
    assert f'<h3 class="story-list__headline"{said}>' in in_topic
    assert f'<h3 class="story-list__headline"{said}>' in second
    assert f"<bdi{said}>It did.</bdi>" in second
    assert '<h2 class="lead-story__headline">' in second


def test_a_long_headline_is_set_smaller(reader):
    topic = make.topic("Ukraine")
    make.published(
        "Grid operator restores power to the north after a night of repairs, with two on loan",
        topic=topic,
        slug="long",
    )
    long, page = reader.get("/").text, reader.get("/ukraine/long/").text
    make.published("Rome", topic=topic, slug="short")

    assert '<h2 class="lead-story__headline" data-is-long>' in long
    assert '<h1 class="headline" data-is-long>' in page
    assert '<h2 class="lead-story__headline">' in reader.get("/").text
    assert '<h1 class="headline">' in reader.get("/ukraine/short/").text


def test_before_the_first_story_the_page_says_so(reader):
    assert "Nothing is published yet." in reader.get("/").text


def test_the_queries_do_not_grow_with_the_stories(reader, django_assert_num_queries):
    """Pinned, developing, settled, topics; when it is rendered, languages and the whole edition that leads."""
    for name in "ABCDEF":
        make.published(name)
    publishing.settle(make.published("Settled"), note="Done.", by=make.editor(), base=1)

    with django_assert_num_queries(6):
        reader.get("/")
    with django_assert_num_queries(4):
        reader.get("/")


def test_no_draft_words_are_even_read_for_a_list(reader, django_assert_max_num_queries):
    make.published("Shown")

    with django_assert_max_num_queries(6) as captured:
        reader.get("/")

    statements = " ".join(query["sql"] for query in captured.captured_queries)
    assert '"articles_article"."slug"' in statements
    assert '"articles_article"."headline"' not in statements
