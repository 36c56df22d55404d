"""What staff decide about deliveries of an issue that failed, or of which nobody knows whether they arrived."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.utils import timezone

from .in_hand import TELL
from .models import Delivery, Issue

State = Delivery.State


@transaction.atomic
def resend(issue: Issue, deliveries: Iterable[int]) -> int:
    """
    Try these anew, as the same mails: how many of them. None of an issue that was cancelled, or is too late.

    Who left, pauses or is on the suppression list gets nothing all the same.
    """
    now = timezone.now()
    issue = Issue.objects.select_for_update().get(pk=issue.pk)
    if issue.state == Issue.State.CANCELLED or (issue.not_after and issue.not_after <= now):
        return 0
    chosen = issue.deliveries.filter(pk__in=deliveries, state__in=[State.FAILED, State.IN_DOUBT], worker=None)
    fields = {"reason": "", "said": "", "bounce": "", "tries": 0, "due_at": now, "sent_at": None}
    count = chosen.update(state=State.QUEUED, **fields)
    if count and issue.state == Issue.State.SENT:
        issue.state, issue.finished_at = Issue.State.SENDING, None
        issue.save()
    return count


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
