"""
Who is told what. An issue goes to its readers in as few letters as there are different things to tell, each for
those who had the same editions before.

Readers are told a story from what they were last *sent* (`LastSent`); what waits to be sent counts as told, so that
two letters on their way to one person never carry the same news. Who subscribes begins with what is published
after that.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from articles.kinds import Kind
from articles.models import Revision

from .emails import LANGUAGES
from .models import Cadence, Delivery, Issue, LetterStory, Newsletter, Subscription
from .timetable import last_slot

# When digests go out to those who follow stories: in the morning, weekly ones on Mondays.
SEND_TIME, SEND_WEEKDAY = time(7), 0
# News that is older is told nobody who comes back from a pause.
TELLS_BACK = timedelta(days=92)
# What an editor does who has thought again.
THOUGHT_AGAIN = [Kind.CORRECTION, Kind.WITHDRAWN, *(kind for kind in Kind if not kind.rule.in_mail)]
# Our clock may be behind that of the database, by which editions come out.
CLOCKS_DIFFER = timedelta(minutes=1)
# Newest news first; a reader is told so many stories at once.
MOST_STORIES = 50
A_DAY = timedelta(days=1)
NOTHING_LEFT = "Nothing was left in it when its time came: readers have its stories no more. So nothing was sent."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Story:
    """A story to tell: its newest edition that may be mailed, and the newest that is a reason for a mail."""

    article: int
    edition: int
    number: int
    is_gone: bool
    news: int
    news_at: datetime


def compose_due(now: datetime | None = None) -> None:
    """
    Make the digests whose time has come; one that finds nothing to tell is none. One that cannot be made keeps no
    other from going out.
    """
    now = now or timezone.now()
    for newsletter in [None, *Newsletter.objects.all()]:
        for cadence in Cadence:
            try:
                _compose_if_due(newsletter, cadence, now)
            except OperationalError:
                raise
            except Exception:
                logger.exception(
                    "The %s digest of %s could not be made.", cadence, newsletter or "followed stories"
                )


def _compose_if_due(newsletter: Newsletter | None, cadence: str, now: datetime) -> None:
    until = _due(newsletter, cadence, now)
    if until and not _is_made(newsletter, cadence, until):
        compose(newsletter, cadence, until, now)


def _due(newsletter: Newsletter | None, cadence: str, now: datetime) -> datetime | None:
    """Up to when the newest digest that is due tells the news, where anybody waits for it."""
    if not Subscription.objects.wanting(cadence).filter(newsletter=newsletter).exists():
        return None
    if cadence == Cadence.EACH:
        news = _news(newsletter, now).aggregate(at=Max("published_at"))
        return _passed_over(newsletter, now) or news["at"]
    zone, at, weekday = settings.TIME_ZONE, SEND_TIME, SEND_WEEKDAY
    if newsletter:
        zone, at, weekday = newsletter.time_zone, newsletter.send_time, newsletter.send_weekday
    return last_slot(now, zone, at, weekday if cadence == Cadence.WEEKLY else None)


def _passed_over(newsletter: Newsletter | None, now: datetime) -> datetime | None:
    """
    Where some had had their day's most when there was the newest digest of each development: up to when they are
    told the news a day later, the same for every worker.
    """
    made = Issue.objects.filter(made=Issue.Made.DIGEST, newsletter=newsletter, cadence=Cadence.EACH)
    newest = made.order_by("-until").first()
    if newest is None or not now - 2 * A_DAY < newest.started_at <= now - A_DAY:
        return None
    passed_over = newest.deliveries.filter(state=Delivery.State.EXCLUDED, reason=Delivery.Reason.ENOUGH)
    return newest.started_at + A_DAY - settings.MAIL_UNDO if passed_over.exists() else None


def _is_made(newsletter: Newsletter | None, cadence: str, until: datetime) -> bool:
    made = Issue.objects.filter(made=Issue.Made.DIGEST, newsletter=newsletter, cadence=cadence)
    return made.filter(until__gte=until).exists()


def _editions(newsletter: Newsletter | None, now: datetime):
    """Those that may be mailed by now: there was time to think again."""
    editions = Revision.objects.with_words().filter(published_at__lte=now - settings.MAIL_UNDO)
    if newsletter and newsletter.topic_id:
        editions = editions.about(newsletter.topic_id)
    followed = Subscription.objects.active().filter(article=OuterRef("article"))
    return editions if newsletter else editions.filter(Exists(followed))


def _news(newsletter: Newsletter | None, now: datetime):
    """The editions that are a reason for a mail."""
    since = now - TELLS_BACK
    return _editions(newsletter, now).in_mail().filter(published_at__gt=since)


def stories(newsletter: Newsletter | None, until: datetime, now: datetime) -> list[Story]:
    """What there is to tell, newest news first; to those who follow stories, all that any of them follows."""
    news = _news(newsletter, now).filter(published_at__lte=until).order_by()
    moved = news.values_list("article").annotate(number=Max("number"), at=Max("published_at")).order_by("-at")
    found = list(moved[:MOST_STORIES] if newsletter else moved)
    newest = _newest([article for article, _, _ in found], now)
    return [
        Story(article, *newest[article], news=number, news_at=at)
        for article, number, at in found
        if article in newest
    ]


def _newest(articles: Iterable[int], now: datetime) -> dict[int, tuple[int, int, bool]]:
    """The newest editions of stories that readers may be told of: key, number, whether it withdrew the story."""
    is_told = Exists(Revision.objects.announced().filter(pk=OuterRef("article__desk__base_edition")))
    editions = _editions_of(articles, now).filter(is_told).order_by("article_id", "-number").distinct("article_id")
    return {
        e.article_id: (e.pk, e.number, e.kind == Kind.WITHDRAWN) for e in editions.only("article", "number", "kind")
    }


def _editions_of(articles: Iterable[int], now: datetime):
    """
    Within the time to think again somebody has: what corrects a story, or withdraws it, is told at once. So is what
    mends it, unless there is news under it of which somebody may think again.
    """
    waits = ~Q(kind__in=THOUGHT_AGAIN) & Q(published_at__gt=now - settings.MAIL_UNDO)
    under_it = Revision.objects.filter(waits, article=OuterRef("article"), number__lt=OuterRef("number"))
    is_old = Q(published_at__lte=now - settings.MAIL_UNDO)
    is_thought_again = Q(kind__in=THOUGHT_AGAIN, published_at__lte=now + CLOCKS_DIFFER)
    is_clean = Q(kind__in=[Kind.CORRECTION, Kind.WITHDRAWN]) | ~Exists(under_it)
    may_be_told = is_old | is_thought_again & is_clean
    return Revision.objects.with_words().filter(may_be_told, article__in=articles)


@transaction.atomic
def compose(newsletter: Newsletter | None, cadence: str, until: datetime, now: datetime) -> Issue | None:
    """The digest for one cadence of a letter, or for those who follow stories; None if it is made already."""
    one_at_a_time()
    if _is_made(newsletter, cadence, until):
        return None
    issue = Issue.objects.create(
        made=Issue.Made.DIGEST, newsletter=newsletter, cadence=cadence, until=until, state=Issue.State.SENDING
    )
    told = stories(newsletter, until, now)
    whom = {"newsletter": newsletter and newsletter.pk, "cadence": cadence, "most": MOST_STORIES}
    with connection.cursor() as cursor:
        cursor.execute(_TELLING.format(**(_OF_A_LETTER if newsletter else _OF_FOLLOWERS)), whom | _columns(told))
    address(issue, {story.article: story for story in told}, now)
    return issue


def start(issue: Issue, now: datetime | None = None) -> None:
    """
    Send what staff wrote: to all who get the letter, each told its stories from where they are. Nothing if it was
    taken off the schedule, or put on another day, since whoever starts it looked.
    """
    now = now or timezone.now()
    seen = issue.state, issue.send_at
    with transaction.atomic():
        one_at_a_time()
        issue = Issue.objects.select_for_update().get(pk=issue.pk)
        is_waiting = issue.state in (Issue.State.DRAFT, Issue.State.SCHEDULED)
        if not is_waiting or (issue.state, issue.send_at) != seen:
            return
        articles = list(issue.stories.values_list("article", flat=True))
        told = as_they_are(articles, now)
        tellable = {story.article: story for story in told if not story.is_gone}
        if articles and not (tellable or issue.intro):
            call_off(issue, now, NOTHING_LEFT)
            return
        with connection.cursor() as cursor:
            cursor.execute(_WRITTEN, {"newsletter": issue.newsletter_id, **_columns(told)})
        address(issue, tellable, now)


def call_off(issue: Issue, now: datetime, why: str) -> None:
    """What was ordered is not sent to anybody; `why` is a sentence for the desk."""
    issue.state, issue.finished_at, issue.said = Issue.State.CANCELLED, now, why
    issue.save()


def as_they_are(articles: Iterable[int], now: datetime) -> list[Story]:
    """Stories that somebody has chosen to tell: that is reason enough."""
    newest = _newest(articles, now)
    return [Story(a, *newest[a], news=newest[a][1], news_at=now) for a in articles if a in newest]


def _columns(told: list[Story]) -> dict[str, list]:
    names = ("article", "news", "news_at", "is_gone")
    return {name: [getattr(story, name) for story in told] for name in names}


def one_at_a_time() -> None:
    """So that what one issue is about to tell somebody is known to the next."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('newsletter.digest', 0))")


def address(issue: Issue, told: dict[int, Story], now: datetime) -> None:
    """Make the letters and the deliveries of an issue from the rows of `telling`: whom it is to reach is fixed."""
    with connection.cursor() as cursor:
        cursor.execute(_LETTERS, {"issue": issue.pk, "languages": LANGUAGES})
        letters = cursor.fetchall()
        LetterStory.objects.bulk_create(
            LetterStory(
                letter_id=letter, article_id=article, edition_id=told[article].edition, had=had, position=place
            )
            for letter, named in letters
            for place, (article, had) in enumerate(_read(named), start=1)
            if article in told
        )
        cursor.execute(
            _DELIVERIES,
            {
                "issue": issue.pk,
                "now": now,
                "day": now - A_DAY,
                "most": settings.MAILS_A_DAY if issue.cadence == Cadence.EACH else None,
                "languages": LANGUAGES,
            },
        )
        cursor.execute("DROP TABLE telling")
    candidates = issue.deliveries.count()
    if not candidates and issue.made == Issue.Made.DIGEST:
        state = {"state": Issue.State.SENT, "finished_at": now}
    else:
        state = {"state": Issue.State.SENDING}
    Issue.objects.filter(pk=issue.pk).update(candidates=candidates, started_at=now, **state)


def _read(had: str) -> list[tuple[int, int | None]]:
    """
    >>> _read("12:4,17:0")
    [(12, 4), (17, None)]
    """
    pairs = [pair.split(":") for pair in had.split(",") if pair]
    return [(int(article), int(number) or None) for article, number in pairs]


_STORIES = """
    unnest(%(article)s::bigint[], %(news)s::int[], %(news_at)s::timestamptz[], %(is_gone)s::bool[])
    WITH ORDINALITY AS story(article, news, news_at, is_gone, place)
"""
# What waits for whom, of the stories that are to be told: one row a reader, however many stories each waits for.
_ON_ITS_WAY = f"""
    carrying AS MATERIALIZED (
        SELECT told.letter_id, string_agg(told.article_id::text, ',') AS articles
        FROM {_STORIES}
        JOIN newsletter_letterstory told ON told.article_id = story.article
        JOIN articles_revision edition ON edition.id = told.edition_id AND edition.number >= story.news
        GROUP BY told.letter_id
    ), on_its_way AS MATERIALIZED (
        SELECT delivery.subscriber_id,
            string_to_array(string_agg(carrying.articles, ','), ',')::bigint[] AS articles
        FROM carrying
        JOIN newsletter_delivery delivery ON delivery.letter_id = carrying.letter_id
        WHERE delivery.state IN ('queued', 'sending')
        GROUP BY delivery.subscriber_id
    )
"""  # noqa: S608 - of our own words
_TELLING = f"""
    CREATE TEMPORARY TABLE telling AS
    WITH {_ON_ITS_WAY}, untold AS (
        SELECT subscription.subscriber_id, subscription.id, story.article, story.place, last.number,
            row_number() OVER (PARTITION BY subscription.subscriber_id ORDER BY story.place) AS turn
        FROM newsletter_subscription subscription
        JOIN {_STORIES} ON {{stories}}
        LEFT JOIN newsletter_lastsent last
            ON last.subscriber_id = subscription.subscriber_id AND last.article_id = story.article
        WHERE {{whose}} AND subscription.cadence = %(cadence)s
            AND subscription.confirmed_at IS NOT NULL AND subscription.left_at IS NULL
            AND CASE WHEN last.number IS NULL THEN story.news_at > subscription.confirmed_at AND NOT story.is_gone
                ELSE last.number < story.news END
            AND NOT EXISTS (
                SELECT FROM on_its_way
                WHERE on_its_way.subscriber_id = subscription.subscriber_id
                    AND story.article = ANY(on_its_way.articles)
            )
    )
    SELECT subscriber_id, min(id) AS subscription_id,
        string_agg(article || ':' || coalesce(number, 0), ',' ORDER BY place) AS had
    FROM untold WHERE turn <= %(most)s
    GROUP BY subscriber_id
"""  # noqa: S608 - of our own words
# Whose are the subscriptions that are told of, and of which stories.
_OF_A_LETTER = {"whose": "subscription.newsletter_id = %(newsletter)s", "stories": "true"}
_OF_FOLLOWERS = {
    "whose": "subscription.newsletter_id IS NULL",
    "stories": "subscription.article_id = story.article",
}
_WRITTEN = f"""
    CREATE TEMPORARY TABLE telling AS
    SELECT subscription.subscriber_id, subscription.id AS subscription_id,
        coalesce(string_agg(story.article || ':' || coalesce(last.number, 0), ',' ORDER BY story.place), '') AS had
    FROM newsletter_subscription subscription
    LEFT JOIN {_STORIES} ON true
    LEFT JOIN newsletter_lastsent last
        ON last.subscriber_id = subscription.subscriber_id AND last.article_id = story.article
    WHERE subscription.newsletter_id = %(newsletter)s
        AND subscription.confirmed_at IS NOT NULL AND subscription.left_at IS NULL
    GROUP BY subscription.subscriber_id, subscription.id
"""  # noqa: S608 - of our own words
_LANGUAGE = """
    coalesce(
        (SELECT ours FROM unnest(%(languages)s) ours
        WHERE ours IN (lower(subscriber.language), split_part(lower(subscriber.language), '-', 1))
        ORDER BY length(ours) DESC LIMIT 1), 'en')
"""
_LETTERS = f"""
    INSERT INTO newsletter_letter (issue_id, had, language)
    SELECT DISTINCT %(issue)s, telling.had, {_LANGUAGE}
    FROM telling JOIN newsletter_subscriber subscriber ON subscriber.id = telling.subscriber_id
    RETURNING id, had
"""  # noqa: S608 - of our own words
# In the order of the letters, so that each is written once by whoever sends.
_DELIVERIES = f"""
    INSERT INTO newsletter_delivery
        (issue_id, subscriber_id, subscription_id, letter_id, state, reason, said, tries, bounce)
    SELECT %(issue)s, subscriber_id, subscription_id, letter_id,
        CASE WHEN why = '' THEN 'queued' ELSE 'excluded' END, why, '', 0, ''
    FROM (
        SELECT telling.subscriber_id, telling.subscription_id, letter.id AS letter_id,
            CASE
                WHEN telling.subscription_id IS NULL THEN 'left'
                WHEN suppression.digest IS NOT NULL THEN 'suppressed'
                WHEN subscriber.paused_until > %(now)s THEN 'paused'
                WHEN %(most)s IS NOT NULL AND (
                    SELECT count(*) FROM newsletter_delivery before
                    WHERE before.subscriber_id = subscriber.id AND before.sent_at > %(day)s
                ) + (
                    SELECT count(*) FROM newsletter_delivery waits
                    WHERE waits.subscriber_id = subscriber.id AND waits.sent_at IS NULL AND waits.state = 'queued'
                ) >= %(most)s THEN 'enough'
                ELSE ''
            END AS why
        FROM telling
        JOIN newsletter_subscriber subscriber ON subscriber.id = telling.subscriber_id
        JOIN newsletter_letter letter
            ON letter.issue_id = %(issue)s AND letter.had = telling.had AND letter.language = {_LANGUAGE}
        LEFT JOIN newsletter_suppression suppression ON suppression.digest = subscriber.digest
    ) candidates
    ORDER BY letter_id, subscriber_id
"""  # noqa: S608 - of our own words
