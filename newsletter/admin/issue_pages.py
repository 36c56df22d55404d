"""What the pages about one issue have in common."""

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from ..models import Issue


def name(issue: Issue) -> str:
    """What the desk calls it."""
    if issue.made == Issue.Made.DIGEST:
        return f"{issue.newsletter or 'Stories that are followed'}: {issue.get_cadence_display().lower()}"
    return issue.subject or (f"Correction {issue.pk}" if issue.correction_id else f"Letter {issue.pk}")


def page(
    desk: ModelAdmin, request: HttpRequest, issue: Issue, template: str, title: str, *, status: int = 200, **shown
) -> HttpResponse:
    request.current_app = desk.admin_site.name
    context = {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "title": title,
        "issue": issue,
        "name": name(issue),
        "may_send": desk.has_send_permission(request),
        **shown,
    }
    return render(request, f"admin/newsletter/issue/{template}.html", context, status=status)


def to(road: str, issue: Issue) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:newsletter_issue_{road}", args=[issue.pk]))
