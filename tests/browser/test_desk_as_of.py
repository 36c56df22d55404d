"""When a key point was last known to be so: set to now with one press, by the newsroom's clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests import make
from tests.articles.forms import road

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def window(page, live_server):
    client = Client()
    client.force_login(make.editor())
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    return page


def test_one_press_of_a_key_says_that_a_point_is_so_now(window, settings):
    settings.TIME_ZONE = "Asia/Kathmandu"
    story = make.story()
    window.goto(road(story))
    assert "Asia/Kathmandu" in window.inner_text("#key_points-0 .field-as_of")

    window.fill("[name=key_points-0-text]", "Italy has signed.")
    window.locator("#key_points-0 as-of-now button").focus()
    window.keyboard.press("Enter")

    typed = datetime.fromisoformat(window.input_value("[name=key_points-0-as_of]"))
    now = timezone.now().astimezone(ZoneInfo("Asia/Kathmandu")).replace(tzinfo=None)
    assert abs(now - typed) < timedelta(minutes=1)
    window.click("[name=_save]")
    window.wait_for_selector(".messagelist .success")
    reworded, other = story.key_points.all()
    assert timezone.now() - reworded.as_of < timedelta(minutes=1)
    assert timezone.now() - other.as_of > timedelta(days=1)


def test_a_point_that_was_just_added_can_be_set_too(window):
    window.goto(road(make.story(key_points=[])))
    window.click("#key_points-group .add-row a")
    window.fill("[name=key_points-1-as_of]", "2026-01-01T10:00:00")

    window.click("#key_points-1 as-of-now button")

    assert not window.input_value("[name=key_points-1-as_of]").startswith("2026-01-01")
