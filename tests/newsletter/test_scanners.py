"""Programs that follow every link in every mail change nothing, and the people they belong to still can."""

import email.policy
import re
from datetime import timedelta
from email import message_from_bytes
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.utils import timezone

from newsletter import digest, notices, sending
from newsletter.models import Cadence, Issue, Notice, OutboxMail, Subscription
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

AGENTS = [
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 Chrome/41.0 Safari/537.36 SafeLinks",
    "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
    "Mozilla/5.0 (compatible; bingbot/2.0) BingPreview/1.0b",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
]


@pytest.fixture
def mailed(monkeypatch):
    """Mails of every kind, about a newsletter and about a story, to those who get it and those who are asked."""
    monkeypatch.setattr(notices, "GAP", timedelta())
    for about in ({"newsletter": make.newsletter()}, {"article": make.published()}):
        for is_active, kinds in ((True, ["known", "welcome", "link"]), (False, ["confirm", "left"])):
            subscription = make.subscription(make.subscriber(), is_active=is_active, **about)
            for kind in map(Notice.Kind, kinds):
                with transaction.atomic():
                    notices.post(subscription.subscriber, kind, None if kind == Notice.Kind.LINK else subscription)


def links_in_mails() -> list[str]:
    """The paths of all links of ours in all mails, each once; those of their headers too."""
    found = set()
    for mail in OutboxMail.objects.all():
        message = message_from_bytes(bytes(mail.raw), policy=email.policy.default)
        texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        for text in [*texts, message.get("List-Unsubscribe", "")]:
            found |= set(re.findall(r"https?://[^\s\"<>]+", unescape(text)))
    return sorted({urlsplit(link).path for link in found})


def everything() -> list:
    """All rows of the newsletters."""
    models = apps.get_app_config("newsletter").get_models()
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("agent", AGENTS)
def test_programs_that_follow_every_link_of_every_mail_change_nothing(mailed, agent, record_property):
    scanner = Client(enforce_csrf_checks=True, headers={"User-Agent": agent, "Purpose": "prefetch"})
    before, links = everything(), links_in_mails()

    for _ in range(5):
        for link in links:
            for method in (scanner.get, scanner.head, scanner.options):
                assert method(link).status_code < 500, link

    record_property(f"links in mails, each followed 15 times as {agent[-20:]}", len(links))
    assert OutboxMail.objects.count() == 10
    # A link names the second it was made in after what it is about.
    about = {link.partition(":")[0] for link in links}
    assert [sum(road in link for link in about) for road in ("/confirm/", "/leave/")] == [2, 2]
    assert everything() == before
    for link in links:
        if "/confirm/" in link or "/leave/" in link:
            assert Client().post(link).status_code == 200
    assert (Subscription.objects.active().count(), Subscription.objects.left().count()) == (2, 2)


@pytest.fixture
def issues():
    """What changed in a story, mailed to who gets its newsletter and to who follows it."""
    letter = make.newsletter(topic=make.topic())
    make.subscription(newsletter=letter, cadence=Cadence.EACH)
    story = make.published(topic=letter.topic)
    make.subscription(article=story, cadence=Cadence.EACH)
    make.edition(story, lead="Six came.", note="Six came, not five.")
    digest.compose_due(timezone.now() + timedelta(minutes=3))
    for issue in Issue.objects.sending():
        sending.send(issue, float("inf"))
        sending.finish(issue)


@pytest.mark.parametrize("agent", AGENTS)
def test_nor_do_they_change_anything_by_the_links_of_a_letter(issues, agent, record_property):
    scanner = Client(enforce_csrf_checks=True, headers={"User-Agent": agent, "Purpose": "prefetch"})
    assert OutboxMail.objects.count() == 2
    before, links = everything(), links_in_mails()

    for link in links * 5:
        for method in (scanner.get, scanner.head, scanner.options):
            assert method(link).status_code < 500, link

    record_property(f"links in letters, each followed 15 times as {agent[-20:]}", len(links))
    assert everything() == before
    to_leave = [link for link in links if "/leave/" in link]
    for link in to_leave:
        assert Client().post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert to_leave and not Subscription.objects.active().exists()
