"""Corrections that wait to be mailed, and the page that asks once: whom it reaches, and how it looks."""

from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe

from articles.models import Correction

from .. import correcting, emails, writing
from ..merging import Own, Written
from ..models import Issue, LetterStory, Newsletter
from .framed_mail import framed, in_a_frame, with_a_frame

LIST = "admin:newsletter_corrections"


class CorrectionsToMail:
    """The roads of the desk to corrections, for whoever may mail them."""

    def get_urls(self):
        listed, one, mail = map(self._guarded, (self.corrections, self.correction, self.correction_mail))
        return [
            path("corrections/", listed, name="newsletter_corrections"),
            path("corrections/<uuid:correction>/", one, name="newsletter_correction"),
            path("corrections/<uuid:correction>/mail/", mail, name="newsletter_correction_mail"),
            *super().get_urls(),
        ]

    def _guarded(self, view):
        def guarded(request, **address):
            if not request.user.has_perm(correcting.PERMISSION):
                raise PermissionDenied
            return view(request, **address)

        return self.admin_site.admin_view(guarded)

    @method_decorator(require_safe)
    def corrections(self, request):
        rows = [
            {"correction": correction, "offer": correcting.offer(correction, reached.people)}
            for correction, reached in correcting.untold()
        ]
        return _page(request, "list", "Corrections to mail", rows=rows)

    @with_a_frame
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def correction(self, request, correction):
        found = _found(correction)
        return _tell(request, found) if request.method == "POST" else _ask(request, found)

    @in_a_frame
    def correction_mail(self, request, correction):
        found = _found(correction)
        mail = None if correcting.why_not(found) else sample(found)
        if mail is None:
            raise Http404
        return framed(mail.html)


def _ask(request: HttpRequest, found: Correction) -> HttpResponse:
    complaint = correcting.why_not(found)
    reached = correcting.Misinformed(0) if complaint else correcting.misinformed(found)
    if not (complaint or reached.people):
        complaint = correcting.NOBODY
    shown = {
        "correction": found,
        "story": found.story,
        "complaint": complaint,
        "reached": reached,
        "offer": correcting.offer(found, reached.people),
        "mail": None if complaint else sample(found),
    }
    return _page(request, "one", "Mail a correction", **shown)


def _tell(request: HttpRequest, found: Correction) -> HttpResponse:
    try:
        correcting.tell(found, request.user)
    except correcting.Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "It is mailed to them within seconds.")
    return HttpResponseRedirect(reverse(LIST))


def sample(correction: Correction) -> Written | None:
    """As who had the newest edition that was wrong gets it, to nobody and with links that do nothing."""
    had = correcting.newest_wrong(correction)
    if had is None:
        return None
    story = correcting.story_to_tell(correction, timezone.now())
    row = LetterStory(edition_id=story.edition, had=had)
    links = emails.dead_links()
    own = Own(to="", message_id="", leave=links.leave, leave_mail="", preferences=links.preferences)
    issue = Issue(made=Issue.Made.CORRECTION, correction=correction)
    return writing.written(issue, writing.tell([row]), "en", own)


def _found(key: UUID) -> Correction:
    """Of a story that readers may have: what else there is stays with those who work on it."""
    return get_object_or_404(Correction.objects.public().with_story(), pk=key)


def _page(request: HttpRequest, template: str, title: str, **shown) -> HttpResponse:
    request.current_app = admin.site.name
    context = {**admin.site.each_context(request), "opts": Newsletter._meta, "title": title, **shown}
    return render(request, f"admin/newsletter/correction/{template}.html", context)
