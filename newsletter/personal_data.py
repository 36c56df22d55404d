"""All that we keep of one person, for that person."""

from django.db.models import F, QuerySet
from django.db.models.functions import Lower

from .about import about_each
from .models import MailRequest, OutboxMail, Subscriber
from .suppressing import reason_of


def everything_about(subscriber: Subscriber) -> dict:
    """Each table that holds something of them, under its own name; fit for JSON."""
    consents = subscriber.consents.select_related("newsletter").annotate(
        wording_text=F("wording__text"), wording_version=F("wording__version")
    )
    return {
        "subscriber": _fields(subscriber, "address", "language", "paused_until", "created_at"),
        "subscriptions": _told(
            subscriber.subscriptions.select_related("newsletter", "source"),
            *("cadence", "asked_at", "confirmed_here_at", "imported_at", "consented_on", "origin", "left_at"),
        ),
        "consents": _told(
            consents, "act", "method", "wording_version", "wording_text", "page", "network", "reason", "at"
        ),
        "notices": list(subscriber.notices.values("kind", "state", "due_at", "sent_at", "tries", "said")),
        "deliveries": list(
            subscriber.deliveries.values("issue", "state", "reason", "said", "sent_at", "bounce", "left_at")
        ),
        "lastsents": list(subscriber.last_sent.values("article", "number")),
        "bounces": list(subscriber.bounces.values("kind", "at")),
        "outboxmails": list(_mails(subscriber).values("subject", "made_at")),
        "requests": list(_requests(subscriber).values("cadence", "language", "page", "network", "at")),
        "suppression": reason_of(subscriber.address) or None,
    }


def _told(rows: QuerySet, *names: str) -> list[dict]:
    rows = list(rows)
    return [
        {"to": told.title, "address": told.link, **_fields(row, *names)}
        for row, told in zip(rows, about_each(rows), strict=True)
    ]


def _fields(row, *names: str) -> dict:
    return {name: getattr(row, name) for name in names}


def _requests(subscriber: Subscriber) -> QuerySet[MailRequest]:
    return MailRequest.objects.annotate(address_lower=Lower("address")).filter(
        address_lower=subscriber.address.lower()
    )


def _mails(subscriber: Subscriber) -> QuerySet[OutboxMail]:
    return OutboxMail.objects.annotate(to_lower=Lower("to")).filter(to_lower=subscriber.address.lower())
