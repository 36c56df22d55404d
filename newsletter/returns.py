"""What comes to LETTERS_MAILBOX: mail that was not delivered, complaints, and mail that asks to leave."""

from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from . import bounces, leaving, returned_mail
from .bounces import Kind
from .models import Consent, Delivery, Issue, Subscription
from .return_addresses import For, delivery_in
from .returned_mail import Recipient, Returned, What


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
            return _came_back(mail)
        case What.COMPLAINT:
            return _complained(mail)
        case What.ANSWER:
            return Taken.ANSWER
    return _leave(mail.to)


def _came_back(mail: Returned) -> Taken:
    """
    That there is nobody is believed of the very address that we wrote to, from who knows where the mail comes back
    to, as mail servers alone do: its number stands in every answer to it. Else it came back for now.
    """
    signed = _signed(mail)
    delivery = signed or _numbered(mail)
    if delivery is None:
        return Taken.UNKNOWN
    theirs = [recipient for recipient in mail.recipients if _is_whom(recipient, delivery)]
    kind = bounces.kind_of(next((told.status for told in theirs or mail.recipients if told.status), ""))
    if kind:
        _keep(delivery, kind if signed and theirs else Kind.SOFT)
    return Taken.BOUNCE


def _complained(mail: Returned) -> Taken:
    """Of what only has our address to leave, as any copy of a mail does, no more is believed than that."""
    delivery = _signed(mail)
    if delivery is None:
        return _leave(mail.about, otherwise=Taken.UNKNOWN)
    _keep(delivery, Kind.COMPLAINT)
    return Taken.COMPLAINT


def _keep(delivery: Delivery, kind: Kind) -> None:
    bounces.came_back(delivery, kind=kind, key=bounces.key_of(delivery, kind))


def _signed(mail: Returned) -> Delivery | None:
    """By an address that nobody can make up."""
    key = delivery_in(mail.about, For.BOUNCE)
    return Delivery.objects.select_related("subscriber").filter(pk=key).first() if key else None


def _numbered(mail: Returned) -> Delivery | None:
    addresses = {address for recipient in mail.recipients for address in recipient.addresses}
    return next(filter(None, (bounces.delivery_of(address, mail.message_id) for address in addresses)), None)


def _is_whom(recipient: Recipient, delivery: Delivery) -> bool:
    return bool(delivery.subscriber) and delivery.subscriber.address.lower() in recipient.addresses


@transaction.atomic
def _leave(told: str, otherwise: Taken = Taken.OTHER) -> Taken:
    """RFC 2369: whatever else stands in a mail to this address."""
    key = delivery_in(told, For.LEAVE)
    delivery = Delivery.objects.select_related("issue").filter(pk=key).first() if key else None
    if delivery is None:
        return otherwise
    mail = Delivery.objects.filter(pk=key)
    mail.lock()
    for subscription in _ended_by(delivery):
        leaving.leave(subscription, method=Consent.Method.MAIL)
        mail.filter(left_at=None).update(left_at=Now())
    return Taken.LEFT


def _ended_by(delivery: Delivery) -> QuerySet[Subscription]:
    """The letter that it is of, or every story that its reader follows, as the link in it says."""
    if delivery.issue.newsletter_id is None and delivery.issue.made == Issue.Made.DIGEST:
        return Subscription.objects.filter(subscriber=delivery.subscriber_id, article__isnull=False)
    return Subscription.objects.filter(pk=delivery.subscription_id)
