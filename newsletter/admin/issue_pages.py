"""What the pages about one issue have in common."""

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from ..models import Issue


def page(
    desk: ModelAdmin, request: HttpRequest, issue: Issue, template: str, title: str, *, status: int = 200, **shown
) -> HttpResponse:
    request.current_app = desk.admin_site.name
    context = {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "title": title,
        "issue": issue,
        "name": issue.name,
        "may_send": desk.has_send_permission(request),
        **shown,
    }
    return render(request, f"admin/newsletter/issue/{template}.html", context, status=status)


def to(road: str, issue: Issue) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:newsletter_issue_{road}", args=[issue.pk]))
