"""Leaving a letter, or ceasing to follow a story."""

from django.db import transaction
from django.db.models.functions import Now

from . import erasing
from .models import Consent, Notice, Subscriber, Subscription

# Who leaves by one click sees it at once in the mail program, and who complained is not written to again.
_TOLD_BY_MAIL = {Consent.Method.FORM, Consent.Method.LINK, Consent.Method.STAFF}


@transaction.atomic
def leave(subscription: Subscription, *, method: Consent.Method, reason: str = "", by=None, page: str = "") -> None:
    """End it and keep on record why; again changes nothing. One that was never confirmed just goes."""
    left = _leave(subscription, method=method, reason=reason, by=by, page=page)
    if left and method in _TOLD_BY_MAIL:
        from . import notices

        notices.post(left.subscriber, Notice.Kind.LEFT, left)


@transaction.atomic
def leave_everything(subscriber: Subscriber, *, method: Consent.Method, page: str = "") -> None:
    """Leave each letter and each story, with one mail about it all."""
    left = [_leave(subscription, method=method, page=page) for subscription in subscriber.subscriptions.all()]
    if any(left):
        from . import notices

        notices.post(subscriber, Notice.Kind.LEFT)


def _leave(subscription: Subscription, **how) -> Subscription | None:
    """The subscription that ended; None if there was nothing to end."""
    kept = Subscription.objects.select_for_update().filter(pk=subscription.pk).first()
    if kept is None or not (kept.is_active or kept.is_pending):
        return None
    kept.notices.filter(state=Notice.State.DUE).delete()
    if kept.confirmed_at is None:
        kept.delete()
        erasing.erase_those_without_any([kept.subscriber_id])
        return None
    Subscription.objects.filter(pk=kept.pk).update(left_at=Now())
    Consent.objects.create(
        subscriber_id=kept.subscriber_id,
        newsletter_id=kept.newsletter_id,
        article_id=kept.article_id,
        act=Consent.Act.LEFT,
        **how,
    )
    return kept
