"""Those who get letters: found among a million, and everything about one of them on one page."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from articles import languages
from articles.admin.model_admin import DeskModelAdmin
from articles.views.finding import number_in

from .. import erasing, exporting, leaving, notices, subscriber_list, timeline
from ..models import Cadence, Consent, Newsletter, Notice, Subscriber
from ..subscriber_list import PAUSED, STATES, Asked

LIST = "admin:newsletter_subscriber_changelist"
HIGHEST = 10**9 - 1
LONGEST_REASON = 1_000
NOT_SENT = "No new mail: one is waiting to be sent to them already, or they have had as many as we send in a day."


def asked_for(request: HttpRequest) -> Asked:
    """
    What the form of the list says. Raises 404 for what it never says.

    Addresses are searched by POST alone: those of a GET end up in logs, histories and bookmarks.
    """
    said = request.POST if request.method == "POST" else request.GET
    asked = Asked(
        letter=number_in(said["letter"], 1, HIGHEST) if said.get("letter") else None,
        state=said.get("state", ""),
        cadence=said.get("cadence", ""),
        address=request.POST.get("address", "").replace("\x00", "").strip(),
        before=number_in(said["before"], 1, HIGHEST) if said.get("before") else None,
    )
    if asked.state not in ("", PAUSED, *STATES) or asked.cadence not in ("", *Cadence.values):
        raise Http404
    return asked


@require_http_methods(["GET", "HEAD", "POST"])
def subscribers(request: HttpRequest) -> HttpResponse:
    asked = asked_for(request)
    if request.method == "POST" and not asked.address:
        return HttpResponseRedirect(_link_to(asked))
    rows, before = subscriber_list.page(asked)
    now = timezone.now()
    return _page(
        request,
        "list",
        "Subscribers",
        asked=asked,
        rows=[{"subscriber": row, "is_paused": bool(row.paused_until and row.paused_until > now)} for row in rows],
        before=before,
        letters=Newsletter.objects.only("title"),
        states=[*STATES.items(), (PAUSED, "Paused")],
        cadences=Cadence.choices,
        looked_through=subscriber_list.LOOKED_THROUGH if asked.is_too_short else None,
        may_export=request.user.has_perm("newsletter.export_subscriber"),
    )


def _link_to(asked: Asked) -> str:
    """To a list without an address in it, so that one can go back to it."""
    said = {name: value for name, value in asdict(asked).items() if value}
    return f"{reverse(LIST)}?{urlencode(said)}"


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("newsletter.export_subscriber"):
        raise PermissionDenied
    asked = asked_for(request)
    LogEntry.objects.create(
        user=request.user,
        content_type=ContentType.objects.get_for_model(Subscriber),
        object_repr="Subscribers",
        action_flag=CHANGE,
        change_message=f"Exported: letter {asked.letter or 'any'}, {asked.state or 'any state'}.",
    )
    answer = StreamingHttpResponse(exporting.lines(asked), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="subscribers-{timezone.localdate()}.csv"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def subscriber(request: HttpRequest, object_id: str) -> HttpResponse:
    person = _found(object_id)
    if request.method != "POST":
        return _shown(request, person)
    if not request.user.has_perm("newsletter.change_subscriber"):
        raise PermissionDenied
    match request.POST.get("do"):
        case "leave":
            return _leave(request, person)
        case "link":
            return _send_link(request, person)
    raise Http404


def _leave(request: HttpRequest, person: Subscriber) -> HttpResponse:
    key = number_in(request.POST.get("subscription", ""), 1, HIGHEST)
    subscription = get_object_or_404(person.subscriptions.active().with_subject(), pk=key)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:LONGEST_REASON]
    if not reason:
        complaint = "Please write why: who asked for it, and how."
        return _shown(request, person, status=400, complaint=complaint, about=subscription)
    with transaction.atomic():
        leaving.leave(subscription, method=Consent.Method.STAFF, reason=reason, by=request.user)
        _note(request, person, CHANGE, f"Ended subscription {subscription.pk}.")
    messages.success(request, f"Ended. We send them no more of “{subscription}”.")
    return _back_to(person)


def _send_link(request: HttpRequest, person: Subscriber) -> HttpResponse:
    with transaction.atomic():
        notice = notices.post(person, Notice.Kind.LINK)
        if notice:
            _note(request, person, CHANGE, "Sent the link again.")
    if notice:
        messages.success(request, "Their link is on its way.")
    else:
        messages.warning(request, NOT_SENT)
    return _back_to(person)


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, object_id: str) -> HttpResponse:
    if not request.user.has_perm("newsletter.delete_subscriber"):
        raise PermissionDenied
    person = _found(object_id)
    if request.method != "POST":
        return _page(request, "erase", "Erase a subscriber", person=person)
    with transaction.atomic():
        _note(request, person, DELETION, "Erased.")
        erasing.erase(person)
    messages.success(request, "Erased. No imported file can bring this address back.")
    return HttpResponseRedirect(reverse(LIST))


def _found(object_id: str) -> Subscriber:
    return get_object_or_404(Subscriber, pk=number_in(object_id, 1, HIGHEST))


def _shown(request: HttpRequest, person: Subscriber, *, status: int = 200, **shown) -> HttpResponse:
    return _page(
        request,
        "one",
        "A subscriber",
        status=status,
        person=person,
        language=languages.name(person.language),
        subscriptions=person.subscriptions.with_origin(),
        is_paused=bool(person.paused_until and person.paused_until > timezone.now()),
        events=timeline.of(person),
        may_change=request.user.has_perm("newsletter.change_subscriber"),
        may_erase=request.user.has_perm("newsletter.delete_subscriber"),
        **shown,
    )


def _back_to(person: Subscriber) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:newsletter_subscriber_change", args=[person.pk]))


def _note(request: HttpRequest, person: Subscriber, flag: int, message: str) -> None:
    """In the log of the desk, which outlives them: so not with their address."""
    LogEntry.objects.create(
        user=request.user,
        content_type=ContentType.objects.get_for_model(Subscriber),
        object_id=person.pk,
        object_repr=f"Subscriber {person.pk}",
        action_flag=flag,
        change_message=message,
    )


def _page(request: HttpRequest, template: str, title: str, *, status: int = 200, **shown) -> HttpResponse:
    request.current_app = admin.site.name
    context = {**admin.site.each_context(request), "opts": Subscriber._meta, "title": title, **shown}
    return render(request, f"admin/newsletter/subscriber/{template}.html", context, status=status)


@admin.register(Subscriber)
class SubscriberAdmin(DeskModelAdmin):
    """Only so that the desk lists it: every page is one of ours, and no field can be written."""

    def has_add_permission(self, request):
        return False

    def get_urls(self):
        return [
            path("", self._guarded(subscribers), name="newsletter_subscriber_changelist"),
            path("export/", self._guarded(export), name="newsletter_subscriber_export"),
            path("<path:object_id>/change/", self._guarded(subscriber), name="newsletter_subscriber_change"),
            path("<path:object_id>/erase/", self._guarded(erase), name="newsletter_subscriber_delete"),
        ]

    def _guarded(self, view):
        def guarded(request, **kwargs):
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request, **kwargs)

        return self.admin_site.admin_view(guarded)
