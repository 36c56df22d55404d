"""Sending an issue: asked once, with the number of its readers; and what may be done while it is on its way."""

from datetime import datetime

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from .. import live_mail, scheduling, sending, trying_out
from ..models import Issue
from . import issue_pages, zoned_time

LATE = "It is not to be sent after {}. Choose an earlier time, or change that in the letter."
MOVED = "Nothing was done: somebody has changed, scheduled or sent this letter since you looked."
# What may be done to one that was sent off: the verb, and what is said afterwards.
VERBS = {
    "unschedule": (scheduling.unschedule, "It is a draft again."),
    "pause": (sending.pause, "Paused. What is on its way just now still arrives."),
    "resume": (sending.resume, "Resumed."),
    "cancel": (sending.cancel, "Cancelled. Nothing more of it is sent."),
}


def send(desk: ModelAdmin, request: HttpRequest, issue: Issue) -> HttpResponse:
    if not desk.has_send_permission(request):
        raise PermissionDenied
    if issue.made != Issue.Made.STAFF:
        raise Http404("A digest sends itself.")
    if issue.state != Issue.State.DRAFT:
        if request.method == "POST":
            messages.warning(request, MOVED)
        return issue_pages.to("change", issue)
    if request.method != "POST":
        return _asked(desk, request, issue)
    try:
        at = _when(request, issue)
    except ValueError as error:
        return _asked(desk, request, issue, complaint=str(error), status=400)
    if not scheduling.schedule(issue, at or timezone.now(), seen=_seen(request)):
        messages.warning(request, MOVED)
        return issue_pages.to("change", issue)
    _tell(desk, request, issue, at)
    return issue_pages.to("change", issue)


def _when(request: HttpRequest, issue: Issue) -> datetime | None:
    """When it is to go out, None for now. Raises `ValueError` with a sentence."""
    zone = issue.newsletter.time_zone
    at = zoned_time.moment(request.POST.get("at", ""), zone) if request.POST.get("do") == "schedule" else None
    if why_not := trying_out.why_not(issue):
        raise ValueError(why_not)
    if issue.not_after and issue.not_after <= (at or timezone.now()):
        raise ValueError(LATE.format(zoned_time.shown(issue.not_after, zone)))
    return at


def _seen(request: HttpRequest) -> datetime:
    """The save of it that its number of readers was asked about; none if the form does not say."""
    try:
        seen = datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return timezone.now()
    return seen if seen.tzinfo else timezone.now()


def _tell(desk: ModelAdmin, request: HttpRequest, issue: Issue, at: datetime | None) -> None:
    if at:
        said = f"It is sent on {zoned_time.shown(at, issue.newsletter.time_zone)}."
    else:
        said = "It starts within seconds."
    if not live_mail.is_on():
        said += " Live mail is off: all of it goes to the outbox."
    desk.log_change(request, issue, f"Scheduled for {at:%Y-%m-%d %H:%M} UTC." if at else "Sent.")
    messages.success(request, said)


def _asked(
    desk: ModelAdmin, request: HttpRequest, issue: Issue, *, complaint: str = "", status: int = 200
) -> HttpResponse:
    zone = issue.newsletter.time_zone
    return issue_pages.page(
        desk,
        request,
        issue,
        "send",
        "Send a letter",
        status=status,
        reach=scheduling.reach(issue.newsletter, timezone.now()),
        stories=trying_out.editions(issue),
        left_out=trying_out.left_out(issue),
        why_not=trying_out.why_not(issue),
        zone=zone,
        not_after=zoned_time.shown(issue.not_after, zone) if issue.not_after else "",
        at=request.POST.get("at", ""),
        complaint=complaint,
        is_live=live_mail.is_on(),
    )


def state(desk: ModelAdmin, request: HttpRequest, issue: Issue) -> HttpResponse:
    verb, said = VERBS.get(request.POST.get("do"), (None, ""))
    if verb is None or not desk.has_send_permission(request):
        raise PermissionDenied
    if verb(issue):
        desk.log_change(request, issue, said)
        messages.success(request, said)
    else:
        messages.warning(request, MOVED)
    return issue_pages.to("change", issue)
