"""What is said about a story without a change of its words: it stands, it is settled, it is taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from .. import publishing
from ..kinds import Kind, Note, kinds_after
from ..models import Article, Desk, Revision
from ..snapshot import Pace, Verification
from . import unsaved
from .pages import page
from .publishing import PublishForm, linked, sentence, told


@dataclass(frozen=True)
class Announceable:
    verb: Callable
    kind: Kind
    title: str
    meaning: str
    permission: str = "articles.publish_article"


ANNOUNCEABLE = {
    "reconfirm": Announceable(
        publishing.reconfirm,
        Kind.RECONFIRMED,
        "Confirm again",
        "Readers see that the story and its key points stand as of now. No word of it changes.",
    ),
    "settle": Announceable(
        publishing.settle,
        Kind.SETTLED,
        "Settle",
        "Readers are told that the story no longer develops. It can be reopened.",
    ),
    "reopen": Announceable(
        publishing.reopen,
        Kind.REOPENED,
        "Reopen",
        "Readers are told that the story develops again; they get its newest edition as it was.",
    ),
    "withdraw": Announceable(
        publishing.withdraw,
        Kind.WITHDRAWN,
        "Withdraw",
        "The story is taken from readers. Its address says that it was withdrawn, and your note says why.",
        permission="articles.withdraw_article",
    ),
}


def open_to(user, desk: Desk) -> dict[str, Announceable]:
    """The announcements `user` can make about a story now, by their roads."""
    newest = desk.base_edition
    if newest is None or not user.has_perm("articles.publish_article") or newest.is_withheld:
        return {}
    kinds = kinds_after(Kind(newest.kind), newest.pace == Pace.SETTLED)
    return {
        road: said for road, said in ANNOUNCEABLE.items() if said.kind in kinds and user.has_perm(said.permission)
    }


def confirmable(user, desk: Desk) -> set[UUID]:
    """The key points that `user` can confirm again: those that readers have."""
    newest = desk.base_edition
    if "reconfirm" not in open_to(user, desk):
        return set()
    points = newest.content.key_points
    return {UUID(point.id) for point in points if point.verification != Verification.WITHDRAWN}


@require_POST
def confirm_point(request: HttpRequest, article: Article, point: UUID) -> HttpResponse:
    """Publish that one key point still stands, and nothing else of the working copy."""
    desk = Desk.objects.select_related("base_edition").get(article=article)
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied
    if point not in confirmable(request.user, desk):
        raise Http404("Readers have no such key point.")
    try:
        if request.POST.get("base") != str(desk.base_number):
            raise publishing.BaseMoved(desk.base_edition)
        revision = publishing.reconfirm(article, by=request.user, base=desk.base_number, key_points=[str(point)])
    except publishing.Refused as refusal:
        messages.error(request, f"It was not confirmed. {refusal}")
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))
    return told(request, revision)


class NoteForm(forms.Form):
    note = sentence("What readers are told, in a sentence")
    reason = PublishForm.base_fields["reason"]
    private_note = PublishForm.base_fields["private_note"]

    refuse = PublishForm.refuse

    def __init__(self, *args, kind: Kind, **kwargs):
        super().__init__(*args, **kwargs)
        if kind.rule.note == Note.NONE:
            del self.fields["note"], self.fields["reason"]


@require_http_methods(["GET", "HEAD", "POST"])
def announce(request: HttpRequest, article: Article, road: str) -> HttpResponse:
    said = ANNOUNCEABLE[road]
    if not request.user.has_perms(["articles.publish_article", said.permission]):
        raise PermissionDenied
    desk = Desk.objects.select_related("base_edition").get(article=article)
    form = NoteForm(request.POST if request.method == "POST" else None, kind=said.kind)
    findings = []
    if form.is_valid():
        try:
            revision = _announce_what_was_seen(request, desk, said, form)
        except publishing.Refused as refusal:
            form.refuse(refusal)
            findings = linked(article, getattr(refusal, "findings", []))
        else:
            unsaved.saved(request)
            return told(request, revision)
    shown = {"said": said, "desk": desk, "form": form, "findings": findings}
    return page(request, article, "announce.html", said.title, **shown)


def _announce_what_was_seen(request: HttpRequest, desk: Desk, said: Announceable, form: NoteForm) -> Revision:
    if request.POST.get("base") != str(desk.base_number):
        raise publishing.BaseMoved(desk.base_edition)
    return said.verb(desk.article, by=request.user, base=desk.base_number, **form.cleaned_data)
