"""An issue as its readers would get it, and a test of it to whoever looks."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from articles.models import Revision
from articles.views.finding import number_in

from .. import emails, live_mail, trying_out
from ..handing_over import Outcome
from ..merging import Written
from ..models import Issue, LetterStory
from . import issue_pages
from .framed_mail import framed

HIGHEST = 10**9 - 1
LETTERS_SHOWN = 30
NO_ADDRESS = "Your account has no e-mail address, so no test can be sent. Ask whoever looks after the accounts."
KEPT = "Live mail is off, so the test is kept in the outbox, for you alone and whoever looks after the server."


@dataclass(frozen=True)
class Choice:
    """A story, and which of its editions the reader had; None: none."""

    edition: Revision
    had: int | None

    @property
    def field(self) -> str:
        return _field(self.edition)

    @property
    def numbers(self) -> range:
        return range(self.edition.number, 0, -1)


@dataclass(frozen=True)
class Asked:
    """For which reader it is looked at: one of a letter that was addressed already, or one as somebody chose."""

    choices: list[Choice]
    language: str
    letter: int | None

    @property
    def query(self) -> str:
        if self.letter:
            return urlencode({"letter": self.letter})
        had = {choice.field: choice.had for choice in self.choices if choice.had}
        return urlencode({**had, "language": self.language})


def _asked(request: HttpRequest, issue: Issue) -> Asked:
    """Raises 404 for what the form never says."""
    said = request.GET
    letter = number_in(said["letter"], 1, HIGHEST) if said.get("letter") else None
    if letter is None and issue.started_at:
        letter = issue.letters.order_by("pk").values_list("pk", flat=True).first()
    editions = [] if issue.started_at else trying_out.editions(issue)
    choices = [Choice(edition, _had(said, edition)) for edition in editions]
    language = said.get("language", "en")
    return Asked(choices, language if language in emails.LANGUAGES else "en", letter)


def _field(edition: Revision) -> str:
    return f"had-{edition.article_id}"


def _had(said, edition: Revision) -> int | None:
    typed = said.get(_field(edition))
    return number_in(typed, 1, edition.number) if typed else None


def _written(issue: Issue, asked: Asked) -> Written:
    if asked.letter:
        letters = issue.letters.select_related("issue__newsletter")
        return trying_out.sample_of(get_object_or_404(letters, pk=asked.letter))
    had = {choice.edition.article_id: choice.had for choice in asked.choices if choice.had}
    return trying_out.sample(issue, had, asked.language)


def page(desk: ModelAdmin, request: HttpRequest, issue: Issue) -> HttpResponse:
    asked = _asked(request, issue)
    written = _written(issue, asked)
    if request.method == "POST":
        return _send_test(desk, request, issue, written)
    letters = issue.letters.annotate(readers=Count("deliveries")).order_by("-readers", "pk")
    return issue_pages.page(
        desk,
        request,
        issue,
        "preview",
        "Preview of a letter",
        asked=asked,
        written=written,
        languages=emails.LANGUAGES,
        left_out=[] if issue.started_at else trying_out.left_out(issue),
        why_not=trying_out.why_not(issue) if issue.state == Issue.State.DRAFT else "",
        told=LetterStory.objects.filter(letter=asked.letter).select_related("edition"),
        letters=letters[:LETTERS_SHOWN] if issue.started_at else [],
        may_test=desk.has_change_permission(request, issue),
    )


def html(request: HttpRequest, issue: Issue) -> HttpResponse:
    """For a frame."""
    return framed(_written(issue, _asked(request, issue)).html)


def _send_test(desk: ModelAdmin, request: HttpRequest, issue: Issue, written: Written) -> HttpResponse:
    if not desk.has_change_permission(request, issue):
        raise PermissionDenied
    to = request.user.email
    if not to:
        messages.error(request, NO_ADDRESS)
    else:
        answer = trying_out.send_test(written, to)
        if answer.outcome != Outcome.TAKEN:
            messages.error(request, f"The test to {to} was not sent. {answer.said}")
        else:
            messages.success(request, f"A test is on its way to {to}." if live_mail.is_on() else KEPT)
            desk.log_change(request, issue, "Sent themselves a test.")
    back = issue_pages.to("preview", issue)
    back["Location"] += f"?{request.GET.urlencode()}" if request.GET else ""
    return back
