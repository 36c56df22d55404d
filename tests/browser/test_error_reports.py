"""Reporting an error in a real browser, which says where a form comes from; and the desk's page for it."""

import pytest

from articles.models import ErrorReport
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROAD = "/ukraine/drone-deal/report-an-error/"


@pytest.fixture
def story():
    return make.published(topic=make.topic("Ukraine"), slug="drone-deal")


def test_a_reader_reports_from_the_story_without_script_or_cookie(browser, live_server, story):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(story.get_absolute_url())
    page.get_by_role("link", name="Report an error").click()
    page.get_by_label("What is wrong").fill("It was six.")
    page.get_by_role("button", name="Send to the desk").click()

    page.get_by_role("heading", name="Thank you").wait_for()
    assert ErrorReport.objects.get().text == "It was six."
    assert context.cookies() == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_form_that_comes_back_keeps_nobody_from_reading(page, axe, story, settings, scheme):
    settings.REPORTS_PER_HOUR = 0
    page.emulate_media(color_scheme=scheme)
    page.goto(ROAD)
    page.get_by_label("What is wrong").fill("It was six.")
    page.get_by_role("button").click()
    page.get_by_text("Not sent yet.").wait_for()
    assert page.get_by_label("What is wrong").input_value() == "It was six."
    assert axe() == []

    page.get_by_label("What is wrong").fill("")
    page.evaluate("document.forms[0].noValidate = true")
    page.get_by_role("button").click()
    page.get_by_text("this was empty").wait_for()
    assert axe() == []


def test_an_editor_reads_and_answers(page, axe, story):
    report = ErrorReport.objects.create(article=story, edition=1, text="It was six.")
    make.user("editor", username="ewan")
    page.goto(f"/desk/articles/errorreport/{report.pk}/change/")
    page.fill("[name=username]", "ewan")
    page.fill("[name=password]", "ewan")
    page.click("[type=submit]")
    page.get_by_role("heading", name="What the reader saw").wait_for()
    assert axe() == []

    page.get_by_label("Answer").fill("It was five.")
    page.get_by_role("button", name="Answer", exact=True).click()

    page.get_by_text("The report is answered.").wait_for()
    assert ErrorReport.objects.get().answer == "It was five."
