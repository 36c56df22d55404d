"""A link in a mail is of a person and a letter, not of a row: what it does when rows have gone and come."""

import base64
import re
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from newsletter import emails, erasing
from newsletter.models import Consent, Subscriber, Subscription
from newsletter.tokens import Purpose, token
from tests import make

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ADDRESS = "vira@reader.example"


@pytest.fixture(autouse=True)
def nobody_has_sent_anything():
    cache.clear()


@pytest.fixture
def letter():
    return make.newsletter()


@pytest.fixture
def subscription(letter):
    return make.subscription(make.subscriber(ADDRESS), newsletter=letter)


def two_years_ago():
    moment = datetime.now(UTC) - timedelta(days=730)
    return patch("django.core.signing.time.time", return_value=moment.timestamp())


def road_of(link: str) -> str:
    return link[link.index("/newsletters/") :]


@pytest.mark.parametrize("is_active", [True, False])
def test_an_old_one_click_ends_what_was_asked_for_after_an_erasure(letter, subscription, is_active):
    with two_years_ago():
        road = road_of(emails.leave_link(subscription))
    erasing.erase(subscription.subscriber)
    make.subscription(make.subscriber("Vira@reader.example"), newsletter=letter, is_active=is_active)

    answer = Client(enforce_csrf_checks=True).post(road, ONE_CLICK)

    assert answer.status_code == 200
    assert not Subscription.objects.active().exists() and not Subscription.objects.pending().exists()


def test_it_ends_nothing_else(reader, subscription):
    others = [
        make.subscription(subscription.subscriber, newsletter=make.newsletter(topic=make.topic())),
        make.subscription(subscription.subscriber, article=make.published()),
        make.subscription(newsletter=subscription.newsletter),
    ]

    reader.post(road_of(emails.leave_link(subscription)), ONE_CLICK)

    assert [*Subscription.objects.active()] == others


def test_a_link_to_unfollow_a_story_outlives_its_row_too(reader):
    story = make.published()
    road = road_of(emails.leave_link(make.subscription(make.subscriber(ADDRESS), article=story)))
    erasing.erase(Subscriber.objects.get())
    make.subscription(make.subscriber(ADDRESS), article=story)

    reader.post(road, ONE_CLICK)

    assert Consent.objects.get().act == Consent.Act.LEFT


def test_to_who_gets_nothing_it_says_so(reader, subscription):
    road = road_of(emails.leave_link(subscription))
    erasing.erase(subscription.subscriber)

    answer = reader.get(road)

    assert answer.status_code == 200 and "You get nothing of this from us" in answer.text
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Robots-Tag"] == "noindex"
    assert reader.post(road, ONE_CLICK).status_code == 200


@pytest.mark.parametrize("road", ["confirm", "preferences"])
def test_what_was_mailed_before_an_erasure_opens_nothing_that_came_after(reader, letter, subscription, road):
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Subscriber.objects.update(created_at=an_hour_ago)
    with patch("django.core.signing.time.time", return_value=an_hour_ago.timestamp() + 60):
        links = {
            "confirm": emails.confirm_link(subscription),
            "preferences": emails.preferences_link(subscription.subscriber),
        }
    assert reader.get(road_of(links[road])).status_code == 200
    erasing.erase(subscription.subscriber)
    make.subscription(make.subscriber(ADDRESS), newsletter=letter, is_active=False)

    answers = [reader.get(road_of(links[road])), reader.post(road_of(links[road]))]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Subscription.objects.pending().exists()


def test_no_link_names_a_row_of_a_person_or_the_address(subscription):
    links = [
        emails.confirm_link(subscription),
        emails.leave_link(subscription),
        emails.preferences_link(subscription.subscriber),
    ]

    for link in links:
        said = link.rstrip("/").rpartition("/")[2].partition(":")[0]
        assert re.fullmatch(rf"(newsletter-{subscription.newsletter_id}-)?{subscription.subscriber.digest}", said)
        assert "vira" not in link and base64.b64encode(ADDRESS.encode()).decode() not in link


@pytest.mark.parametrize("subject", ["", "1", "newsletter-1", "letter-1-{digest}", "newsletter-x-{digest}"])
def test_a_subject_that_is_none_is_nobodys(reader, subscription, subject):
    link = token(Purpose.LEAVE, subject.format(digest=subscription.subscriber.digest))

    reader.post(f"/newsletters/leave/{link}/", ONE_CLICK)

    assert Subscription.objects.active().exists()


def test_a_link_made_under_a_former_key_works(reader, subscription, settings):
    road = road_of(emails.leave_link(subscription))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the key after it"

    assert reader.post(road, ONE_CLICK).status_code == 200
    assert Subscription.objects.left().exists()
