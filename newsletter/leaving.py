"""Leaving a letter, or ceasing to follow a story."""

from django.db import transaction
from django.db.models.functions import Now

from . import erasing, notices
from .models import Consent, Delivery, Notice, Subscriber, Subscription

# Who leaves by one click or by a mail sees it in the mail program; whose mail comes back is written to no more.
_TOLD_BY_MAIL = {Consent.Method.FORM, Consent.Method.LINK, Consent.Method.STAFF}


@transaction.atomic
def leave(subscription: Subscription, *, method: Consent.Method, reason: str = "", by=None, page: str = "") -> None:
    """End it and keep on record why; said again it changes nothing. One that was never confirmed just goes."""
    subscriber = _locked(subscription.subscriber_id)
    if _has_ended(subscription, method=method, reason=reason, by=by, page=page) and method in _TOLD_BY_MAIL:
        _tell(subscriber, subscription)


@transaction.atomic
def leave_by_link(subscriptions: list[Subscription], *, issue: int | None = None, **how) -> None:
    """Leave what one link is about; `issue` is the one that it stood in, whose report counts it."""
    whom = subscriptions[0].subscriber_id
    mail = Delivery.objects.filter(issue=issue, subscriber=whom)
    mail.lock()
    subscriber = _locked(whom)
    ended = [subscription for subscription in subscriptions if _has_ended(subscription, **how)]
    if ended:
        mail.filter(left_at=None).update(left_at=Now())
    if ended and how["method"] in _TOLD_BY_MAIL:
        _tell_of(ended, subscriber)


def _tell_of(ended: list[Subscription], subscriber: Subscriber) -> None:
    """One mail at most: of several it is told where nothing is left; else the page has said it."""
    if len(ended) == 1:
        _tell(subscriber, ended[0])
    elif not subscriber.subscriptions.active().exists():
        _tell(subscriber, None)


@transaction.atomic
def leave_everything(subscriber: Subscriber, *, method: Consent.Method, page: str = "") -> None:
    """Leave each letter and each story, with at most one mail about it all."""
    _locked(subscriber.pk)
    ended = [_has_ended(subscription, method=method, page=page) for subscription in subscriber.subscriptions.all()]
    if any(ended) and method in _TOLD_BY_MAIL:
        _tell(subscriber, None)


def _tell(subscriber: Subscriber, subscription: Subscription | None) -> None:
    notices.post(subscriber, Notice.Kind.LEFT, subscription)


def _locked(subscriber: int) -> Subscriber | None:
    """What else happens to this person waits until we are done; None if they are erased."""
    return Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber).first()


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
