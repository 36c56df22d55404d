"""Erasing a person: all we have of them goes, but for a keyed hash that keeps files from bringing them back."""

from collections.abc import Iterable

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models.functions import Lower

from .models import Consent, Delivery, MailRequest, OutboxMail, Subscriber, Suppression
from .suppressing import suppress


def erase(subscriber: Subscriber, *, reason: Suppression.Reason = Suppression.Reason.ERASED) -> None:
    """Erase one person, who may be erased already."""
    _erase([subscriber.pk], reason)


@transaction.atomic
def erase_those_without_any(subscribers: Iterable[int]) -> int:
    """
    Erase those of these who have no subscription left, and count them.

    Who left one is suppressed; who never confirmed any is no more than somebody's typing mistake, and is not.
    """
    empty = Subscriber.objects.filter(pk__in=subscribers, subscriptions=None)
    keys = set(empty.values_list("pk", flat=True))
    left = Consent.objects.filter(subscriber__in=keys, act=Consent.Act.LEFT)
    who_left = set(left.values_list("subscriber", flat=True))
    _erase(who_left, Suppression.Reason.LEFT)
    _erase(keys - who_left, None)
    return len(keys)


@transaction.atomic
def _erase(subscribers: Iterable[int], reason: Suppression.Reason | None) -> None:
    Delivery.objects.filter(subscriber__in=subscribers).lock()
    found = {s.pk: s.address for s in Subscriber.objects.select_for_update().filter(pk__in=subscribers)}
    if not found:
        return
    for address in found.values() if reason else ():
        suppress(address, reason)
    lowered = [address.lower() for address in found.values()]
    OutboxMail.objects.annotate(to_lower=Lower("to")).filter(to_lower__in=lowered).delete()
    MailRequest.objects.annotate(address_lower=Lower("address")).filter(address_lower__in=lowered).delete()
    # What staff did stays on record; to whom does not.
    done = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Subscriber))
    done.filter(object_id__in=map(str, found)).update(object_repr="Somebody erased", change_message="")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL newsletter.erasing = 'on'")
        Subscriber.objects.filter(pk__in=found).delete()
        cursor.execute("SET LOCAL newsletter.erasing = 'off'")
