"""Keys at the desk: what they press, when they must not, the list of them, and the switch that turns them off."""

import re

import pytest

from articles.models import Article
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/desk/articles/article/"


@pytest.fixture
def at_the_desk(page):
    make.user("editor", username="editor")
    page.set_default_timeout(10_000)
    page.goto("/desk/")
    page.fill("[name=username]", "editor")
    page.fill("[name=password]", "editor")
    page.click("[type=submit]")
    page.wait_for_selector("[data-open]:visible")
    return page


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        (["g", "s"], LIST),
        (["g", "f"], f"{LIST}front-page-order/"),
        (["n"], f"{LIST}add/"),
        (["x", "g", "g", "s"], LIST),
    ],
)
def test_keys_lead_about_the_desk(at_the_desk, keys, where):
    press(at_the_desk, *keys)

    at_the_desk.wait_for_url(f"**{where}")


def test_a_letter_of_another_alphabet_is_told_by_its_place(at_the_desk):
    at_the_desk.evaluate(
        """() => dispatchEvent(new KeyboardEvent("keydown", { key: "т", code: "KeyN", bubbles: true }))""".replace(
            "dispatchEvent", "document.body.dispatchEvent"
        )
    )

    at_the_desk.wait_for_url(f"**{LIST}add/")


def test_a_slash_leads_into_the_search_and_keys_typed_there_are_words(at_the_desk):
    page = at_the_desk
    make.published("Gun shops")

    press(page, "/", "g", "s", "n", "?")

    assert page.url.endswith("/desk/")
    assert page.locator("#overview-search").input_value() == "gsn?"
    assert page.locator("dialog[open]").count() == 0
    page.goto(LIST)
    press(page, "/", "n")
    assert page.locator("#searchbar").input_value() == "n"


def test_the_list_tells_every_key_of_the_page_and_no_other(at_the_desk):
    page = at_the_desk

    press(page, "?")
    rows = page.locator("dialog dl").inner_text()
    assert {line.strip() for line in rows.splitlines() if line.strip()} >= {
        "Desk",
        "Stories",
        "New story",
        "This list",
    }
    assert "Save the order" not in rows
    press(page, "g", "s")
    assert page.url.endswith("/desk/") and page.locator("dialog[open]").count() == 1
    press(page, "Escape")

    page.goto(f"{LIST}front-page-order/")
    press(page, "?")
    assert re.search(r"Ctrl\s+s\s+Save the order", page.locator("dialog dl").inner_text())


def test_a_key_with_ctrl_works_while_one_types(at_the_desk):
    page = at_the_desk
    make.published("A story")
    page.goto(f"{LIST}front-page-order/")
    page.click("text=Pin")
    page.locator("#words").focus()

    press(page, "Control+s")

    page.wait_for_selector(".messagelist .success")


def test_keys_can_be_turned_off_and_stay_off(at_the_desk):
    page = at_the_desk
    press(page, "?")
    page.uncheck("[data-switch]")
    page.click("dialog >> text=Close")
    page.goto(LIST)

    press(page, "n", "?", "g", "d")

    assert page.url.endswith(LIST) and page.locator("dialog[open]").count() == 0
    page.click("[data-open]")
    page.check("[data-switch]")
    press(page, "Escape", "n")
    page.wait_for_url(f"**{LIST}add/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desks_first_pages_can_be_used_by_everyone(at_the_desk, axe, scheme):
    page = at_the_desk
    make.published("A story", by=make.editor())
    make.story("A draft")
    page.emulate_media(color_scheme=scheme)

    found = {}
    for address in ("/desk/", LIST, f"{LIST}?q=story&status=unchanged"):
        page.goto(address)
        found[address] = axe()
    page.click("[data-open]")
    found["the list of keys"] = axe()

    assert {where: wrong for where, wrong in found.items() if wrong} == {}


def test_keys_of_a_story_save_it_and_lead_to_what_belongs_to_it(at_the_desk):
    page = at_the_desk
    story = make.published("Before")
    change = f"{LIST}{story.pk}/change/"
    page.goto(change)
    page.fill("[name=headline]", "After")
    press(page, "Control+Enter")
    assert page.locator("#rail-publish").evaluate("heading => heading === document.activeElement")
    page.locator("[name=headline]").focus()

    press(page, "Control+s")
    page.wait_for_selector(".messagelist .success")
    assert Article.objects.get().headline == "After"

    for key, name in (("p", "preview"), ("h", "history")):
        page.goto(change)
        press(page, key)
        page.wait_for_url(f"**{LIST}{story.pk}/{name}/")
