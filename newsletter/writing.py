"""The words of a letter: each of its stories told to readers who had an earlier edition, or none."""

import re
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from functools import cache
from itertools import count
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string

from articles.frame import absolute
from articles.kinds import Kind
from articles.languages import direction
from articles.models import Revision
from articles.reading import plain_text
from articles.since_page import since_page
from articles.snapshot import Snapshot, Verification
from articles.story_page import corrected_since
from articles.wording import Piece

from . import subjects
from .addresses import normalised
from .emails import inlined, one_line
from .merging import Own, Written
from .models import Issue, Letter, LetterStory

_FOLDER = "newsletter/mail"
# Octets; of a mail that has more, mail programs cut off the end, and with it the way to leave. Less than the 90 KB
# that it may have, as each reader's own links are put in later.
LONGEST = 89_000


@dataclass(frozen=True)
class Told:
    """
    A story as a letter tells it: `since` is what moved after the edition its readers had, as `since_page` gives it,
    and `corrections` what that edition had wrong; both empty if they had none. Of one that is withheld by now only
    that is told which was corrected. Of one that was withdrawn nothing is repeated: there is when it was mailed,
    and why it was withdrawn.
    """

    edition: Revision
    content: Snapshot
    address: str
    is_gone: bool = False
    since: dict = field(default_factory=dict)
    corrections: list = field(default_factory=list)

    @property
    def language(self) -> str:
        return self.content.story.language

    @property
    def had(self) -> Revision | None:
        """The edition that its readers were told of last."""
        return self.since.get("edition")

    @property
    def is_moved(self) -> bool:
        """Whether there is anything since, and what they had can be told."""
        return "notes" in self.since and self.edition.number > self.had.number

    @property
    def is_as_they_had(self) -> bool:
        return self.had is not None and self.edition.number <= self.had.number

    @property
    def has_correction(self) -> bool:
        """Of an error that its readers were sent, not of words that could be misread."""
        return any(box.kind == Kind.CORRECTION.label for box in self.corrections)

    @property
    def notes(self) -> list[Revision]:
        """Why it changed, the newest first, without what a correction says already, and what came out meanwhile."""
        told = {box.number for box in self.corrections}
        upto = [edition for edition in self.since["notes"] if edition.number <= self.edition.number]
        return [edition for edition in upto if str(edition.number) not in told]

    @property
    def tells_more(self) -> bool:
        """Whether it moved in more than what a correction says."""
        return bool(self.notes or self.since["top"] or self.since["verified"] or not self.corrections)

    @property
    def withdrawn(self) -> dict[str, str]:
        """Of each key point that we no longer stand by, why; by its text."""
        points = self.content.key_points
        return {point.text: point.reason for point in points if point.verification == Verification.WITHDRAWN}

    @property
    def link(self) -> str:
        """To what is new for its readers; of a story that is gone, to its topic."""
        if self.is_gone:
            return absolute(self.edition.article.topic.get_absolute_url())
        return f"{self.address}since/{self.had.number}/" if self.is_moved else self.address


def tell(stories: list[LetterStory]) -> list[Told]:
    """What was corrected comes first. A story that readers may no longer have is left out."""
    may_be_told = Revision.objects.announced()
    editions = may_be_told.with_address().in_bulk([story.edition_id for story in stories])
    told = [_told(editions[s.edition_id], s.had) for s in stories if s.edition_id in editions]
    return sorted(told, key=lambda story: not story.has_correction)


def _told(edition: Revision, had: int | None) -> Told:
    address = absolute(edition.article.get_absolute_url())
    is_gone = edition.kind == Kind.WITHDRAWN
    # Of a story that is gone no edition can be read any more; that they had one can still be said.
    known = Revision.objects.with_words() if is_gone else Revision.objects.readable().with_words()
    before = known.filter(article=edition.article, number=had).first() if had else None
    if is_gone:
        return Told(edition, edition.content, address, is_gone=True, since={"edition": before})
    mailed = before or (edition.article.revisions.filter(number=had).first() if had else None)
    if mailed is None:
        return Told(edition, edition.content, address)
    since = since_page(before, edition) if before else {"edition": mailed}
    return Told(edition, edition.content, address, since=since, corrections=corrected_since(mailed, edition))


def write(letter: Letter) -> Written:
    """The letter, with blanks for what is each reader's own."""
    return written(letter.issue, tell(list(letter.stories.all())), letter.language, Own.blanks())


def written(issue: Issue, stories: list[Told], language: str, own: Own) -> Written:
    """An issue with these stories, in the language of ours that is named."""
    shown = _shown(issue, stories, language, own)
    html = cache(lambda whole: inlined(_words("html", shown, stories, whole)))
    whole = _whole(len(stories), html)
    text = _tidy(_words("txt", shown, stories, whole))
    return Written(shown["subject"], sender_of(issue), text, html(whole), _headers(issue, own), shown["preheader"])


def shortest(issue: Issue, stories: list[Told]) -> int:
    """The octets of its HTML if no story is told whole."""
    return len(inlined(_words("html", _shown(issue, stories, "en", Own.blanks()), stories, 0)).encode())


def _shown(issue: Issue, stories: list[Told], language: str, own: Own) -> dict:
    subject = one_line(issue.subject or _subject(issue, stories))
    return {
        "issue": issue,
        "newsletter": issue.newsletter,
        "topic": issue.newsletter and issue.newsletter.topic,
        "web": absolute(issue.web_address) if issue.is_archived else "",
        "intro": _in_plain_text(issue.intro),
        "own": own,
        "language": language,
        "direction": direction(language),
        "subject": subject,
        "preheader": issue.preheader or _preheader(stories),
        "is_rewritten": _is_rewritten,
    }


def _words(form: str, shown: dict, stories: list[Told], whole: int) -> str:
    """With so many of the stories told whole, and the others in brief."""
    told = {"stories": stories[:whole], "in_brief": stories[whole:]}
    return render_to_string(f"{_FOLDER}/{shown['language']}/letter.{form}", {**shown, **told})


def _whole(stories: int, html: Callable[[int], str]) -> int:
    """How many of so many stories can be told whole, the first of them, until the letter is long enough."""

    def is_too_long(whole: int) -> bool:
        return len(html(whole).encode()) > LONGEST

    if not is_too_long(stories):
        return stories
    return max(0, bisect(range(stories), False, key=is_too_long) - 1)


def _in_plain_text(html: str) -> str:
    """
    What an editor wrote, with dashes or numbers before the items of lists, lines between the cells of tables, and
    where its links lead.

    >>> _in_plain_text('<p>Read <a href="https://example.org/">this</a>.</p><ul><li>One</li><li>Two</li></ul>')
    'Read this (https://example.org/).\\n\\n- One\\n- Two'
    """
    html = re.sub(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', r"\2 (\1)", html, flags=re.DOTALL)
    html = re.sub("<ol>.*?</ol>", _numbered, html, flags=re.DOTALL)
    text = plain_text(re.sub(r"<li>(?!\d+\. )", "<li>- ", html))
    for row in _ROWS:
        text = re.sub(rf"(?m)^({row}.*)\n(?=\n{row})", r"\1", text)
    return text.replace("\t", " | ")


# How an item of a list begins, and a row of a table.
_ROWS = ("- ", r"\d+\. ", r"[^\n\t]*\t")


def _numbered(items: re.Match) -> str:
    numbers = count(1)
    return re.sub("<li>", lambda _: f"<li>{next(numbers)}. ", items[0])


def _is_rewritten(pieces: Sequence[Piece]) -> bool:
    """Whether so little of a text stayed that it reads better new and old apart than word by word."""
    kept, removed, added = (
        sum(len(piece.text) for piece in pieces if piece.kind == kind) for kind in ("same", "removed", "added")
    )
    return kept < min(removed, added)


def _tidy(text: str) -> str:
    """With no more than one empty line between what a template left of its lines."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _subject(issue: Issue, stories: list[Told]) -> str:
    if not stories:
        return str(issue.newsletter or settings.SITE_NAME)
    is_correction = issue.made == Issue.Made.CORRECTION or stories[0].has_correction
    mark = "Correction: " if is_correction else ""
    return mark + subjects.of_headlines([_title(story) for story in stories], subjects.LONGEST - len(mark))


def _title(story: Told) -> str:
    # What was withdrawn is not repeated.
    return f"Withdrawn: a story on {story.edition.article.topic.name}" if story.is_gone else story.edition.headline


def _preheader(stories: list[Told]) -> str:
    """What moved in the first story, or how it begins."""
    if not stories:
        return ""
    first = stories[0]
    if first.is_gone:
        return first.edition.note
    if first.corrections:
        return f"What is right: {first.corrections[0].right}"
    notes = [edition.note for edition in first.notes if edition.note] if first.is_moved else []
    return notes[0] if notes else first.content.story.lead


def sender_of(issue: Issue) -> str:
    newsletter = issue.newsletter
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if newsletter:
        name = newsletter.sender_name or name
        address = normalised(newsletter.sender_address) if newsletter.sender_address else address
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
