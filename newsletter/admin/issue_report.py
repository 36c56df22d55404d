"""What becomes of an issue: numbers that balance, and how fast they grow."""

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from .. import live_mail, reporting
from ..models import Issue
from . import issue_pages, zoned_time
from .sending_chart import Chart

State = Issue.State
UNDER_WAY = (State.SCHEDULED, State.SENDING, State.PAUSED)


def page(desk: ModelAdmin, request: HttpRequest, issue: Issue) -> HttpResponse:
    return issue_pages.page(desk, request, issue, "report", "A letter", **_progress(desk, request, issue))


def progress(desk: ModelAdmin, request: HttpRequest, issue: Issue) -> HttpResponse:
    """The part of the page that moves, by itself."""
    context = {"issue": issue, **_progress(desk, request, issue)}
    return render(request, "admin/newsletter/issue/_progress.html", context)


def _progress(desk: ModelAdmin, request: HttpRequest, issue: Issue) -> dict:
    zone = issue.newsletter.time_zone if issue.newsletter else "UTC"
    is_starting = issue.state == State.SCHEDULED and issue.send_at <= timezone.now()
    is_to_come = issue.state == State.SCHEDULED and not is_starting
    step, slices = reporting.over_time(issue) if issue.started_at else (1, [])
    return {
        "report": reporting.report(issue),
        "is_live": live_mail.is_on(),
        "chart": Chart(step, slices, "kept" if issue.is_in_outbox else "sent") if slices else None,
        "is_under_way": issue.state in UNDER_WAY,
        "is_starting": is_starting,
        "send_at": zoned_time.shown(issue.send_at, zone) if is_to_come else "",
        "not_after": zoned_time.shown(issue.not_after, zone) if issue.not_after else "",
        "may_delete": desk.has_delete_permission(request, issue),
    }
