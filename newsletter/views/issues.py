"""What staff wrote and sent, for everybody to read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.http import require_safe

from articles.pages import page
from articles.views.finding import number_in, page_of, unlisted

from .. import archive
from ..models import Issue

ISSUES_ON_PAGE = 25


@require_safe
def issues(request: HttpRequest, slug: str) -> HttpResponse:
    """Of one letter, newest first; there is no such page before something was sent."""
    sent = Issue.objects.archived().filter(newsletter__slug=slug).select_related("newsletter")
    shelf = page_of(sent, request, ISSUES_ON_PAGE)
    if not shelf:
        raise Http404
    newsletter = shelf[0].newsletter
    issues = Issue.objects.named(shelf)
    shown = [(issue.pk, issue.saved_at, issue.started_at, issue.name) for issue in issues]
    return page(
        request,
        f"{shelf.number} of {shelf.paginator.num_pages} {newsletter.saved_at} {shown}",
        lambda: render_to_string(
            "newsletter/issues.html", {"newsletter": newsletter, "shelf": shelf, "issues": issues}
        ),
    )


# As with earlier editions, what is searched for is the story as it stands.
@unlisted
@require_safe
def issue(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    sent = Issue.objects.archived().select_related("newsletter")
    found = get_object_or_404(sent, newsletter__slug=slug, pk=number_in(pk, 1, 10**9))
    rows = archive.editions_of(found)

    def render_issue() -> str:
        stories = archive.stories_of(rows)
        shown = {"issue": found, "newsletter": found.newsletter, "stories": stories}
        shown["taken_back"] = len(rows) - len(stories)
        return render_to_string("newsletter/issue.html", shown)

    return page(request, f"{found.saved_at} {found.newsletter.saved_at} {archive.names_of(rows)}", render_issue)


roads = [
    path("<slug:slug>/issues/", issues, name="issues"),
    path("<slug:slug>/issues/<int:pk>/", issue, name="issue"),
]
