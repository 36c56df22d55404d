"""What staff decide about deliveries of an issue that failed, or of which nobody knows whether they arrived."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from . import digest
from .in_hand import TELL
from .models import Delivery, Issue, LastSent, LetterStory

State = Delivery.State


# A worker that the database was away from puts on record what it knows about a mail within that.
KNOWS_BETTER = timedelta(minutes=2)


@transaction.atomic
def resend(issue: Issue, deliveries: Iterable[int]) -> int:
    """
    Try these anew, as the same mails: how many of them. None of an issue that was cancelled, or is too late; nor
    one of which its worker may tell us still, nor a digest whose news a newer one has told.

    Who left, pauses or is on the suppression list gets nothing all the same.
    """
    digest.one_at_a_time()
    now = timezone.now()
    issue = Issue.objects.select_for_update().get(pk=issue.pk)
    if issue.state == Issue.State.CANCELLED or (issue.not_after and issue.not_after <= now):
        return 0
    chosen = issue.deliveries.filter(pk__in=deliveries, state__in=[State.FAILED, State.IN_DOUBT])
    chosen = chosen.exclude(worker__isnull=False, sent_at__gt=now - KNOWS_BETTER)
    if issue.made == Issue.Made.DIGEST:
        chosen = chosen.exclude(Exists(_told_since()))
    fields = {"reason": "", "said": "", "bounce": "", "tries": 0, "due_at": now, "sent_at": None, "worker": None}
    count = chosen.update(state=State.QUEUED, **fields)
    if count and issue.state == Issue.State.SENT:
        issue.state, issue.finished_at = Issue.State.SENDING, None
        issue.save()
    return count


def _told_since() -> QuerySet[LetterStory]:
    """Of a delivery's news, what its reader has had from elsewhere, or is about to."""
    theirs = {"subscriber": OuterRef(OuterRef("subscriber"))}
    had = LastSent.objects.filter(**theirs, article=OuterRef("article"), number__gte=OuterRef("edition__number"))
    about_to = Delivery.objects.filter(
        **theirs,
        state__in=[State.QUEUED, State.SENDING],
        letter__stories__article=OuterRef("article"),
        letter__stories__edition__number__gte=OuterRef("edition__number"),
    )
    return LetterStory.objects.filter(Exists(had) | Exists(about_to), letter=OuterRef("letter"))


def mark_as_sent(issue: Issue, deliveries: Iterable[int]) -> int:
    """Their readers have them, says whoever looked where they went: how many of these that were in doubt."""
    with connection.cursor() as cursor:
        cursor.execute(_SENT, {"issue": issue.pk, "deliveries": [*deliveries]})
        return cursor.fetchone()[0]


_SENT = f"""
    WITH sent AS (
        UPDATE newsletter_delivery SET state = 'sent', said = '', worker = NULL
        WHERE issue_id = %(issue)s AND id = ANY(%(deliveries)s) AND state = 'in doubt'
        RETURNING subscriber_id, letter_id
    ), told AS (
        {TELL}
    )
    SELECT count(*) FROM sent
"""  # noqa: S608 - of our own words
