"""The sign-up form as tests send it, and what comes of it."""

import re
import time
from datetime import timedelta
from html import unescape

from newsletter import form_tokens
from newsletter.models import Notice, OutboxMail

ROAD, FOLLOW = "/newsletters/ukraine/", "/newsletters/follow/drone-deal/"
ANSWER = "/newsletters/check-your-mail/"
VIRA = "vira@reader.example"


def ripe() -> str:
    return form_tokens.issue(at=time.time() - 10)


def send(client, road=ROAD, headers=None, **said):
    return client.post(road, {"address": VIRA, "token": ripe(), **said}, headers=headers or {})


def minutes_pass(minutes: int) -> None:
    """As if all that was written had been written so long ago."""
    ago = timedelta(minutes=minutes)
    for notice in Notice.objects.all():
        times = {"due_at": notice.due_at - ago, "sent_at": notice.sent_at and notice.sent_at - ago}
        Notice.objects.filter(pk=notice.pk).update(**times)


def mails(to: str = VIRA) -> list[str]:
    """The subjects of those that went to this address, the newest first."""
    return [mail.subject for mail in OutboxMail.objects.filter(to__icontains=to)]


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", page)).split())
