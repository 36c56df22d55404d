"""All that we keep of one person, for that person."""

from django.db.models import F, QuerySet
from django.db.models.functions import Lower

from .about import about_each
from .models import MailRequest, OutboxMail, Subscriber, Subscription
from .suppressing import reason_of

_REQUEST = ("cadence", "language", "page", "network", "at", "due_at", "tries", "said")


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
        "deliveries": _letters(subscriber),
        "lastsents": _last_sent(subscriber),
        "bounces": list(subscriber.bounces.values("kind", "at")),
        "outboxmails": list(_mails(subscriber).values("subject", "made_at")),
        "requests": list(_requests(subscriber).values(*_REQUEST)),
        "suppression": reason_of(subscriber.address) or None,
    }


def _told(rows: QuerySet, *names: str) -> list[dict]:
    rows = list(rows)
    return [
        {"to": told.title, "address": told.link, **_fields(row, *names)}
        for row, told in zip(rows, about_each(rows), strict=True)
    ]


def _letters(subscriber: Subscriber) -> list[dict]:
    """What was to be mailed to them, oldest first."""
    of = {"to": F("issue__newsletter__title"), "made": F("issue__made"), "subject": F("issue__subject")}
    went = ("state", "reason", "said", "tries", "sent_at", "bounce", "left_at")
    return list(subscriber.deliveries.order_by("pk").values("issue", *went, **of))


def _last_sent(subscriber: Subscriber) -> list[dict]:
    """The newest edition of each story that they were sent; the story as readers have it."""
    rows = list(subscriber.last_sent.order_by("pk"))
    stories = about_each(Subscription(article_id=row.article_id) for row in rows)
    return [
        {"to": told.title, "address": told.link, "edition": row.number}
        for row, told in zip(rows, stories, strict=True)
    ]


def _fields(row, *names: str) -> dict:
    return {name: getattr(row, name) for name in names}


def _requests(subscriber: Subscriber) -> QuerySet[MailRequest]:
    return MailRequest.objects.annotate(address_lower=Lower("address")).filter(
        address_lower=subscriber.address.lower()
    )


def _mails(subscriber: Subscriber) -> QuerySet[OutboxMail]:
    return OutboxMail.objects.annotate(to_lower=Lower("to")).filter(to_lower=subscriber.address.lower())
