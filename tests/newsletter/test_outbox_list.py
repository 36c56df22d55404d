"""The list of the outbox: found in it by address and subject, paged by keys, and nothing of it in an address."""

import re
from html import unescape

import pytest

from newsletter import outbox_list
from newsletter.models import OutboxMail
from tests import make

pytestmark = pytest.mark.django_db

LIST = "/desk/newsletter/outboxmail/"


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff"))


def kept(to: str, subject: str, subscriber=None) -> OutboxMail:
    subscriber = subscriber or make.subscriber(to)
    return OutboxMail.objects.create(subscriber=subscriber, to=to, subject=subject, raw=b"Subject: x\r\n\r\nWords.")


def listed(page: str) -> list[str]:
    """The subjects on the page."""
    return [unescape(subject) for subject in re.findall(r"/change/\"><bdi>(.*?)</bdi></a>", page)]


def test_it_lists_the_newest_first(desk):
    for number in range(3):
        kept(f"reader-{number}@reader.example", f"Mail {number}")

    page = desk.get(LIST).text

    assert listed(page) == ["Mail 2", "Mail 1", "Mail 0"]
    assert "reader-1@reader.example" in page


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("vira@", ["An update", "Please confirm"]),
        ("VIRA", ["An update", "Please confirm"]),
        ("update", ["An update", "Another update"]),
        ("confirm", ["Please confirm"]),
        ("nobody", []),
    ],
)
def test_mails_are_found_by_the_beginning_of_an_address_and_by_the_subject(desk, words, found):
    vira = kept("vira@reader.example", "Please confirm").subscriber
    kept("other@reader.example", "Another update")
    kept("vira@reader.example", "An update", vira)

    assert listed(desk.post(LIST, {"words": words}).text) == found


def test_those_to_a_reader_are_found_however_old_they_are(desk, monkeypatch):
    monkeypatch.setattr(outbox_list, "NEWEST", 1)
    kept("vira@reader.example", "Please confirm")
    kept("other@reader.example", "An update for Vira")

    assert listed(desk.post(LIST, {"words": "vira"}).text) == ["An update for Vira", "Please confirm"]
    assert listed(desk.post(LIST, {"words": "confirm"}).text) == []


def test_an_address_is_never_searched_by_a_link(desk):
    """Links are kept by logs and by the browser."""
    kept("vira@reader.example", "Please confirm")
    kept("other@reader.example", "An update")

    assert len(listed(desk.get(LIST, {"words": "vira"}).text)) == 2


def test_a_beginning_that_too_many_addresses_have_is_said_to_be_one(desk, monkeypatch):
    monkeypatch.setattr(outbox_list, "ADDRESSES", 2)
    for name in ("anna-1", "anna-2", "anna-3"):
        make.subscriber(f"{name}@reader.example")

    assert "More than 2 addresses begin like this" in desk.post(LIST, {"words": "anna"}).text
    assert "begin like this" not in desk.post(LIST, {"words": "anna-1"}).text


def test_pages_follow_each_other_without_a_gap_and_count_nothing(desk, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(outbox_list, "ROWS_ON_PAGE", 2)
    for number in range(5):
        kept(f"reader-{number}@reader.example", f"Mail {number}")

    pages, before = [], ""
    while before is not None:
        with django_assert_max_num_queries(7) as asked:
            page = desk.get(LIST, {"before": before}).text
        assert not any("COUNT(" in query["sql"] for query in asked)
        pages.append(listed(page))
        found = re.search(r'name="before" value="(\d+)"', page)
        before = found and found[1]

    assert pages == [["Mail 4", "Mail 3"], ["Mail 2", "Mail 1"], ["Mail 0"]]
    older = desk.post(LIST, {"words": "mail", "before": str(OutboxMail.objects.first().pk)}).text
    assert listed(older) == ["Mail 3", "Mail 2"]


def test_without_words_the_list_is_one_that_can_be_gone_back_to(desk):
    answer = desk.post(LIST, {"words": " ", "before": "7"})

    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?before=7")
