"""Whatever somebody types after the site's name: there is a page or there is none; it is never our mistake."""

import logging
import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from newsletter import digest
from tests import make, roads

pytestmark = pytest.mark.django_db

HUGE = str(10**20)
ODD = [
    *("-1", "0", "abc", HUGE, "9" * 5_000, "%00", "a%00b", "_00", "%0A", "%ff", "%ED%A0%80", "%D9%A9%D9%A9%D9%A9"),
    *("..%2f..%2f", "%F0%9F%98%80", "%22%3E%3Cscript%3E", "00000000-0000-0000-0000-000000000000"),
]
TAKE_POSTS = {
    "/<slug:topic>/<slug:slug>/report-an-error/",
    "/newsletters/<slug:slug>/",
    "/newsletters/confirm/",
    "/newsletters/confirm/<path:token>/",
    "/newsletters/events/<str:provider>/",
    "/newsletters/follow/<slug:slug>/",
    "/newsletters/leave/",
    "/newsletters/leave/<path:token>/",
    "/newsletters/preferences/",
    "/newsletters/preferences/<path:token>/",
    "/newsletters/preferences/<str:token>/erase/",
    "/newsletters/your-link/",
}
ODDER = [
    *("1.5", "1e3", "0x1", "NaN", "1,2", "1;2", "a" * 5_000, "1%0d%0aX-Odd:1", "%20", "%C3%28", "%E2%80%AE"),
    *("%25", "%E6%BC%A2", "..", "%2e%2e", "%5c%5c", "//", "'", "%7B%7B7*7%7D%7D"),
]


@pytest.fixture(autouse=True)
def quiet(caplog):
    """Django notes every 404."""
    caplog.set_level(logging.ERROR, "django.request")


@pytest.fixture
def story():
    story = make.published(topic=make.topic("Ukraine"), slug="drone-deal", photo=make.photo())
    make.edition(story, headline="Italy signs a drone deal")
    digest.start(make.issue(make.newsletter(slug="ukraine", topic=story.topic)))
    return story


@pytest.fixture
def anybody():
    return Client(raise_request_exception=False)


@pytest.fixture
def superuser():
    client = Client(raise_request_exception=False)
    client.force_login(make.user("chief", is_superuser=True))
    return client


def filled_oddly(road, story, odd_things):
    """The road with each of its blanks in turn holding something odd, then all of them."""
    whole = {name: values[0] for name, values in roads.values_of(story, road).items()}
    for odd in odd_things:
        for blank in road.blanks:
            yield road.filled(**{**whole, blank: odd})
        yield f"{road.filled(**dict.fromkeys(road.blanks, odd))}{odd}/"


def asked_oddly(road, story, questions, odd_things):
    """The road with odd answers in its query."""
    address = roads.addresses(road, story)[0]
    for question in questions:
        for odd in odd_things:
            yield f"{address}?{question.replace('ODD', odd)}"


def amiss(client, addresses, allowed) -> str:
    """What is answered in another way than allowed, or leads to another site."""
    answers = [(address, client.get(address)) for address in addresses]
    assert answers
    return "\n".join(
        f"{response.status_code} {address[:80]} {response.get('Location', '')[:80]}"
        for address, response in answers
        if response.status_code not in allowed or urlsplit(response.get("Location", "")).netloc
    )


def desk_roads():
    return [road for road in roads.every_road() if road.is_at_the_desk and "logout" not in road.template]


def is_list(road) -> bool:
    return re.fullmatch("/desk/[a-z_]+/[a-z]+/", road.template) is not None


def test_an_odd_public_address_leads_to_no_page(anybody, story):
    odd = [address for road in roads.public_roads() for address in filled_oddly(road, story, ODD + ODDER)]

    assert not amiss(anybody, odd, {301, 400, 404})


def test_an_odd_query_of_a_public_page_is_no_mistake_of_ours(anybody, story):
    questions = ["page=ODD", "before=ODD", "odd=ODD"]
    odd = [address for road in roads.public_roads() for address in asked_oddly(road, story, questions, ODD)]

    assert not amiss(anybody, odd, {200, 204, 302, 404})


def test_an_odd_address_at_the_desk_leads_to_no_page(superuser, story):
    odd = [address for road in desk_roads() for address in filled_oddly(road, story, ODD)]

    assert not amiss(superuser, odd, {301, 302, 403, 404, 405})


def test_an_odd_query_of_a_list_at_the_desk_is_no_mistake_of_ours(superuser, story):
    questions = ["q=ODD", "p=ODD&o=ODD", "topic__id__exact=ODD&kind__exact=ODD", "pk__in=ODD", "_to_field=ODD"]
    lists = [road for road in desk_roads() if is_list(road)]
    odd = [address for road in lists for address in asked_oddly(road, story, questions, ["-1", "abc", HUGE, "%00"])]

    assert not amiss(superuser, odd, {200, 302, 400, 404})


def test_an_odd_query_elsewhere_at_the_desk_is_no_mistake_of_ours(superuser, story):
    questions = ["page=ODD&_popup=ODD&_changelist_filters=ODD&next=ODD", "_to_field=ODD&term=ODD"]
    others = [road for road in desk_roads() if not is_list(road)]
    odd = [address for road in others for address in asked_oddly(road, story, questions, ["abc", HUGE])]
    chooser = "/desk/autocomplete/?app_label=articles&model_name=citation&field_name=source"
    odd += [f"{chooser}&{name}={value}" for name in ("term", "page") for value in ODD]

    assert not amiss(superuser, odd, {200, 302, 400, 403, 404, 405})


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_a_public_page_takes_no_other_method(anybody, story, method):
    public = [road for road in roads.public_roads() if method != "post" or road.template not in TAKE_POSTS]
    pages = [roads.addresses(road, story)[0] for road in public]

    answers = {page: getattr(anybody, method)(page).status_code for page in pages}

    assert set(answers.values()) == {405}, answers
