"""The leads of a story one at a time, by a slider; and all of them without script."""

import pytest
from playwright.sync_api import expect

from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEADS = "/ukraine/drone-deal/leads/"


@pytest.fixture
def story():
    story = make.published(
        "Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal", lead="Rome wants drones."
    )
    make.edition(story, lead="Rome may buy drones.")
    make.edition(story, lead="Rome buys drones.")
    return story


def shown(page) -> list[str]:
    return [lead.get_attribute("id") for lead in page.get_by_role("listitem").all() if lead.is_visible()]


def test_the_keyboard_moves_from_lead_to_lead_and_each_is_said(page, axe, story):
    page.goto(LEADS)
    slider = page.get_by_role("slider", name="One lead at a time")
    assert shown(page) == ["lead-1", "lead-2", "lead-3"]
    ends = [slider.locator(f"xpath={beside}-sibling::span") for beside in ("preceding", "following")]
    assert [end.inner_text() for end in ends] == ["Edition 1", "Edition 3"]

    slider.press("ArrowLeft")

    assert shown(page) == ["lead-2"]
    assert slider.get_attribute("aria-valuetext").startswith("Edition 2, New development, ")
    expect(page.get_by_role("status")).to_have_text("Rome may buy drones.")
    assert axe() == []
    slider.press("Home")
    assert shown(page) == ["lead-1"]


def test_all_leads_come_back(page, story):
    page.goto(LEADS)
    page.get_by_role("slider").press("Home")

    page.get_by_role("button", name="Show all leads").click()

    assert shown(page) == ["lead-1", "lead-2", "lead-3"]
    expect(page.get_by_role("button", name="Show all leads")).to_be_hidden()
    expect(page.get_by_role("slider")).to_be_focused()


def test_there_is_nothing_to_slide_without_script_or_with_one_lead(page, browser, live_server, story):
    make.published(topic=story.topic, slug="ferry", lead="It sails.")
    page.goto("/ukraine/ferry/leads/")
    expect(page.get_by_text("It sails.")).to_be_visible()
    assert page.get_by_role("slider").count() == 0

    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(LEADS)
    assert shown(plain) == ["lead-1", "lead-2", "lead-3"]
    assert plain.get_by_role("slider").count() == 0
    context.close()
