"""An issue as its readers would get it: to be looked at, or sent to whoever writes it. Its links do nothing."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from articles.kinds import Kind
from articles.models import Revision

from . import digest, emails, handing_over, writing
from .emails import Mail
from .handing_over import Answer
from .merging import Own, Written
from .models import Issue, Letter, LetterStory

EMPTY = "There is nothing in this letter yet, so it cannot be sent. Write a beginning or choose a story."
TOO_LONG = (
    "With this beginning the letter has {:,.0f} KB, even if each story is told by its headline alone. It may have "
    "{:.0f} KB: mail programs cut off what is more, and with it the link to unsubscribe. Shorten the beginning, or "
    "link to a page that has the rest."
)


def editions(issue: Issue) -> list[Revision]:
    """Those that an issue of staff would tell if it was sent now, in its order."""
    return editions_of(issue.stories.values_list("article", flat=True))


def editions_of(articles: Iterable[int]) -> list[Revision]:
    """Those of these stories that would be told now."""
    told = [story.edition for story in digest.as_they_are(articles, timezone.now()) if not story.is_gone]
    found = Revision.objects.with_address().in_bulk(told)
    return [found[edition] for edition in told if edition in found]


def why_not(issue: Issue) -> str:
    """Why it cannot be sent as it stands, as a sentence for the desk; empty if it can."""
    found = editions(issue)
    if not (found or issue.intro):
        return EMPTY
    return too_long(issue, found)


def too_long(issue: Issue, found: list[Revision]) -> str:
    """Why it cannot have what stands at its beginning, with these editions; empty if it can."""
    stories = [LetterStory(edition_id=edition.pk) for edition in found]
    octets = writing.shortest(issue, writing.tell(stories))
    return TOO_LONG.format(octets / 1000, writing.LONGEST / 1000) if octets > writing.LONGEST else ""


def left_out(issue: Issue) -> list[str]:
    """Of each story that it would not tell if it was sent now, why not; for the desk."""
    told = {edition.article_id for edition in editions(issue)}
    stories = issue.stories.exclude(article__in=told).values_list("article", flat=True)
    newest = Revision.objects.newest().with_words().filter(article__in=stories)
    return [_too_new(e) if e.kind != Kind.WITHDRAWN else _gone(e) for e in newest.only("headline", "kind")]


def _too_new(edition: Revision) -> str:
    minutes = settings.MAIL_UNDO // timedelta(minutes=1)
    return (
        f"The story “{edition.headline}” is too new to be mailed: what is published waits {minutes} minutes, "
        "so that it can be thought over."
    )


def _gone(edition: Revision) -> str:
    return f"Readers have the story “{edition.headline}” no more, so it is left out."


def sample(issue: Issue, had: dict[int, int], language: str) -> Written:
    """For a reader who had these editions (numbers by story), and nothing yet of the other stories."""
    stories = [LetterStory(edition_id=e.pk, had=had.get(e.article_id)) for e in editions(issue)]
    return writing.written(issue, writing.tell(stories), language, _nobody())


def sample_of(letter: Letter) -> Written:
    """As those get it who had what its other readers had."""
    return writing.written(letter.issue, writing.tell([*letter.stories.all()]), letter.language, _nobody())


def _nobody() -> Own:
    links = emails.dead_links()
    return Own(to="", message_id="", leave=links.leave, leave_mail="", preferences=links.preferences)


def send_test(written: Written, to: str) -> Answer:
    """What it says is not from a list, so it has none of the headers of one."""
    mail = Mail(f"Test: {written.subject}", written.text, written.sender, [to])
    mail.attach_alternative(written.html, "text/html")
    return handing_over.hand_over(mail)
