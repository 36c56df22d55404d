"""Mail that is not to leave: kept as it would have been sent, seen at the desk, forgotten after a week."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail
from django.utils import timezone

from newsletter import live_mail, notices, retention
from newsletter.models import Notice, OutboxMail
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

LIST = "/desk/newsletter/outboxmail/"


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff"))


@pytest.fixture
def mail():
    """What asks a reader to confirm."""
    subscription = make.subscription(make.subscriber("vira@reader.example"), is_active=False)
    notices.post(subscription.subscriber, Notice.Kind.CONFIRM, subscription)
    return OutboxMail.objects.get()


def page_of(mail) -> str:
    return f"{LIST}{mail.pk}/change/"


def framed(mail) -> str:
    return f"{LIST}{mail.pk}/html/"


def kept(*addresses, subject="A subject", body="Words.", **fields):
    mail = EmailMultiAlternatives(subject, body, to=addresses, **fields)
    mail.subscriber = make.subscriber()
    get_connection(live_mail.OUTBOX).send_messages([mail])
    return OutboxMail.objects.first()


def test_a_mail_is_seen_with_its_headers_and_both_its_bodies(desk, mail):
    page = unescape(desk.get(page_of(mail)).text)

    assert "Please confirm: Get the next Ukraine update" in page
    assert "vira@reader.example" in page and "Auto-Submitted" in page
    assert "open this page and press the button on it" in page
    assert f'src="{framed(mail)}"' in page
    assert re.search(r'<a href="http://127.0.0.1:8000/newsletters/confirm/[^"]+"', page)


def test_its_frame_runs_nothing_and_loads_nothing(desk, mail):
    answer = desk.get(framed(mail))

    policy = dict(rule.partition(" ")[::2] for rule in answer["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]
    assert '<base target="_blank">' in answer.text and "Yes, sign me up" in answer.text


def test_a_mail_of_plain_text_has_no_frame(desk):
    mail = kept("vira@reader.example", body="Look: https://news.example/a/?b=1&c=2 <script>")

    page = desk.get(page_of(mail)).text

    assert "<iframe" not in page and "<script>\n" not in page
    assert 'href="https://news.example/a/?b=1&amp;c=2"' in page
    assert desk.get(framed(mail)).status_code == 404


def test_a_mail_to_many_and_a_long_subject_are_kept_too(desk):
    mail = kept(*(f"reader-{number}@reader.example" for number in range(99)), subject="Ж" * 900)

    assert desk.get(page_of(mail)).status_code == desk.get(LIST).status_code == 200


@pytest.mark.parametrize("role", ["editor", "reporter", None])
def test_others_at_the_desk_see_none_of_it(client_for, mail, role):
    client = client_for(make.user(role))

    assert [client.get(road).status_code for road in (LIST, page_of(mail), framed(mail))] == [403] * 3


@pytest.mark.parametrize("query", ["to__startswith=vira", "raw__contains=x", "q=vira", "subject__contains=a"])
def test_nobody_finds_out_by_a_filter_what_stands_in_it(desk, mail, query):
    answer = desk.get(f"{LIST}?{query}")

    assert answer.status_code != 200 or "vira@reader.example" in answer.text


def test_nothing_in_it_can_be_changed(desk, mail):
    for road in (page_of(mail), f"{LIST}{mail.pk}/delete/", f"{LIST}add/"):
        assert desk.post(road, {"to": "x", "post": "yes"}).status_code == 403

    assert OutboxMail.objects.get().to == "vira@reader.example"


def test_it_is_forgotten_after_a_week(mail):
    other = kept("vira@reader.example")
    OutboxMail.objects.filter(pk=mail.pk).update(made_at=timezone.now() - timedelta(days=7, minutes=1))
    OutboxMail.objects.filter(pk=other.pk).update(made_at=timezone.now() - timedelta(days=6))

    assert retention.sweep()["outbox"] == 1

    assert list(OutboxMail.objects.all()) == [other]


def test_it_keeps_every_other_mail_of_a_newcomer_but_shows_it_to_no_letters_staff(settings, desk, client_for):
    settings.EMAIL_BACKEND = live_mail.OUTBOX

    send_mail("Set your password", "The link.", None, ["ewan@newsroom.example"])

    kept = OutboxMail.objects.get()
    admin = client_for(make.user(is_superuser=True))
    assert "Set your password" in admin.get(LIST).text and admin.get(page_of(kept)).status_code == 200
    assert "Set your password" not in desk.get(LIST).text
    assert [desk.get(road).status_code for road in (page_of(kept), framed(kept))] == [404, 404]
