"""The words of a letter: each of its stories told to readers who had an earlier edition, or none."""

from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string

from articles.frame import absolute
from articles.kinds import Kind
from articles.languages import direction
from articles.models import Revision
from articles.since_page import since_page
from articles.snapshot import Snapshot

from .addresses import normalised
from .emails import inlined, one_line
from .merging import Own, Written
from .models import Issue, Letter, LetterStory

_FOLDER = "newsletter/mail"


@dataclass(frozen=True)
class Told:
    """
    A story as a letter tells it: `since` is what moved after the edition its readers had, as `since_page` gives it;
    empty if they had none, or one that is withheld by now. One that was withdrawn has nothing but its note.
    """

    edition: Revision
    content: Snapshot
    link: str
    is_gone: bool = False
    since: dict = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        return Kind(self.edition.kind)

    @property
    def is_moved(self) -> bool:
        """Whether there is anything since."""
        return bool(self.since) and self.edition.number > self.since["edition"].number

    @property
    def has_correction(self) -> bool:
        return bool(self.since and self.since["corrections"])


def tell(stories: list[LetterStory]) -> list[Told]:
    """What was corrected comes first. A story that readers may no longer have is left out."""
    may_be_told = Revision.objects.announced()
    editions = may_be_told.with_address().in_bulk([story.edition_id for story in stories])
    told = [_told(editions[s.edition_id], s.had) for s in stories if s.edition_id in editions]
    return sorted(told, key=lambda story: not story.has_correction)


def _told(edition: Revision, had: int | None) -> Told:
    link = absolute(edition.article.get_absolute_url())
    if edition.kind == Kind.WITHDRAWN:
        return Told(edition, edition.content, link, is_gone=True)
    before = edition.article.revisions.readable().with_words().filter(number=had).first() if had else None
    return Told(edition, edition.content, link, since=since_page(before, edition) if before else {})


def write(letter: Letter) -> Written:
    """The letter, with blanks for what is each reader's own."""
    return written(letter.issue, tell(list(letter.stories.all())), letter.language, Own.blanks())


def written(issue: Issue, stories: list[Told], language: str, own: Own, *, is_web: bool = False) -> Written:
    """An issue with these stories, in the language of ours that is named."""
    subject = one_line(issue.subject or _subject(issue, stories))[:150]
    shown = {
        "issue": issue,
        "letter": issue.newsletter,
        "stories": stories,
        "own": own,
        "language": language,
        "direction": direction(language),
        "subject": subject,
        "preheader": issue.preheader or _preheader(stories),
    }
    text = render_to_string(f"{_FOLDER}/{language}/letter.txt", shown)
    html = render_to_string(f"{_FOLDER}/{language}/letter.html", shown)
    return Written(subject, sender_of(issue), text.strip() + "\n", inlined(html), _headers(issue, own))


def _subject(issue: Issue, stories: list[Told]) -> str:
    if not stories:
        return str(issue.newsletter or settings.SITE_NAME)
    first = stories[0].edition.headline
    if issue.made == Issue.Made.CORRECTION or stories[0].has_correction:
        return f"Correction: {first}"
    return first if len(stories) == 1 else f"{first} · and {len(stories) - 1} more"


def _preheader(stories: list[Told]) -> str:
    """The note of the first story, which says what moved."""
    return next((s.edition.note for s in stories if s.edition.note), "")


def sender_of(issue: Issue) -> str:
    letter = issue.newsletter
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if letter:
        name = letter.sender_name or name
        address = normalised(letter.sender_address) if letter.sender_address else address
    return formataddr((one_line(name or settings.SITE_NAME), address))


def _headers(issue: Issue, own: Own) -> dict[str, str]:
    """RFC 2369 and 8058: how to leave; RFC 2919: which list this is; Feedback-ID: what providers report by."""
    host = urlsplit(settings.SITE_URL).hostname
    of = issue.newsletter.slug if issue.newsletter else "stories"
    leave = f"<{own.leave}>" + (f", <mailto:{own.leave_mail}>" if settings.LETTERS_MAILBOX else "")
    return {
        "List-Id": f"<{of}.letters.{host}>",
        "List-Unsubscribe": leave,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{issue.pk}:{of}:{issue.made}:{host}",
        "Precedence": "bulk",
    }
