"""What a provider tells us of our mails (django-anymail's tracking events), in our own words."""

import re
from datetime import datetime, timedelta

from anymail.signals import EventType, RejectReason, tracking
from django.db import transaction
from django.utils import timezone

from . import bounces, leaving, statuses
from .addresses import NotAnAddress, normalised
from .models import Consent, Delivery, Subscriber, Subscription

Kind = Delivery.Bounce

# As the providers call it in their own words; django-anymail has one name for both.
_FOR_NOW = re.compile("soft.?bounce|transient", re.IGNORECASE)
_NO_ADDRESS = (RejectReason.INVALID, RejectReason.BOUNCED)
# Which mail it was many providers do not say; within so long it was the newest.
_WITHIN = timedelta(days=3)


def connect() -> None:
    tracking.connect(take, dispatch_uid="newsletter.provider_events")


def take(event, esp_name: str, **signal) -> None:
    """Told again, it changes nothing."""
    try:
        address = normalised(event.recipient or "")
    except NotAnAddress:
        return
    at = event.timestamp or timezone.now()
    if event.event_type == EventType.UNSUBSCRIBED:
        _leave(address, at)
    elif kind := kind_of(event):
        delivery = bounces.delivery_of(address, event.message_id or "")
        key = bounces.key_of(delivery, kind) if delivery else _key(event, esp_name)
        bounces.came_back(delivery or _newest(address, at) or address, kind=kind, key=key, at=at)


def kind_of(event) -> Kind | None:
    """What an event says of an address; None if nothing."""
    if event.event_type == EventType.COMPLAINED or event.reject_reason == RejectReason.SPAM:
        return Kind.COMPLAINT
    if event.event_type == EventType.REJECTED:
        return Kind.HARD if event.reject_reason in _NO_ADDRESS else None
    if event.event_type != EventType.BOUNCED:
        return None
    status = statuses.first_in(f"{event.mta_response} {event.description}")
    meant = Kind.HARD if event.reject_reason in _NO_ADDRESS else Kind.SOFT
    kind = bounces.kind_of(status) if status else meant
    return Kind.SOFT if kind and _FOR_NOW.search(str(event.esp_event)) else kind


def _key(event, esp_name: str) -> str:
    at = event.timestamp.isoformat() if event.timestamp else ""
    return f"{esp_name} {event.event_id} {event.message_id} {event.recipient} {event.event_type} {at}"


def _newest(address: str, at) -> Delivery | None:
    sent = Delivery.objects.filter(sent_at__range=(at - _WITHIN, at), subscriber__in=Subscriber.objects.at(address))
    return sent.order_by("-sent_at").first()


@transaction.atomic
def _leave(address: str, at: datetime) -> None:
    """
    By the provider's own link: it lets no mail of ours through to them any more. Whoever has asked for a letter
    since wants it.
    """
    for subscriber in Subscriber.objects.at(address).select_for_update(no_key=True):
        for subscription in subscriber.subscriptions.all():
            if _wanted_since(subscription) <= at:
                leaving.leave(subscription, method=Consent.Method.PROVIDER)


def _wanted_since(subscription: Subscription) -> datetime:
    return subscription.asked_at if subscription.is_pending else subscription.confirmed_at
