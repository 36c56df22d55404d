"""What staff decide about a mail that failed, or of which nobody knows whether it was taken."""

from django.db import transaction
from django.utils import timezone

from . import notices
from .models import MailRequest, Notice, Subscriber

State = Notice.State


def waiting_for(user) -> int:
    """How many wait for a person, if this one sees them; with the requests that our own error left unanswered."""
    if not user.has_perm("newsletter.view_notice"):
        return 0
    return Notice.objects.to_settle(timezone.now()).count() + MailRequest.objects.failing().count()


@transaction.atomic
def send_again(notice: Notice) -> bool:
    """Try it anew, as the same mail; False if somebody has decided about it, or a newer one like it waits."""
    Subscriber.objects.select_for_update(no_key=True).filter(pk=notice.subscriber_id).first()
    alike = Notice.objects.filter(
        subscriber=notice.subscriber_id, subscription=notice.subscription_id, kind=notice.kind, state=State.DUE
    )
    now = timezone.now()
    is_ours = not alike.exists() and _settle(notice, state=State.DUE, due_at=now, sent_at=None, tries=0, said="")
    if is_ours:
        notices.send_notice.enqueue(notice.pk)
    return is_ours


def mark_as_sent(notice: Notice) -> bool:
    """Their mail server has it, says whoever looked there."""
    return _settle(notice, state=State.SENT, said="")


def drop(notice: Notice) -> bool:
    """It is not sent any more, and stays on record."""
    return _settle(notice, state=State.DROPPED)


def _settle(notice: Notice, **fields) -> bool:
    return bool(Notice.objects.to_settle(timezone.now()).filter(pk=notice.pk).update(**fields))
