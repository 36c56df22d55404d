"""Signing up in a real browser, with script and without; and programs that only look."""

import email.policy
import re
from email import message_from_bytes
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache

from articles import publishing
from articles.publishing import Box
from newsletter import signing_up
from newsletter.models import Notice, OutboxMail, Subscription
from newsletter.tokens import Purpose, token
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORY = "/ukraine/drone-deal/"
VIRA = "vira@reader.example"


@pytest.fixture(autouse=True)
def at_once(settings):
    cache.clear()
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def story():
    return make.published(topic=make.topic("Ukraine"), slug="drone-deal")


@pytest.fixture
def letter(story):
    return make.newsletter(slug="ukraine", topic=story.topic, wording="We write as often as you choose.")


def mailed_road() -> str:
    """Where the link of the newest mail leads."""
    message = message_from_bytes(bytes(OutboxMail.objects.first().raw), policy=email.policy.default)
    text = message.get_body(["plain"]).get_content()
    return urlsplit(re.search(r"https?://\S+/confirm/\S+", text)[0]).path


@pytest.mark.parametrize("width", [360, 1280])
def test_with_script_the_answer_stands_in_the_box(page, story, letter, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(STORY)
    box = page.locator("sign-up")
    box.get_by_label("Your e-mail address").fill(VIRA)
    button = box.get_by_role("button", name="Sign up")
    button.click()
    box.get_by_role("status").get_by_text("Check your mail.").wait_for()

    assert urlsplit(page.url).path == STORY
    assert button.evaluate("button => button === document.activeElement")
    assert page.context.cookies() == []
    page.goto(mailed_road())
    page.get_by_label("Weekly").check()
    page.get_by_role("button", name="Yes, sign me up").click()
    page.get_by_role("heading", name="You are in").wait_for()
    assert Subscription.objects.get().is_active
    assert Subscription.objects.get().cadence == "weekly"


@pytest.mark.parametrize("width", [360, 1280])
def test_without_script_it_takes_one_step_more(browser, live_server, story, letter, width):
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    page.goto(STORY)
    page.get_by_label("Your e-mail address").fill(VIRA)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_text("That keeps spam robots out.").wait_for()
    assert page.get_by_label("Your e-mail address").input_value() == VIRA
    page.wait_for_timeout(2100)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("heading", name="Almost done").wait_for()

    page.goto(mailed_road())
    page.get_by_role("button", name="Yes, sign me up").click()
    page.get_by_role("heading", name="You are in").wait_for()
    assert Subscription.objects.get().is_active
    assert context.cookies() == []
    context.close()


def test_a_story_is_followed_from_its_page(page, story, letter):
    page.goto(STORY)
    page.get_by_role("link", name="Follow it").click()
    page.get_by_role("heading", name="Follow this story").wait_for()
    page.get_by_label("Your e-mail address").fill(VIRA)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("status").get_by_text("Check your mail.").wait_for()

    assert Subscription.objects.get().article == story


@pytest.mark.fails("/newsletters/form-token/")
def test_where_no_token_can_be_fetched_the_form_goes_as_it_is(page, story, letter):
    page.route("**/newsletters/form-token/", lambda route: route.fulfill(status=503, body=""))
    page.goto(STORY)
    page.get_by_label("Your e-mail address").fill(VIRA)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_text("That keeps spam robots out.").wait_for()

    assert page.get_by_label("Your e-mail address").input_value() == VIRA


@pytest.mark.fails("/newsletters/ukraine/")
def test_what_is_refused_is_said_in_the_box_and_stays_in_the_field(page, story, letter, settings):
    settings.SIGN_UPS_PER_HOUR = 0
    page.goto(STORY)
    field = page.get_by_label("Your e-mail address")
    field.fill(VIRA)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("status").get_by_text("Not sent yet.").wait_for()

    assert field.input_value() == VIRA
    settings.SIGN_UPS_PER_HOUR = 20
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("status").get_by_text("Check your mail.").wait_for()


def test_a_new_edition_leaves_what_is_typed(page, story, letter):
    page.goto(STORY)
    page.get_by_label("Your e-mail address").fill("vira@rea")
    box = Box("Five signed.", "Six signed.", 1, 1)
    publishing.publish(
        story, kind=publishing.Kind.CORRECTION, by=make.editor(), base=1, note="Six.", box=box, reason="A test."
    )
    page.get_by_role("button", name="Show what changed").click()
    page.get_by_text("Six signed.").first.wait_for()

    assert page.get_by_label("Your e-mail address").input_value() == "vira@rea"
    blocks = page.locator("article.story > *").evaluate_all(
        "all => all.map((one) => one.className || one.localName)"
    )
    assert blocks[-2:] == ["sign-up block", "kept block"]


def test_a_program_that_runs_scripts_and_presses_nothing_changes_nothing(page, letter):
    signing_up.ask(VIRA, newsletter=letter, language="en", page="/")
    road = mailed_road()
    for _ in range(5):
        page.goto(road)
        page.wait_for_load_state("networkidle")
        page.mouse.move(200, 300)
        page.keyboard.press("End")

    assert not Subscription.objects.active().exists()
    assert [notice.kind for notice in Notice.objects.all()] == ["confirm"]
    page.get_by_role("button", name="Yes, sign me up").click()
    page.get_by_role("heading", name="You are in").wait_for()
    assert Subscription.objects.active().exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_of_signing_up_keeps_nobody_from_reading(page, axe, story, letter, scheme, width):
    make.newsletter("The day in one mail", slug="the-day")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    confirm = token(Purpose.CONFIRM, make.subscription(newsletter=letter, is_active=False).name_in_links)
    roads = ["/newsletters/", "/newsletters/ukraine/", "/newsletters/follow/drone-deal/", STORY, "/"]
    roads += ["/newsletters/check-your-mail/", f"/newsletters/confirm/{confirm}/"]

    for road in roads:
        page.goto(road)
        assert axe() == [], road
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), road
    page.get_by_role("button", name="Yes, sign me up").click()
    page.get_by_role("heading", name="You are in").wait_for()
    assert axe() == []
    page.goto("/newsletters/ukraine/")
    page.evaluate("document.forms[0].submit()")
    page.get_by_text("the field was empty").wait_for()
    assert axe() == []


def test_the_box_is_not_printed(page, story, letter):
    page.goto(STORY)
    page.emulate_media(media="print")

    assert not page.locator("sign-up").is_visible()
