"""A newcomer without a mail server signs up, finds the mail at the desk, and confirms."""

import re

import pytest
from django.core.cache import cache
from django.db import transaction

from newsletter import notices
from newsletter.models import Notice, Subscription
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/desk/newsletter/outboxmail/"


@pytest.fixture(autouse=True)
def at_once(settings, live_server):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    settings.SITE_URL = live_server.url
    cache.clear()


@pytest.fixture
def asked():
    subscription = make.subscription(make.subscriber("vira@reader.example"), is_active=False)
    with transaction.atomic():
        notices.post(subscription.subscriber, Notice.Kind.CONFIRM, subscription)
    return subscription


@pytest.fixture
def desk(page):
    make.user("letters staff", username="lena")
    page.goto(LIST)
    page.fill("[name=username]", "lena")
    page.fill("[name=password]", "lena")
    page.click("[type=submit]")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_outbox_keeps_nobody_from_reading(asked, desk, axe, scheme):
    desk.emulate_media(color_scheme=scheme)
    desk.reload()
    desk.get_by_text("Mails are kept here").wait_for()
    assert axe() == []

    desk.get_by_role("link", name="Please confirm").click()
    desk.frame_locator("iframe").get_by_role("link", name="Yes, sign me up").wait_for()
    assert axe() == []


def test_a_newcomer_confirms_from_the_mail_in_the_outbox(asked, desk):
    desk.get_by_role("link", name="Please confirm").click()
    with desk.expect_popup() as opened:
        desk.frame_locator("iframe").get_by_role("link", name="Yes, sign me up").click()
    confirming = opened.value
    confirming.wait_for_url(re.compile("/newsletters/confirm/"))
    assert not Subscription.objects.get().is_active

    confirming.get_by_role("main").get_by_role("button").click()
    confirming.wait_for_load_state()

    assert Subscription.objects.get().is_active
