"""What comes to LETTERS_MAILBOX: mail that was not delivered, complaints, and mail that asks to leave."""

from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from . import bounces, leaving, returned_mail
from .addresses import NotAnAddress, normalised
from .models import Consent, Delivery, Issue, Subscription
from .return_addresses import For, delivery_in
from .returned_mail import Returned, What


class Taken(StrEnum):
    """As what a mail was taken. All but the last two are our business alone, and need not be kept."""

    BOUNCE = "came back"
    COMPLAINT = "was complained of"
    LEFT = "asked to leave"
    ANSWER = "was answered by a program"
    UNKNOWN = "is about none of our mails"
    OTHER = "is none of these"

    @property
    def is_done(self) -> bool:
        return self not in (self.UNKNOWN, self.OTHER)


def take(raw: bytes) -> Taken:
    """One mail as it came (RFC 5322). Taken again it changes nothing."""
    mail = returned_mail.read(raw)
    match mail.what:
        case What.REPORT:
            return _came_back(mail, Taken.BOUNCE, bounces.kind_of(mail.status))
        case What.COMPLAINT:
            return _came_back(mail, Taken.COMPLAINT, Delivery.Bounce.COMPLAINT)
        case What.ANSWER:
            return Taken.ANSWER
    return _leave(mail)


def _came_back(mail: Returned, taken: Taken, kind: Delivery.Bounce | None) -> Taken:
    delivery = _delivery_of(mail)
    if delivery is None:
        return Taken.UNKNOWN
    if kind:
        bounces.came_back(delivery, kind=kind, key=bounces.key_of(delivery, kind))
    return taken


def _delivery_of(mail: Returned) -> Delivery | None:
    """By what nobody can make up: an address that we signed, or the number of the mail, which is keyed as well."""
    key = delivery_in(mail.about, For.BOUNCE, For.LEAVE)
    if key:
        return Delivery.objects.filter(pk=key).first()
    try:
        return bounces.delivery_of(normalised(mail.recipient), mail.message_id)
    except NotAnAddress:
        return None


@transaction.atomic
def _leave(mail: Returned) -> Taken:
    """RFC 2369: whatever else stands in a mail to this address."""
    key = delivery_in(mail.to, For.LEAVE)
    delivery = Delivery.objects.select_related("issue").filter(pk=key).first() if key else None
    if delivery is None:
        return Taken.OTHER
    for subscription in _ended_by(delivery):
        leaving.leave(subscription, method=Consent.Method.MAIL)
        Delivery.objects.filter(pk=key, left_at=None).update(left_at=Now())
    return Taken.LEFT


def _ended_by(delivery: Delivery) -> QuerySet[Subscription]:
    """The letter that it is of, or every story that its reader follows, as the link in it says."""
    if delivery.issue.newsletter_id is None and delivery.issue.made == Issue.Made.DIGEST:
        return Subscription.objects.filter(subscriber=delivery.subscriber_id, article__isnull=False)
    return Subscription.objects.filter(pk=delivery.subscription_id)
