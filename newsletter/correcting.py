"""Mailing a correction to exactly those whom we had mailed what was wrong; whoever may have got it counts."""

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import CharField, Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from articles.kinds import Kind
from articles.models import Correction

from . import digest
from .models import Delivery, Issue, LetterStory, Subscription, Suppression

PERMISSION = "newsletter.send_correction"
# What is at a mail server just now cannot be called back any more.
MAY_HAVE_GOT = [*Delivery.GOT, Delivery.State.SENDING]
_UNDER_WAY = [Delivery.State.QUEUED, Delivery.State.SENDING]


TAKEN = "Readers may not have this correction any more: it, or its story, was taken from them."
NOBODY = "There is nobody to tell: no reader was mailed what was wrong, or all know what is right by now."


class Refused(Exception):
    """It is mailed to nobody; the message says why, to the desk."""


@dataclass(frozen=True)
class Misinformed:
    """How many of those who may have got what was wrong are told, and how many may get nothing from us now."""

    people: int
    others: int = 0


def misinformed(correction: Correction) -> Misinformed:
    """Counted as `digest.address` would address them."""
    mails = mailed_wrong(correction)
    is_pausing = Q(subscriber__paused_until__gt=timezone.now())
    told = mails.filter(~is_pausing, Exists(_active()), ~Exists(_suppressed()))
    everybody, people = (found.aggregate(n=Count("subscriber", distinct=True))["n"] for found in (mails, told))
    return Misinformed(people, everybody - people)


def mailed_wrong(correction: Correction) -> QuerySet[Delivery]:
    """
    The mails that had it wrong and arrived, or perhaps did, with readers who have surely not been told of it since.
    Who is about to be told of it is left to that.
    """
    # Asked for first: how many mails a letter is, the database knows.
    wrong, told_of_it = _letters(_told_wrong(correction)), _letters(_told_of_it(correction))
    theirs = Delivery.objects.filter(subscriber=OuterRef("subscriber"))
    knows = theirs.filter(state__in=[*_UNDER_WAY, Delivery.State.SENT], letter__in=told_of_it)
    mailed = Delivery.objects.filter(state__in=MAY_HAVE_GOT, letter__in=wrong, subscriber__isnull=False)
    return mailed.filter(~Exists(knows))


def _letters(stories: QuerySet[LetterStory]) -> list[int]:
    return [*stories.order_by().values_list("letter", flat=True)]


def _active() -> QuerySet[Subscription]:
    return Subscription.objects.active().filter(subscriber=OuterRef("subscriber")).order_by("pk")


def _suppressed() -> QuerySet[Suppression]:
    return Suppression.objects.filter(digest=OuterRef("subscriber__digest"))


def _told_of_it(correction: Correction) -> QuerySet[LetterStory]:
    """Where it is shown: to readers of whom we were sure that they had it wrong."""
    told = LetterStory.objects.filter(article=correction.article_id)
    return told.filter(_is_wrong(correction, "had"), edition__number__gte=correction.revision.number)


def _told_wrong(correction: Correction) -> QuerySet[LetterStory]:
    return LetterStory.objects.filter(_is_wrong(correction, "edition__number"), article=correction.article_id)


def _is_wrong(correction: Correction, number: str) -> Q:
    return reduce(or_, (Q(**{f"{number}__range": editions}) for editions in _wrong(correction)))


def _wrong(correction: Correction) -> list[tuple[int, int]]:
    """The first and the last edition that it is about, and so on of those whose place it has taken."""
    before = correction.supersedes
    return [(correction.first_wrong, correction.last_wrong), *(_wrong(before) if before else [])]


def offer(correction: Correction, people: int) -> str:
    """
    As a button says it.

    >>> offer(Correction(first_wrong=3, last_wrong=5), 812)
    'Tell the 812 people whom we mailed any of editions 3 to 5'
    """
    whom = "one person" if people == 1 else f"{people:,} people"
    return f"Tell the {whom} whom we mailed {_named(_wrong(correction))}"


def _named(ranges: list[tuple[int, int]]) -> str:
    """
    Nobody need have got all of them.

    >>> _named([(7, 7), (3, 4), (2, 2)])
    'any of editions 2 to 4 or 7'
    >>> _named([(7, 7)])
    'edition 7'
    """
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            first, last = joined[-1][0], max(last, joined.pop()[1])
        joined.append((first, last))
    named = " or ".join(f"{first}" if first == last else f"{first} to {last}" for first, last in joined)
    return f"edition {named}" if named.isdecimal() else f"any of editions {named}"


def why_not(correction: Correction) -> str:
    """Why it cannot be mailed, as a sentence; empty if it can, to whoever there is."""
    if _mailings().filter(correction=correction).exists():
        return "This correction was mailed already; it is mailed once."
    return _why_never(correction)


def _why_never(correction: Correction) -> str:
    if correction.kind != Kind.CORRECTION:
        return "A clarification is not mailed: nothing that we had sent was wrong."
    if not Correction.objects.public().filter(pk=correction.pk).exists():
        return TAKEN
    if not Correction.objects.standing().filter(pk=correction.pk).exists():
        return "A newer correction has taken the place of this one; mail that."
    return ""


def _mailings() -> QuerySet[Issue]:
    """Of corrections; without those that were called off before anybody got anything."""
    reached = Delivery.objects.filter(issue=OuterRef("pk"), state__in=MAY_HAVE_GOT)
    called_off = Q(state__in=[Issue.State.DRAFT, Issue.State.CANCELLED])
    return Issue.objects.filter(Exists(reached) | ~called_off, correction__isnull=False)


def unmailed(**about) -> QuerySet[Correction]:
    """Those (`about`) that can be mailed still, newest first, whether or not there is somebody to tell."""
    since = timezone.now() - digest.TELLS_BACK
    public = Correction.objects.public().standing().with_story()
    mailed = _mailings().values("correction")
    return public.filter(kind=Kind.CORRECTION, revision__published_at__gt=since, **about).exclude(pk__in=mailed)


def untold() -> list[tuple[Correction, Misinformed]]:
    """The corrections that wait for somebody to mail them, newest first, each with whom it would reach."""
    found = [(correction, misinformed(correction)) for correction in unmailed()]
    return [(correction, reached) for correction, reached in found if reached.people]


@transaction.atomic
def tell(correction: Correction, by) -> Issue:
    """
    Have it mailed, once: whoever sends addresses it within seconds, see `start`. Raises `PermissionDenied`, or
    `Refused` with a sentence for the desk; then nothing is sent.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("You may not mail corrections.")
    _one_at_a_time()
    complaint = why_not(correction) or ("" if misinformed(correction).people else NOBODY)
    if complaint:
        raise Refused(complaint)
    anew = {
        "send_at": timezone.now(),
        "started_at": None,
        "finished_at": None,
        "candidates": 0,
        "failures": 0,
        "said": "",
    }
    fields = {"made": Issue.Made.CORRECTION, "state": Issue.State.SCHEDULED, "by": by, **anew}
    return Issue.objects.update_or_create(correction=correction, defaults=fields)[0]


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('newsletter.correction', 0))")


def start(issue: Issue, now: datetime | None = None) -> None:
    """Send what `tell` ordered; nothing, and it says why, if readers may not be told it any more."""
    now = now or timezone.now()
    with transaction.atomic():
        digest.one_at_a_time()
        issue = Issue.objects.select_for_update().get(pk=issue.pk)
        if issue.state != Issue.State.SCHEDULED:
            return
        told = {story.article: story for story in digest.as_they_are([issue.correction.article_id], now)}
        complaint = _why_never(issue.correction) or ("" if told else TAKEN)
        if complaint:
            digest.call_off(issue, now, complaint)
            return
        _forget_what_was_called_off(issue)
        rows, params = telling(issue.correction).query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE telling (subscriber_id, subscription_id, had) AS {rows}", params
            )
        digest.address(issue, told, now)
        if not issue.deliveries.queued().exists():
            digest.call_off(issue, now, NOBODY)


def _forget_what_was_called_off(issue: Issue) -> None:
    issue.deliveries.all().delete()
    issue.letters.all().delete()


def newest_wrong(correction: Correction) -> int | None:
    """The newest edition which had it wrong that anybody may have got; None if nobody has."""
    mailed = Delivery.objects.filter(letter=OuterRef("letter"), state__in=MAY_HAVE_GOT, subscriber__isnull=False)
    return _told_wrong(correction).filter(Exists(mailed)).aggregate(number=Max("edition__number"))["number"]


def story_to_tell(correction: Correction, now: datetime) -> digest.Story:
    """As it is by now; it may have moved on since it was corrected."""
    [story] = digest.as_they_are([correction.article_id], now)
    return story


def telling(correction: Correction) -> QuerySet:
    """
    The rows of `telling`: everybody with the newest edition they had that was wrong, and the first of what they are
    subscribed to still, by whose link they can leave.
    """
    had = Max("letter__stories__edition__number")
    return (
        mailed_wrong(correction)
        .filter(letter__stories__article=correction.article_id)
        .annotate(first=Subquery(_active().values("pk")[:1]))
        .values("subscriber", "first")
        .annotate(had=Concat(Value(f"{correction.article_id}:"), Cast(had, CharField())))
    )
