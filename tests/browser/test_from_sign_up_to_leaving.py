"""A newcomer's whole way with a newsletter in a real browser, with script and without, and no mail server."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from newsletter.models import Consent, Subscription
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORY, VIRA = "/ukraine/drone-deal/", "vira@reader.example"
PHONE = {"width": 360, "height": 740}


@pytest.fixture(autouse=True)
def at_once(settings, live_server, monkeypatch):
    """Tasks run at once, and mails need not wait for one another."""
    cache.clear()
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    settings.SITE_URL = live_server.url
    monkeypatch.setattr("newsletter.notices.MOST", 10)
    monkeypatch.setattr("newsletter.notices.GAP", timedelta())


@pytest.fixture
def letter():
    story = make.published(topic=make.topic("Ukraine"), slug="drone-deal")
    return make.newsletter(slug="ukraine", topic=story.topic)


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def phone(browser, live_server, request):
    """A reader's own window, in which no cookie is ever set."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=request.param, viewport=PHONE)
    context.set_default_timeout(10_000)
    yield context.new_page()
    assert context.cookies() == []
    context.close()


@pytest.fixture
def outbox(page):
    """Where the links of the newest mail with this subject lead, as staff find them at the desk."""
    make.user("letters staff", username="lena")
    page.goto("/desk/newsletter/outboxmail/")
    page.fill("[name=username]", "lena")
    page.fill("[name=password]", "lena")
    page.click("[type=submit]")

    def link_in(subject: str, name: str) -> str:
        page.goto("/desk/newsletter/outboxmail/")
        page.get_by_role("link", name=subject).first.click()
        return page.frame_locator("iframe").get_by_role("link", name=name).get_attribute("href")

    return link_in


def sign_up(phone):
    """Without a script it takes one press more, after as long as people type."""
    phone.get_by_label("Your e-mail address").fill(VIRA)
    phone.get_by_role("button", name="Sign up").click()
    phone.get_by_text("Check your mail.").or_(phone.get_by_text("One more step:")).first.wait_for()
    if phone.get_by_text("One more step:").count():
        phone.wait_for_timeout(2_100)
        phone.get_by_role("button", name="Sign up").click()
        phone.get_by_role("heading", name="Almost done").wait_for()


def press(phone, button: str, then: str):
    phone.get_by_role("button", name=button).first.click()
    phone.get_by_text(then).first.wait_for()


def test_from_the_story_to_the_mail_and_out_again(phone, outbox, letter):
    phone.goto(STORY)
    sign_up(phone)
    phone.goto(outbox("Please confirm", "Yes, sign me up"))
    phone.get_by_label("Weekly").check()
    press(phone, "Yes, sign me up", "You are in")
    assert Subscription.objects.get().is_active

    phone.goto(outbox("Please confirm", "Yes, sign me up"))
    phone.get_by_role("heading", name="You are in already").wait_for()
    phone.goto(outbox("Welcome", "Choose how often"))
    phone.get_by_label("How often").select_option("daily")
    press(phone, "Save how often", "Saved.")
    press(phone, "Pause for two weeks", "Everything is paused")
    press(phone, "Resume now", "The pause is over.")

    phone.goto(STORY)
    phone.get_by_role("link", name="Follow it").click()
    sign_up(phone)
    phone.goto(outbox("Please confirm: Italy", "Yes, follow it"))
    press(phone, "Yes, follow it", "You are in")
    phone.goto(outbox("You follow: Italy", "Choose how often"))
    phone.get_by_role("heading", name="Stories you follow").wait_for()

    phone.goto(outbox("Welcome", "Unsubscribe"))
    press(phone, "Unsubscribe", "You have unsubscribed")
    phone.get_by_role("link", name="See what else you get").click()
    phone.get_by_label("Your e-mail address").fill(VIRA)
    press(phone, "Mail me the link", "on its way to you")
    phone.goto(outbox("The link you asked for", "What you get from us"))
    phone.get_by_text("You get no newsletter.").wait_for()
    press(phone, "Unfollow", "Done.")

    assert not Subscription.objects.active().exists()
    said = ["asked", "confirmed", "cadence", "paused", "resumed", "asked", "confirmed", "left", "left"]
    assert [consent.act for consent in Consent.objects.order_by("pk")] == said
