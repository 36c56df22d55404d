"""Mailing a correction to exactly those whom we had mailed what was wrong; whoever may have got it counts."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from articles.kinds import Kind
from articles.models import Correction

from . import digest
from .models import Delivery, Issue, LastSent, LetterStory, Subscriber, Subscription

PERMISSION = "newsletter.send_correction"


class Refused(Exception):
    """It is mailed to nobody; the message says why, to the desk."""


@dataclass(frozen=True)
class Reach:
    """How many can be told, and how many more were mailed what was wrong but get nothing from us any more."""

    people: int
    gone: int = 0


def recipients(correction: Correction) -> QuerySet[Subscriber]:
    """
    Who was mailed an edition that had it wrong, or perhaps was, and surely none since it is right. Who has one on
    its way is told by that.
    """
    mailed = Delivery.objects.filter(subscriber__isnull=False)
    under_way = mailed.filter(state__in=[Delivery.State.QUEUED, Delivery.State.SENDING])
    told_right = LetterStory.objects.filter(
        article=correction.article_id, edition__number__gte=correction.revision.number
    )
    sent_right = LastSent.objects.filter(article=correction.article_id, number__gte=correction.revision.number)
    got_wrong = mailed.got().filter(letter__in=_told_wrong(correction).values("letter"))
    waits_for_right = under_way.filter(letter__in=told_right.values("letter"))
    return (
        Subscriber.objects.filter(pk__in=got_wrong.values("subscriber"))
        .exclude(pk__in=sent_right.values("subscriber"))
        .exclude(pk__in=waits_for_right.values("subscriber"))
        .order_by("pk")
    )


def _told_wrong(correction: Correction) -> QuerySet[LetterStory]:
    wrong = (correction.first_wrong, correction.last_wrong)
    return LetterStory.objects.filter(article=correction.article_id, edition__number__range=wrong)


def reach(correction: Correction) -> Reach:
    found = recipients(correction)
    people = found.filter(Exists(_active())).count()
    return Reach(people, found.count() - people)


def _active() -> QuerySet[Subscription]:
    return Subscription.objects.active().filter(subscriber=OuterRef("pk")).order_by("pk")


def offer(correction: Correction, people: int) -> str:
    """
    As a button says it.

    >>> offer(Correction(first_wrong=3, last_wrong=5), 812)
    'Tell the 812 people whom we mailed edition 3 to 5'
    """
    first, last = correction.first_wrong, correction.last_wrong
    editions = f"edition {first}" if first == last else f"edition {first} to {last}"
    whom = "one person" if people == 1 else f"{people:,} people"
    return f"Tell the {whom} whom we mailed {editions}"


def why_not(correction: Correction) -> str:
    """Why it cannot be mailed to anybody, as a sentence; empty if it can."""
    if Issue.objects.filter(correction=correction).exists():
        return "This correction was mailed already; it is mailed once."
    if correction.kind != Kind.CORRECTION:
        return "A clarification is not mailed: nothing that we had sent was wrong."
    if not Correction.objects.public().filter(pk=correction.pk).exists():
        return "Readers may not have this correction any more: it, or its story, was taken from them."
    if not Correction.objects.standing().filter(pk=correction.pk).exists():
        return "A newer correction has taken the place of this one; mail that."
    if not reach(correction).people:
        return "There is nobody to tell: no reader was mailed what was wrong, or all know what is right by now."
    return ""


def untold() -> list[tuple[Correction, Reach]]:
    """The corrections that wait for somebody to mail them, newest first, each with whom it would reach."""
    since = timezone.now() - digest.TELLS_BACK
    public = Correction.objects.public().standing().with_story()
    waiting = public.filter(kind=Kind.CORRECTION, issue=None, revision__published_at__gt=since)
    found = [(correction, reach(correction)) for correction in waiting]
    return [(correction, reached) for correction, reached in found if reached.people]


@transaction.atomic
def tell(correction: Correction, by) -> Issue:
    """Mail it, once. Raises `PermissionDenied`, or `Refused` with a sentence for the desk; then nothing is sent."""
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("You may not mail corrections.")
    digest.one_at_a_time()
    complaint = why_not(correction)
    if complaint:
        raise Refused(complaint)
    now = timezone.now()
    told = story_to_tell(correction, now)
    issue = Issue.objects.create(
        made=Issue.Made.CORRECTION, correction=correction, by=by, state=Issue.State.SENDING
    )
    rows, params = telling(correction).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE telling AS {rows}", params)
    digest.address(issue, {told.article: told}, now)
    return issue


def story_to_tell(correction: Correction, now: datetime) -> digest.Story:
    """As it is by now; it may have moved on since it was corrected."""
    [story] = digest.as_they_are([correction.article_id], now)
    return story


def telling(correction: Correction) -> QuerySet:
    """
    The rows of `telling`: each of the recipients with the newest edition they had that was wrong, and the first of
    what they are subscribed to still, by whose link they can leave.
    """
    had = (
        _told_wrong(correction)
        .filter(letter__deliveries__subscriber=OuterRef("pk"), letter__deliveries__state__in=Delivery.GOT)
        .order_by("-edition__number")
        .values("edition__number")[:1]
    )
    return (
        recipients(correction)
        .order_by()
        .annotate(
            subscriber_id=F("pk"),
            subscription_id=Subquery(_active().values("pk")[:1]),
            had=Concat(
                Value(f"{correction.article_id}:"), Cast(Subquery(had), CharField()), output_field=CharField()
            ),
        )
        .values("subscriber_id", "subscription_id", "had")
    )
