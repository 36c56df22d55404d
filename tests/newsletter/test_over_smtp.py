"""What a mail server is given: by one reader's whole way in and out, and for every odd address."""

import re
import time
from urllib.parse import urlsplit

import pytest
from django.test import Client

from newsletter import form_tokens
from newsletter.models import Consent, Subscription
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

VIRA = "vira@reader.example"


@pytest.fixture(autouse=True)
def elsewhere(settings):
    settings.SITE_URL, settings.DEFAULT_FROM_EMAIL = "https://news.example", "newsroom@news.example"


def sign_up(address: str) -> int:
    make.newsletter(slug="ukraine")
    sent = {"address": address, "token": form_tokens.issue(time.time() - 60)}
    return Client(enforce_csrf_checks=True).post("/newsletters/ukraine/", sent).status_code


def confirmed(live) -> None:
    sign_up(VIRA)
    [mail] = live.taken
    [link] = re.findall(r"https://\S+/confirm/\S+", mail.get_body(["plain"]).get_content())
    assert Client().post(urlsplit(link).path).status_code == 200


@pytest.mark.parametrize("is_multipart", [False, True])
def test_who_came_in_leaves_by_what_stands_in_the_raw_mail(live, is_multipart):
    confirmed(live)
    confirm, welcome = live.taken
    [unsubscribe] = welcome.get_all("List-Unsubscribe")
    assert welcome.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    assert "List-Unsubscribe" not in confirm
    [link] = re.fullmatch(r"\s*<(https://news\.example/\S+)>\s*", unsubscribe).groups()
    program, road = Client(enforce_csrf_checks=True), urlsplit(link).path
    sent = ["List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"]
    sent = [{"List-Unsubscribe": "One-Click"}] if is_multipart else sent

    answers = [program.post(road, *sent) for _ in range(2)]

    assert [(answer.status_code, answer.get("Location")) for answer in answers] == [(200, None)] * 2
    assert Subscription.objects.left().count() == 1
    assert Consent.objects.first().method == Consent.Method.ONE_CLICK
    assert len(live.taken) == 2


def test_every_mail_on_the_way_has_what_one_of_a_machine_has(live):
    confirmed(live)

    assert len({mail["Message-ID"] for mail in live.taken}) == len(live.taken) == 2
    for mail in live.taken:
        assert mail["From"].addresses[0].domain == "news.example" and mail["Message-ID"].endswith("@news.example>")
        assert mail["Auto-Submitted"] == "auto-generated" and mail["Date"]
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        assert len(mail.get_body(["html"]).get_content().encode()) < 90_000


@pytest.mark.parametrize(
    ("typed", "rcpt"),
    [
        ("vira+news@READER.example", "vira+news@reader.example"),
        ("vira@пошта.example", "vira@xn--80a1acn3a.example"),
        ("vira%relay@reader.example", "vira%relay@reader.example"),
        ("o'neil@mailinator.com", "o'neil@mailinator.com"),
        (
            f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 53}.example",
            f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 53}.example",
        ),
    ],
)
def test_a_mail_is_for_exactly_one(live, typed, rcpt):
    assert sign_up(typed) == 303

    assert live.recipients == [rcpt]


@pytest.mark.parametrize(
    "typed",
    [
        "a@b.example\r\nRCPT TO:<c@d.example>",
        "a@b.example,c@d.example",
        '"a b"@c.example',
        "a\0@b.example",
        "a@[127.0.0.1]",
    ],
)
def test_what_is_not_one_address_reaches_no_server(live, typed):
    assert sign_up(typed) == 200

    assert live.calls == 0
