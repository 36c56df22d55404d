"""
What came back, and what was complained of: whom we write to no more.

Told by mail servers (`returns`), by a provider (`provider_events`), or by the server that takes our mail; often
more than once, late, or by somebody who makes it up.
"""

import hashlib
import logging
import re
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from . import emails, leaving, suppressing
from .models import Bounce, Consent, Delivery, Notice, Subscriber, Suppression

Kind = Delivery.Bounce

# SOFT_BOUNCES within so long are as good as one for good.
WITHIN = timedelta(days=10)
# A mail is looked for among so many of the newest to its address.
NEWEST = 50
# What is older is believed no more: its row, by which it would be known again, is gone.
KEPT_FOR = timedelta(days=90)

logger = logging.getLogger(__name__)


class Became(StrEnum):
    """What became of something that we were told."""

    NEW = "new"
    KNOWN = "known already"
    LATE = "too late"
    UNKNOWN = "of nobody we know"


def kind_of(status: str) -> Kind | None:
    """
    What a status (RFC 3463) says of an address; None if it says more of the mail, or of us who sent it.

    >>> kind_of("5.1.1"), kind_of("5.2.2"), kind_of("4.4.7"), kind_of("5.7.1")
    (Delivery.Bounce.HARD, Delivery.Bounce.SOFT, Delivery.Bounce.SOFT, None)

    Microsoft 365 says 5.4.1 of a mailbox that it does not have.
    """
    if re.fullmatch(r"[45]\.(1\.[78]|3\.4|[567]\.\d+)", status):
        return None
    if re.fullmatch(r"5\.(1\.\d+|2\.1|4\.[14])", status):
        return Kind.HARD
    return Kind.SOFT if re.fullmatch(r"[45]\.\d+\.\d+", status) else None


def key_of(delivery: Delivery, kind: Kind) -> str:
    """One mail comes back in one way once, whoever tells it."""
    return f"delivery {delivery.pk}: {kind}"


def delivery_of(address: str, message_id: str) -> Delivery | None:
    """Which mail to this address has this Message-ID, that only who has seen it can know."""
    sent = Delivery.objects.filter(subscriber__in=Subscriber.objects.at(address), sent_at__isnull=False)
    newest = sent.order_by("-sent_at")[:NEWEST]
    return next((delivery for delivery in newest if _has_number(delivery, message_id)), None)


def _has_number(delivery: Delivery, message_id: str) -> bool:
    """Whatever domain it was sent from."""
    ours = emails.message_id("newsletter.issue", f"{delivery.issue_id}:{delivery.subscriber_id}", "")
    return ours.partition("@")[0] == message_id.partition("@")[0]


@transaction.atomic
def came_back(whom: Delivery | str, *, kind: Kind, key: str, at: datetime | None = None) -> Became:
    """
    A mail of this delivery, or to this address, came back or was complained of. Who does not exist, whose mail came
    back too often, or who complained is written to no more; who complained, never again.

    `key` tells it from all others, so that it counts once however often it is told.
    """
    at = min(at or timezone.now(), timezone.now())
    delivery = whom if isinstance(whom, Delivery) else None
    became = _keep(_whose(whom), delivery.sent_at or at if delivery else at, Kind(kind), key, at)
    logger.info("A mail came back (%s): %s.", kind, became)
    if delivery and became in (Became.NEW, Became.KNOWN):
        Delivery.objects.filter(pk=delivery.pk, bounce__in=["", *_lesser(kind)]).update(bounce=kind)
    return became


def _lesser(kind: Kind) -> list[Kind]:
    """
    >>> _lesser(Kind.HARD)
    [Delivery.Bounce.SOFT]
    """
    kinds = list(Kind)
    return kinds[: kinds.index(kind)]


def _whose(whom: Delivery | str) -> Subscriber | None:
    """Locked: what else happens to them waits until we are done."""
    locked = Subscriber.objects.select_for_update(no_key=True)
    if isinstance(whom, str):
        return locked.at(whom).first()
    Delivery.objects.filter(pk=whom.pk).lock()
    return locked.filter(pk=whom.subscriber_id).first()


def _keep(subscriber: Subscriber | None, mailed_at: datetime, kind: Kind, key: str, at: datetime) -> Became:
    if subscriber is None:
        return Became.UNKNOWN
    confirmed_at = subscriber.subscriptions.aggregate(at=Max("confirmed_at"))["at"]
    # By its owner's word of since, or of the same address after an erasure, the address works.
    works_since = max(filter(None, [subscriber.created_at, kind != Kind.COMPLAINT and confirmed_at]))
    if at < timezone.now() - KEPT_FOR or mailed_at < works_since:
        return Became.LATE
    fields = {"subscriber": subscriber, "kind": kind, "at": at}
    _, is_new = Bounce.objects.get_or_create(key=hashlib.sha256(key.encode()).hexdigest(), defaults=fields)
    if not is_new:
        return Became.KNOWN
    if kind != Kind.SOFT or _are_too_many(subscriber, works_since, at):
        _write_no_more(subscriber, kind)
    return Became.NEW


def _are_too_many(subscriber: Subscriber, works_since: datetime, at: datetime) -> bool:
    soft = subscriber.bounces.filter(kind=Kind.SOFT, at__gt=max(works_since, at - WITHIN))
    return soft.count() >= settings.SOFT_BOUNCES


def _write_no_more(subscriber: Subscriber, kind: Kind) -> None:
    """Every letter ends, what waits is not sent, and the address is on the suppression list."""
    reasons = {Kind.COMPLAINT: Suppression.Reason.COMPLAINED}
    suppressing.suppress(subscriber.address, reasons.get(kind, Suppression.Reason.BOUNCED))
    leaving.leave_everything(subscriber, method=Consent.Method.PROVIDER)
    subscriber.notices.filter(state=Notice.State.DUE).delete()
