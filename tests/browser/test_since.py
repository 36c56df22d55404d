"""Since you were here: what a browser remembers of a story, and what it shows above the lead for it."""

import json

import pytest
from playwright.sync_api import expect

from articles import publishing, withholding
from articles.kinds import Kind
from articles.models import KeyPoint, Section
from articles.snapshot import Verification
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORY = "/ukraine/drone-deal/"
LOOKED_AT = "() => JSON.parse(localStorage.getItem('editions-read') ?? '{}')"
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture
def story():
    """At its third edition."""
    story = make.published(
        "Italy weighs a deal",
        topic=make.topic("Ukraine"),
        slug="drone-deal",
        lead="Rome wants drones.",
        key_points=["Italy is interested.", "Norway signed first."],
        sections=[("What happened", "<p>They met in Rome.</p>" * 20)],
    )
    make.edition(story, lead="Rome may buy drones.")
    make.edition(story, lead="Rome may buy many drones.")
    return story


def develop(story):
    """To its sixth edition."""
    points, section = KeyPoint.objects.filter(article=story), Section.objects.filter(article=story)
    make.edition(story, lead="Rome will buy drones.", note="It decided to buy.")
    make.edition(story, kind=Kind.TYPO, change=lambda: section.update(heading="What has happened"))
    confirmed = {"verification": Verification.CONFIRMED}
    make.edition(story, change=lambda: points.filter(position=2).update(**confirmed), note="Oslo said so.")


def read(page):
    """Open the story and scroll, as who reads does."""
    page.goto(STORY)
    page.mouse.wheel(0, 200)
    page.wait_for_function("() => localStorage.getItem('editions-read')")


def box(page):
    return page.get_by_role("region", name="Since you were here")


def wait_until_read(page, edition):
    for _ in range(50):
        if remembered(page) == [edition]:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"Edition {edition} does not count as read, but {remembered(page)}.")


def scroll_to(page, place):
    page.evaluate(f"window.scrollTo(0, {place})")
    page.wait_for_timeout(300)


def remembered(page) -> list[int]:
    """The numbers of the editions that were read."""
    return [edition for edition, _, _ in page.evaluate(LOOKED_AT).values()]


def test_who_read_edition_three_and_comes_back_at_six_sees_what_moved(page, story):
    read(page)
    expect(box(page)).to_be_hidden()
    develop(story)

    page.goto(STORY)

    expect(box(page)).to_contain_text("It decided to buy.")
    expect(box(page)).to_contain_text("Oslo said so.")
    expect(box(page)).to_contain_text("Key point: confirmed, was reported “Norway signed first.”")
    assert box(page).locator("del").first.text_content().strip() == "removed: may"
    assert box(page).locator("ins").first.text_content().strip() == "added: will"
    assert "many" in box(page).locator("del").all_text_contents()[1]
    box(page).get_by_text("1 more change, word by word").click()
    expect(box(page)).to_contain_text("What added: has happened")
    lead = page.locator(".story__top .lead").bounding_box()
    assert box(page).bounding_box()["y"] < lead["y"]


def test_the_box_is_there_at_every_visit_until_it_is_marked_as_read(page, story):
    read(page)
    develop(story)
    for _ in range(2):
        read(page)
        expect(box(page)).to_be_visible()

    box(page).get_by_role("button", name="Mark as read").click()

    expect(box(page)).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "content"
    assert remembered(page) == [6]
    page.goto(STORY)
    page.wait_for_timeout(600)
    expect(box(page)).to_be_hidden()


def test_who_looked_at_the_box_for_a_while_and_went_on_has_read_it(page, story):
    read(page)
    develop(story)
    page.clock.install()
    page.goto(STORY)
    expect(box(page)).to_be_visible()

    scroll_to(page, "document.body.scrollHeight")
    scroll_to(page, "0")
    page.clock.run_for(6000)
    assert remembered(page) == [3]
    scroll_to(page, "document.body.scrollHeight")

    wait_until_read(page, 6)


def test_who_looks_at_a_story_for_some_seconds_has_read_it(page, story):
    page.clock.install()
    page.goto(STORY)
    page.clock.run_for(2000)
    assert remembered(page) == []

    page.clock.run_for(2000)

    assert remembered(page) == [3]


def test_a_page_that_nobody_saw_was_not_read(page, story):
    page.add_init_script("Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })")
    page.clock.install()
    page.goto(STORY)

    page.mouse.wheel(0, 200)
    page.clock.run_for(10_000)

    assert remembered(page) == []


def test_typos_and_confirmations_arrive_in_silence(page, story):
    read(page)
    make.edition(story, kind=Kind.TYPO, lead="Rome may buy many drone.")
    publishing.reconfirm(story, by=make.editor(), base=4)

    read(page)

    wait_until_read(page, 5)
    expect(box(page)).to_be_hidden()


def test_of_an_edition_that_was_taken_out_nothing_is_told(page, story):
    read(page)
    develop(story)
    withholding.withhold(story, numbers=[3], category="law", by=make.user("chief"))

    with page.expect_response("**/since/3/6/?part"):
        page.goto(STORY)
    page.wait_for_timeout(600)

    expect(box(page)).to_be_hidden()


def test_nothing_is_sent_but_the_number_and_no_cookie_is_set(page, story):
    read(page)
    develop(story)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(STORY)
    expect(box(page)).to_be_visible()

    assert [url.partition(STORY)[2] for url in asked if "since/" in url] == ["since/3/6/?part"]
    assert page.context.cookies() == []
    assert all(isinstance(number, int) for number in page.evaluate(LOOKED_AT)[str(story.pk)])


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps_when_the_box_comes_and_everything_fits(page, axe, story, width):
    page.set_viewport_size({"width": width, "height": 800})
    read(page)
    develop(story)
    page.add_init_script(SHIFTS)
    # An asking without a wait: the machine of a test may be slower than a moment.
    page.add_init_script(
        "const real = setTimeout; window.setTimeout = (done, ms) => real(done, ms === 400 ? 20000 : ms)"
    )

    page.goto(STORY)
    expect(box(page)).to_contain_text("It decided to buy.")
    page.wait_for_timeout(300)

    assert page.evaluate("window.shifted") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert box(page).get_by_role("button").bounding_box()["height"] >= 24
    assert axe() == []


def test_a_box_that_is_late_has_its_link_which_shows_the_changes_in_place(page, story):
    read(page)
    develop(story)
    page.add_init_script(LATE)
    page.goto(STORY)
    link = box(page).get_by_role("link", name="What changed since edition 3")
    expect(link).to_be_visible()
    expect(page.get_by_role("heading", name="Italy weighs a deal")).to_be_visible()
    expect(box(page)).not_to_contain_text("It decided to buy.")

    with page.expect_response("**/since/**"):
        page.evaluate("window.come()")
    page.wait_for_timeout(200)
    expect(box(page)).not_to_contain_text("It decided to buy.")
    link.click()

    expect(box(page)).to_contain_text("It decided to buy.")
    assert page.url.endswith(STORY)
    link.click()
    expect(page.get_by_role("heading", name="What changed since edition 3")).to_be_visible()


LATE = """const real = fetch;
window.fetch = (address, ...more) => {
  const answer = () => real(address, ...more);
  if (!address.includes("since/")) return answer();
  return new Promise((come) => { window.come = () => come(answer()); });
};"""
BLOCKED = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('No', 'SecurityError'); } })"
)
FULL = "Storage.prototype.setItem = () => { throw new DOMException('Full', 'QuotaExceededError'); }"


@pytest.mark.parametrize(
    "broken", [BLOCKED, FULL, "Object.defineProperty(window, 'localStorage', { value: null })"]
)
def test_where_nothing_can_be_remembered_the_story_reads_as_ever(page, story, broken):
    page.add_init_script(broken)
    page.clock.install()
    page.goto(STORY)

    page.mouse.wheel(0, 200)
    page.clock.run_for(10_000)

    expect(page.get_by_role("heading", name="Italy weighs a deal")).to_be_visible()
    expect(box(page)).to_be_hidden()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "{",
        "null",
        "3",
        '"three"',
        "[3]",
        '{"ID": 3}',
        '{"ID": null}',
        '{"ID": [3]}',
        '{"ID": ["3", "1", "1"]}',
        '{"ID": [-3, 1, 1]}',
        '{"ID": [0, 1, 1]}',
        '{"ID": [1.5, 1, 1]}',
        '{"ID": [1e300, 1, 1]}',
        '{"ID": [99, 1, 1]}',
        '{"ID": ["../../x", 1, 1]}',
        '{"__proto__": [1, 1, 1]}',
    ],
)
def test_what_makes_no_sense_is_put_right(page, story, value):
    page.goto("/")
    page.evaluate("value => localStorage.setItem('editions-read', value)", value.replace("ID", str(story.pk)))

    page.goto(STORY)
    page.mouse.wheel(0, 200)

    page.wait_for_function(f"() => localStorage.getItem('editions-read')?.includes('\"{story.pk}\":[3,')")
    expect(box(page)).to_be_hidden()


def test_the_stories_that_were_read_longest_ago_are_forgotten_first(page, story):
    page.goto("/")
    known = {str(100_000 + n): [1, 1, n] for n in range(1, 401)}
    page.evaluate("known => localStorage.setItem('editions-read', known)", json.dumps(known))

    page.goto(STORY)
    page.mouse.wheel(0, 200)
    page.wait_for_function(f"({LOOKED_AT})()[{story.pk}]")

    kept = page.evaluate(LOOKED_AT)
    assert len(kept) == 300
    assert {"100102", "100400", str(story.pk)} <= set(kept)
    assert "100101" not in kept


def test_an_edition_shown_on_the_open_page_can_be_remembered_too(page, story):
    read(page)

    page.evaluate("document.querySelector('since-you-were-here').remember(6, 1776247800000)")

    assert remembered(page) == [6]


def test_an_edition_as_it_stood_is_not_a_visit(page, story):
    page.clock.install()
    page.goto(f"{STORY}revisions/1/")

    page.clock.run_for(10_000)

    assert remembered(page) == []


def test_with_scripts_off_links_lead_to_what_changed(browser, live_server, story):
    develop(story)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(STORY)
    expect(page.get_by_text("Since you were here")).to_be_hidden()

    page.get_by_role("link", name="Edition 6: what changed").click()
    page.get_by_role("link", name="Substance only").click()
    expect(page.get_by_text("Typo", exact=True)).to_have_count(0)
    page.locator("#edition-3").get_by_role("link", name="Changed since").click()

    expect(page.get_by_role("heading", name="What changed since edition 3")).to_be_visible()
    expect(page.get_by_text("It decided to buy.")).to_be_visible()
    expect(page.get_by_text("Section renamed")).to_be_visible()
    context.close()
