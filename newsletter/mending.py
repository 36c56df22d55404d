"""
Putting right what is on its way. A letter that tells what was corrected, withheld or withdrawn since it was made is
begun for nobody more; whoever has not got it gets another in its place, with these stories as they are by now.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from . import digest
from .in_hand import stale
from .models import Delivery, Issue, LastSent, Letter, LetterStory

# So many at a time; the others at the next sweep.
BATCH = 200


def to_put_right() -> list[Letter]:
    """Those that somebody waits for."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE, [BATCH])
        found = [letter for (letter,) in cursor.fetchall()]
    return [*Letter.objects.filter(pk__in=found).select_related("issue")]


@transaction.atomic
def put_right(letter: Letter, now: datetime) -> None:
    digest.one_at_a_time()
    waiting = letter.deliveries.queued()
    alike = letter.issue.letters.filter(had=letter.had, language=letter.language)
    newest = alike.latest("mended")
    if newest != letter:  # It was put right before this one was put off by a server, or sent again.
        waiting.update(letter=newest)
        return
    stories = _stories(letter, now)
    if not stories and not letter.issue.intro:
        waiting.update(**_TAKEN_BACK)
        return
    mended = letter.issue.letters.create(had=letter.had, language=letter.language, mended=letter.mended + 1)
    for story in stories.values():
        mended.stories.create(**story)
    if letter.issue.made == Issue.Made.DIGEST:
        _leave_to_what_told_them(waiting, mended)
    waiting.update(letter=mended)


def _stories(letter: Letter, now: datetime) -> dict[int, dict]:
    """What it is to tell: as it did, but for what is stale; that is told as it is now, or not at all."""
    rows = letter.stories.values("article_id", "edition_id", "had", "position")
    stories = {row["article_id"]: row for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(stale("%s"), [letter.pk])
        wrong = {article: stories.pop(article) for (article,) in cursor.fetchall()}
    for story in digest.as_they_are(wrong, now):
        row = wrong[story.article]
        # That a story is gone is told by digests alone, to those who had it.
        is_told = not story.is_gone or (letter.issue.made == Issue.Made.DIGEST and row["had"] is not None)
        if is_told and story.edition != row["edition_id"]:
            stories[story.article] = {**row, "edition_id": story.edition}
    return stories


def _leave_to_what_told_them(waiting, mended: Letter) -> None:
    """
    Who was told one of its stories by another letter meanwhile, or is about to be; the next digest has the others
    for them.
    """
    stories = mended.stories.filter(article=OuterRef("article"))
    had = LastSent.objects.filter(Exists(stories.filter(edition__number__lte=OuterRef("number"))), _THEIRS)
    tells = LetterStory.objects.filter(
        Exists(stories.filter(edition__number__lte=OuterRef("edition__number"))), letter=OuterRef("letter")
    )
    about_to = Delivery.objects.filter(Exists(tells), _THEIRS, state=Delivery.State.SENDING)
    waiting.filter(Exists(had) | Exists(about_to)).update(**_TAKEN_BACK)


_THEIRS = Q(subscriber=OuterRef("subscriber"))
_TAKEN_BACK = {"state": Delivery.State.EXCLUDED, "reason": Delivery.Reason.TAKEN_BACK, "worker": None}
_STALE = f"""
    SELECT letter.id FROM newsletter_letter letter JOIN newsletter_issue issue ON issue.id = letter.issue_id
    WHERE issue.state IN ('sending', 'paused') AND EXISTS ({stale("letter.id")})
        AND EXISTS (SELECT FROM newsletter_delivery WHERE letter_id = letter.id AND state = 'queued')
    ORDER BY letter.id LIMIT %s
"""  # noqa: S608 - of our own words
