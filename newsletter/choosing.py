"""What a subscriber chooses once signed up: how often, a pause, a language. Each change is on record."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from articles import languages

from .models import Consent, Subscriber, Subscription

Act = Consent.Act


@transaction.atomic
def choose_cadence(subscription: Subscription, cadence: str, *, page: str) -> None:
    kept = Subscription.objects.select_for_update(no_key=True).filter(pk=subscription.pk).first()
    if kept is None or kept.cadence == cadence:
        return
    kept.cadence = cadence
    kept.save(update_fields=["cadence"])
    about = {"newsletter_id": kept.newsletter_id, "article_id": kept.article_id}
    _record(kept.subscriber_id, Act.CADENCE, kept.get_cadence_display(), page, **about)


def pause(subscriber: Subscriber, until: datetime, *, page: str) -> None:
    """Nothing is sent before `until`."""
    _change(
        subscriber, Act.PAUSED, f"until {timezone.localtime(until):%-d %B %Y, %H:%M %Z}", page, paused_until=until
    )


def resume(subscriber: Subscriber, *, page: str) -> None:
    if subscriber.paused_until and subscriber.paused_until > timezone.now():
        _change(subscriber, Act.RESUMED, "", page, paused_until=None)


def choose_language(subscriber: Subscriber, language: str, *, page: str) -> None:
    _change(subscriber, Act.LANGUAGE, languages.name(language), page, language=language)


@transaction.atomic
def _change(subscriber: Subscriber, act: Consent.Act, chosen: str, page: str, **fields) -> None:
    """Nothing is on record where nothing changes, or where they were erased meanwhile."""
    kept = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber.pk).exclude(**fields).first()
    if kept:
        Subscriber.objects.filter(pk=kept.pk).update(**fields)
        _record(kept.pk, act, chosen, page)


def _record(subscriber: int, act: Consent.Act, chosen: str, page: str, **about) -> None:
    said = {"act": act, "method": Consent.Method.LINK, "reason": chosen, "page": page}
    Consent.objects.create(subscriber_id=subscriber, **said, **about)
