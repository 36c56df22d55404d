"""Letters and past issues in a real browser: narrow and wide, light and dark, for everybody who reads."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from articles import publishing
from articles.kinds import Kind
from newsletter import digest, trying_out
from newsletter.models import Issue
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HE = "מרגיעים את המצב בנמל"


@pytest.fixture
def issue(settings):
    """Sent, with a story that was corrected since, and one that runs from right to left."""
    cache.clear()
    settings.MAIL_UNDO = timedelta()
    topic = make.topic("Ukraine")
    letter = make.newsletter(slug="ukraine", topic=topic)
    make.subscription(newsletter=letter)
    story = make.published("Italy weighs a deal", topic=topic, slug="drone-deal")
    other = make.published(HE, topic=topic, language="he", lead=HE)
    intro = "<p>Dear readers, <a href='https://example.org/'>see this map</a>.</p><ul><li>One</li></ul>"
    issue = make.issue(letter, stories=[story, other], subject="The week", intro=intro)
    digest.start(issue)
    box = publishing.Box("They met on April 14.", "They met on April 15.", 1, 1)
    said = {"note": "Mended.", "reason": "As a test needs it."}
    publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=1, box=box, **said)
    make.edition(story, headline="Italy signs a deal", lead="Rome and Kyiv signed.", note="They signed.")
    return Issue.objects.get(pk=issue.pk)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_past_issues_keep_nobody_from_reading(page, axe, issue, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})

    for road in ("/newsletters/ukraine/", "/newsletters/ukraine/issues/", issue.web_address):
        page.goto(road)
        assert axe() == [], road
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), road
    assert page.get_by_role("heading", name="Corrected since").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 700])
def test_a_letter_keeps_nobody_from_reading(page, axe, issue, scheme, width):
    had = {issue.stories.first().article_id: 1}
    html = trying_out.sample(issue, had, "en").html
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})

    page.set_content(html)

    assert page.get_by_role("heading", level=1).inner_text() == "The week"
    assert page.get_by_role("heading", name="Since we last wrote").is_visible()
    assert page.locator("ins").count() and page.locator("del").count()
    # A mail stands in a page of the mail program, which has the landmarks.
    assert [amiss for amiss in axe() if not amiss.startswith(("landmark-one-main", "region"))] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
