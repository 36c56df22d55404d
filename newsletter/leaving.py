"""Leaving a letter, or ceasing to follow a story."""

from django.db import transaction
from django.db.models.functions import Now

from . import erasing, notices
from .models import Consent, Notice, Subscriber, Subscription

# Who leaves by one click sees it at once in the mail program, and who complained is not written to again.
_TOLD_BY_MAIL = {Consent.Method.FORM, Consent.Method.LINK, Consent.Method.STAFF}


@transaction.atomic
def leave(subscription: Subscription, *, method: Consent.Method, reason: str = "", by=None, page: str = "") -> None:
    """End it and keep on record why; said again it changes nothing. One that was never confirmed just goes."""
    subscriber = _locked(subscription.subscriber_id)
    if _has_ended(subscription, method=method, reason=reason, by=by, page=page) and method in _TOLD_BY_MAIL:
        _tell(subscriber, subscription)


@transaction.atomic
def leave_everything(subscriber: Subscriber, *, method: Consent.Method, page: str = "") -> None:
    """Leave each letter and each story, with one mail about it all."""
    _locked(subscriber.pk)
    ended = [_has_ended(subscription, method=method, page=page) for subscription in subscriber.subscriptions.all()]
    if any(ended):
        _tell(subscriber, None)


def _tell(subscriber: Subscriber, subscription: Subscription | None) -> None:
    notices.post(subscriber, Notice.Kind.LEFT, subscription)


def _locked(subscriber: int) -> Subscriber | None:
    """What else happens to this person waits until we are done; None if they are erased."""
    return Subscriber.objects.select_for_update().filter(pk=subscriber).first()


def _has_ended(subscription: Subscription, **how) -> bool:
    """End it; False where there was nothing that had begun."""
    kept = Subscription.objects.filter(pk=subscription.pk).first()
    if kept is None or not (kept.is_active or kept.is_pending):
        return False
    kept.notices.filter(state=Notice.State.DUE).delete()
    if kept.confirmed_at is None:
        kept.delete()
        erasing.erase_those_without_any([kept.subscriber_id])
        return False
    Subscription.objects.filter(pk=kept.pk).update(left_at=Now())
    Consent.objects.create(
        subscriber_id=kept.subscriber_id,
        newsletter_id=kept.newsletter_id,
        article_id=kept.article_id,
        act=Consent.Act.LEFT,
        **how,
    )
    return True
