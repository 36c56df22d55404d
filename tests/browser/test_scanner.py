"""A scanner that opens the links of a mail in a browser, scripts and all, and clicks nothing."""

import pytest
from django.apps import apps
from django.core.cache import cache

from newsletter import emails
from newsletter.models import Subscription
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> list:
    models = apps.get_app_config("newsletter").get_models()
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_browser_that_opens_every_link_five_times_changes_nothing(page, live_server, settings):
    cache.clear()
    settings.SITE_URL = live_server.url
    letter = make.newsletter()
    asked = make.subscription(newsletter=letter, is_active=False)
    getting = make.subscription(newsletter=letter)
    links = [emails.confirm_link(asked), emails.leave_link(getting), emails.preferences_link(getting.subscriber)]
    before = everything()

    for link in links * 5:
        page.goto(link, wait_until="networkidle")

    assert everything() == before
    page.goto(links[0])
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    page.goto(links[1])
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    assert [*Subscription.objects.active()] == [asked] and [*Subscription.objects.left()] == [getting]
