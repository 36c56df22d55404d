"""Reading in a real browser: wide and narrow, by day and by night, with script and without."""

import gzip

import pytest

from articles import publishing
from articles.kinds import Kind
from articles.models import Citation, KeyPoint, Section
from articles.snapshot import Verification
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORY = "/ukraine/drone-deal/"
ROADS = {
    "front": "/",
    "topic": "/ukraine/",
    "story": STORY,
    "changes": f"{STORY}changes/",
    "since": f"{STORY}since/1/",
    "leads": f"{STORY}leads/",
    "edition": f"{STORY}revisions/1/",
    "corrections": "/corrections/",
    "corrections of a topic": "/ukraine/corrections/",
    "report": f"{STORY}report-an-error/",
    "reported": f"{STORY}report-an-error/received/",
    "withdrawn": "/ukraine/staged/",
    "missing": "/ukraine/nothing-here/",
    "right to left": "/ukraine/council-vote/",
}
LONG = "Grid operator restores power to the north after a night of repairs, with two substations still on loan"
UNBROKEN = "Донаудампфшифффартсэлектрицитэтен" * 3


@pytest.fixture
def story():
    """A story with one of everything a page can show."""
    topic, by = make.topic("Ukraine", description="What moves, kept on pages that last."), make.user("chief")
    source = make.source(
        "Ukrinform UA", language="uk", published_on="2026-04-15", archived_url="https://a.example/"
    )
    story = make.story(
        "Italy weighs a drone deal",
        topic=topic,
        slug="drone-deal",
        key_points=["One", "Two", "Three", "Four", UNBROKEN],
        sections=[
            ("What happened", f"<p>They met.</p><p>{UNBROKEN}</p>"),
            ("Background", "<p>It began long ago.</p>"),
        ],
        sources=[source, make.source("Zed", is_confidential=True)],
        photo=make.photo(),
        by=by,
    )
    Section.objects.filter(article=story, heading="Background").update(role="context")
    for point, level in zip(KeyPoint.objects.filter(article=story), Verification, strict=True):
        KeyPoint.objects.filter(pk=point.pk).update(verification=level, reason="It was denied.")
        point.citations.set(Citation.objects.filter(article=story))
    publishing.publish(story, kind=Kind.FIRST, by=by, base=0, reason="A test.")
    make.edition(story, headline=LONG, lead="Rome and Kyiv signed.", by=by)
    make.edition(story, kind=Kind.TYPO, headline=f"{LONG}.", by=by)
    box = publishing.Box("It was signed on 12 April.", "It was signed on 14 April.", 1, 3)
    publishing.publish(story, kind=Kind.CORRECTION, by=by, base=3, note="The date.", box=box, reason="A test.")

    publishing.settle(make.published("Ferry inquiry closes", topic=topic), note="Done.", by=by, base=1)
    make.published("مجلس الأمن يصوت", topic=topic, slug="council-vote", language="ar", lead="يناقش المجلس القرار.")
    staged = make.published("Staged", topic=topic, slug="staged")
    publishing.withdraw(staged, note="It was staged.", by=by, base=1)
    make.published(UNBROKEN, topic=topic)
    return story


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_from_reading(page, axe, story, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    for name, road in ROADS.items():
        page.goto(road)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert axe() == [], name


@pytest.mark.parametrize("width", [360, 768, 1280, 1600])
def test_no_page_is_wider_than_its_window(page, story, width):
    page.set_viewport_size({"width": width, "height": 800})

    for name, road in ROADS.items():
        page.goto(road)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_what_stands_alone_to_be_touched_is_large_enough_for_a_finger(page, story):
    """WCAG 2.2, 2.5.8: 24 by 24 CSS pixels; a link in a sentence is as large as its words."""
    page.set_viewport_size({"width": 360, "height": 800})

    for name, road in ROADS.items():
        page.goto(road)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        small = page.evaluate(
            """() => {
              const isText = (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim();
              return [...document.querySelectorAll("a[href], button, summary, textarea")]
                .filter((target) => target.checkVisibility() && ![...target.parentNode.childNodes].some(isText))
                .map((target) => [target.textContent.trim(), target.getBoundingClientRect()])
                .filter(([words, { width, height }]) => width < 24 || height < 24)
                .map(([words, { width, height }]) => `${words}: ${width} x ${height}`);
            }"""
        )
        assert small == [], name


def test_lines_are_of_a_length_that_reads_well(page, story):
    page.set_viewport_size({"width": 1600, "height": 900})
    first = Section.objects.filter(article=story, heading="What happened")
    make.edition(story, change=lambda: first.update(body=f"<p>{'Kyiv and Rome met. ' * 30}</p>"))
    page.goto(STORY)

    characters = page.evaluate(
        """() => {
          const paragraph = document.querySelector(".prose p");
          const lines = paragraph.offsetHeight / parseFloat(getComputedStyle(paragraph).lineHeight);
          return paragraph.textContent.length / lines;
        }"""
    )

    assert 55 <= characters <= 80


def test_the_story_is_complete_with_scripts_off(browser, live_server, story):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(STORY)

    for words in (LONG, "Rome and Kyiv signed.", "It was signed on 14 April.", "At a glance", "They met.", "Zed"):
        assert page.get_by_text(words).first.is_visible() == (words != "Zed"), words
    assert page.get_by_role("textbox", name="Text and link, to copy").input_value().startswith(LONG)
    assert page.get_by_role("link", name="Mastodon").is_visible()
    assert page.get_by_role("button").all_inner_texts() == ["Sign up"]
    page.get_by_text("How this page is kept").click()
    assert page.get_by_text("The page is made for readers who come back").is_visible()
    context.close()


def test_background_is_folded_on_a_small_screen_and_open_on_a_wide_one(page, story):
    background = page.get_by_text("It began long ago.")

    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(STORY)
    assert not background.is_visible()
    page.get_by_text("Background", exact=True).click()
    assert background.is_visible()

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(STORY)
    assert background.is_visible()


def test_on_paper_nothing_is_folded_and_nothing_is_there_to_click(page, story):
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 900})
    page.goto(STORY)

    assert page.get_by_text("It began long ago.").is_visible()
    assert not page.get_by_role("link", name="Mastodon").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_link_and_text_can_be_copied(browser, live_server, story, settings):
    settings.SITE_URL = "https://news.example"
    context = browser.new_context(base_url=live_server.url, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(STORY)

    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"https://news.example{STORY}"

    page.get_by_role("button", name="Copy text").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"{LONG}. https://news.example{STORY}"
    context.close()


def test_the_way_the_device_shares_is_offered_where_there_is_one(page, story):
    page.add_init_script("navigator.share = async (what) => { window.shared = what; }")
    page.goto(STORY)

    page.get_by_role("button", name="Share…").click()

    assert page.evaluate("window.shared.text").startswith(LONG)


def test_nothing_jumps_while_the_page_comes(page, story):
    page.add_init_script(
        """window.shifted = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.shifted += entry.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(STORY)
        page.wait_for_load_state("networkidle")
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(300)
        assert page.evaluate("window.shifted") == 0


def test_a_page_is_light(page, story):
    """HTML, style sheets and scripts together, as they are sent compressed."""
    sizes = {}
    page.on("response", lambda response: sizes.__setitem__(response.url, response))
    page.goto(STORY)
    page.wait_for_load_state("networkidle")

    kinds = ("text/html", "text/css", "javascript")
    sent = [r for r in sizes.values() if any(kind in r.headers.get("content-type", "") for kind in kinds)]
    assert len(sent) > 5
    assert sum(len(gzip.compress(response.body())) for response in sent) < 60 * 1024


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page, story):
    page.goto(STORY)

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert "Ukraine" in page.evaluate("document.activeElement.textContent")


def test_each_verification_has_a_shape_of_its_own(page, story):
    page.goto(STORY)

    marks = page.evaluate(
        """() => [...document.querySelectorAll(".key-point")].map((point) => {
          const mark = getComputedStyle(point, "::before");
          return ["borderStyle", "borderRadius", "rotate", "background"].map((name) => mark[name]).join();
        })"""
    )

    assert len(set(marks)) == len(Verification)
