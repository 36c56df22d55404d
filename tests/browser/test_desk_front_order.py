"""The order of the front page in a browser: by drag, by buttons, by keyboard alone, and without scripts."""

import pytest

from articles.models import Desk
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ORDER = "/desk/articles/article/front-page-order/"


@pytest.fixture
def stories():
    return [make.published(f"Story {name}", topic=make.topic(f"Topic {name}")) for name in "abc"]


def log_in(page):
    make.user("editor", username="editor")
    page.set_default_timeout(5_000)
    page.goto(ORDER)
    page.fill("[name=username]", "editor")
    page.fill("[name=password]", "editor")
    page.click("[type=submit]")
    page.wait_for_url(f"**{ORDER}")


def pinned_on(page) -> list[str]:
    return page.locator("[data-pinned] [data-headline]").all_inner_texts()


def pins() -> list[str]:
    return [desk.article.headline for desk in Desk.objects.filter(pin__isnull=False).order_by("pin")]


def row(page, story):
    return page.locator("[data-row]", has_text=story.headline)


def save(page):
    page.click("text=Save the order")
    page.wait_for_selector(".messagelist .success")


def test_stories_are_pinned_and_moved_by_buttons_without_a_trip_to_the_server(page, stories):
    a, b, c = stories
    log_in(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.is_navigation_request() else None)

    for story in stories:
        row(page, story).get_by_role("button", name="Pin:").click()
    row(page, c).get_by_role("button", name="Move up").click()
    row(page, c).get_by_role("button", name="Move up").click()
    row(page, b).get_by_role("button", name="Unpin").click()

    assert asked == []
    assert pinned_on(page) == ["Story c", "Story a"]
    assert page.locator("[data-said]").inner_text() == "“Story b” is not pinned. Not saved yet."
    save(page)
    assert pins() == ["Story c", "Story a"]
    assert row(page, a).locator("input").first.input_value() == "2"


def test_the_keyboard_alone_is_enough(page, stories):
    log_in(page)
    for story in stories:
        row(page, story).get_by_role("button", name="Pin:").focus()
        page.keyboard.press("Enter")
    handle = row(page, stories[0]).locator("[data-handle]")
    handle.focus()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")

    assert pinned_on(page) == ["Story b", "Story c", "Story a"]
    assert handle.evaluate("handle => handle === document.activeElement")
    assert page.locator("[data-said]").inner_text() == "“Story a” is number 3 of 3. Not saved yet."
    page.get_by_role("button", name="Save the order").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist .success")
    assert pins() == ["Story b", "Story c", "Story a"]


def test_a_story_is_dragged_to_its_place(page, stories):
    a, b, c = stories
    log_in(page)
    for story in (a, b):
        row(page, story).get_by_role("button", name="Pin:").click()

    box = row(page, a).bounding_box()
    row(page, c).locator("[data-handle]").drag_to(row(page, a), target_position={"x": 300, "y": 4})
    assert box and pinned_on(page) == ["Story c", "Story a", "Story b"]
    row(page, c).locator("[data-handle]").drag_to(
        row(page, b), target_position={"x": 300, "y": row(page, b).bounding_box()["height"] - 4}
    )

    assert pinned_on(page) == ["Story a", "Story b", "Story c"]
    save(page)
    assert pins() == ["Story a", "Story b", "Story c"]


def test_who_leaves_with_an_unsaved_order_is_asked_first(page, stories):
    log_in(page)
    row(page, stories[0]).get_by_role("button", name="Pin:").click()
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.click(".desk-bar >> text=Stories")

    assert asked == ["beforeunload"]


def test_the_order_is_made_without_scripts(browser, live_server, stories):
    a, b, _ = stories
    page = browser.new_context(java_script_enabled=False, base_url=live_server.url).new_page()
    log_in(page)

    page.fill(f"[name=place-{b.pk}]", "1")
    page.fill(f"[name=place-{a.pk}]", "2")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist .success")
    assert pins() == ["Story b", "Story a"]

    row(page, a).get_by_role("button", name="Move up").click()
    assert pinned_on(page) == ["Story a", "Story b"]
    save(page)
    assert pins() == ["Story a", "Story b"]
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_used_by_everyone(page, axe, scheme, stories):
    page.emulate_media(color_scheme=scheme)
    log_in(page)
    row(page, stories[0]).get_by_role("button", name="Pin:").click()
    row(page, stories[0]).locator("input[type=datetime-local]").fill("2020-01-01T10:00")
    page.click("text=Save the order")
    page.wait_for_selector(".front-order__error")

    assert axe() == []
