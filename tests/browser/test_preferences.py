"""The pages behind mailed links in a real browser: without script on a phone, and for all who read."""

import pytest
from django.core.cache import cache

from newsletter.models import Consent, Notice, Subscriber, Subscription
from tests import make
from tests.newsletter.test_leaving import SCANNERS, preferences_of, road_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture
def vira():
    """Somebody with a letter, one that waits to be confirmed, and a story."""
    cache.clear()
    vira, topic = make.subscriber("vira.koval@reader.example"), make.topic("Ukraine")
    make.subscription(vira, newsletter=make.newsletter(topic=topic))
    europe = make.newsletter("The week in Europe", topic=make.topic("Europe"))
    make.subscription(vira, newsletter=europe, is_active=False)
    make.newsletter("Everything that moved today")
    long = "Grid operator restores power to the north after a night of repairs, with two substations on loan"
    make.subscription(vira, article=make.published(long, topic=topic), cadence="each")
    return vira


@pytest.fixture
def phone(browser, live_server):
    """A narrow window without script."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, viewport=PHONE)
    yield context.new_page()
    assert context.cookies() == []
    context.close()


def is_too_wide(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_everything_is_done_on_a_phone_without_script(phone, vira):
    letter = vira.subscriptions.first()
    phone.goto(preferences_of(vira))
    phone.get_by_label("How often").first.select_option("weekly")
    phone.get_by_role("button", name="Save how often: Get the next").click()
    phone.get_by_text("Saved.").wait_for()
    phone.get_by_role("button", name="Pause for four weeks").click()
    phone.get_by_text("Everything is paused").wait_for()
    phone.get_by_role("button", name="Resume now").click()
    phone.get_by_text("The pause is over.").wait_for()
    phone.get_by_role("button", name="Unfollow").click()
    phone.get_by_text("Done. We will not send it to you again.").wait_for()
    letter.refresh_from_db()
    assert letter.cadence == "weekly" and letter.is_active
    assert Subscription.objects.left().get().article

    phone.goto(road_of(letter))
    phone.get_by_label("It came too often").check()
    phone.get_by_role("button", name="Unsubscribe").click()
    phone.get_by_role("heading", name="You have unsubscribed").wait_for()
    assert Consent.objects.filter(reason="It came too often").exists()

    phone.goto(preferences_of(vira))
    phone.get_by_role("link", name="Have it all erased").click()
    phone.get_by_role("button", name="Yes, erase everything").click()
    phone.get_by_role("heading", name="Everything is erased").wait_for()
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.fails("/newsletters/leave/none/")
def test_nothing_keeps_anybody_from_reading(page, axe, vira, scheme, size):
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    story, preferences = vira.subscriptions.last(), preferences_of(vira)

    for road in (
        *(preferences, f"{preferences}?said=cadence", f"{preferences}erase/", road_of(story)),
        *("/newsletters/your-link/", "/newsletters/your-link/sent/", "/newsletters/leave/none/"),
    ):
        page.goto(road)
        assert axe() == [], road
        assert not is_too_wide(page), road

    page.goto(preferences)
    page.locator("#until").evaluate("field => field.form.noValidate = true")
    page.get_by_label("Or pause until the morning of").fill("2020-01-01")
    page.get_by_role("button", name="Pause until this day").click()
    page.get_by_text("Not paused yet.").wait_for()
    assert page.get_by_label("Or pause until the morning of").input_value() == "2020-01-01"
    assert axe() == [] and not is_too_wide(page)

    page.goto(road_of(story))
    page.get_by_role("button", name="Unfollow").click()
    page.get_by_role("heading", name="You no longer follow this story").wait_for()
    assert axe() == []


def test_a_scanner_with_a_browser_that_does_not_click_changes_nothing(browser, live_server, vira):
    context = browser.new_context(base_url=live_server.url, user_agent=SCANNERS[0])
    page, before = context.new_page(), list(Subscription.objects.values())

    for road in [*map(road_of, vira.subscriptions.all()), preferences_of(vira), f"{preferences_of(vira)}erase/"]:
        for _ in range(5):
            assert page.goto(road, wait_until="networkidle").status == 200

    context.close()
    assert list(Subscription.objects.values()) == before
    assert not Consent.objects.exists() and not Notice.objects.exists()
