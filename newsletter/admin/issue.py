"""
The letters of a newsletter, one by one: what staff write, and what digests and corrections tell.

A draft of staff is a form; anything else is a page that says what becomes of it.
"""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.admin.model_admin import DeskModelAdmin
from articles.admin.rich_text import relaxed_policy
from articles.reading import clock

from .. import live_mail, trying_out
from ..models import Issue
from . import issue_deliveries, issue_preview, issue_report, issue_sending, issue_stories
from .framed_mail import in_a_frame, with_a_frame
from .issue_form import WIDGETS, IssueForm

Made, State = Issue.Made, Issue.State
GET_OR_POST = method_decorator(require_http_methods(["GET", "HEAD", "POST"]))


def address(issue: Issue) -> str:
    return reverse("admin:newsletter_issue_change", args=[issue.pk])


class IssueList(ChangeList):
    def _get_default_ordering(self):
        """An annotation, which the admin's check would not take for its `ordering`."""
        return ["-at"]

    def get_results(self, request):
        super().get_results(request)
        self.result_list = Issue.objects.named(self.result_list)


@admin.register(Issue)
class IssueAdmin(DeskModelAdmin):
    form = IssueForm
    formfield_overrides = WIDGETS
    fieldsets = [(None, {"fields": ["version", "newsletter", "subject", "preheader", "intro", "not_after"]})]
    list_display = ["called", "audience", "made", "standing", "when", "readers"]
    list_filter = ["state", "made", "newsletter"]
    list_select_related = ["newsletter", "correction__article__desk__base_edition"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = "Of no newsletter"
    actions = None

    class Media:
        css = {"all": ["desk/editing.css", "desk/rich-text.css", "desk/letters.css", "desk/issue.css"]}
        js = [
            *("admin/js/vendor/jquery/jquery.js", "admin/js/jquery.init.js", "admin/js/inlines.js"),
            forms.Script("desk/ordered-parts.js", type="module"),
        ]

    # Who may do what.

    def get_queryset(self, request):
        """Without the digests that found nobody to tell anything."""
        found = super().get_queryset(request).with_time()
        return found.exclude(Q(made=Made.DIGEST, candidates=0) & ~Q(state=State.SENDING))

    def has_change_permission(self, request, obj=None):
        """What digests and corrections tell is not written here."""
        return super().has_change_permission(request, obj) and (obj is None or obj.made == Made.STAFF)

    def has_delete_permission(self, request, obj=None):
        """What anybody was sent stays on record."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.state == State.DRAFT)

    def has_send_permission(self, request) -> bool:
        return request.user.has_perm("newsletter.send_issue")

    # The roads.

    def get_urls(self):
        issue = self._about_an_issue
        return [
            path("autocomplete/", self._to_writers(issue_stories.search), name="newsletter_issue_autocomplete"),
            path("<int:object_id>/preview/", issue(self.preview), name="newsletter_issue_preview"),
            path("<int:object_id>/preview/html/", issue(self.html), name="newsletter_issue_html"),
            path("<int:object_id>/send/", issue(self.send), name="newsletter_issue_send"),
            path("<int:object_id>/state/", issue(self.state), name="newsletter_issue_state"),
            path("<int:object_id>/progress/", issue(self.progress), name="newsletter_issue_progress"),
            path("<int:object_id>/deliveries/", issue(self.deliveries), name="newsletter_issue_deliveries"),
            *super().get_urls(),
        ]

    def _to_writers(self, view):
        def guarded(request):
            if not self.has_view_permission(request):
                raise PermissionDenied
            return require_safe(view)(request)

        return self.admin_site.admin_view(guarded)

    def _about_an_issue(self, view):
        """`view`, given an issue that the user may see."""

        def find(request, object_id):
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request, get_object_or_404(Issue.objects.select_related("newsletter", "by"), pk=object_id))

        return self.admin_site.admin_view(find)

    @GET_OR_POST
    @with_a_frame
    def preview(self, request: HttpRequest, issue: Issue) -> HttpResponse:
        return issue_preview.page(self, request, issue)

    @in_a_frame
    def html(self, request: HttpRequest, issue: Issue) -> HttpResponse:
        return issue_preview.html(request, issue)

    @GET_OR_POST
    def send(self, request: HttpRequest, issue: Issue) -> HttpResponse:
        return issue_sending.send(self, request, issue)

    @method_decorator(require_POST)
    def state(self, request: HttpRequest, issue: Issue) -> HttpResponse:
        return issue_sending.state(self, request, issue)

    @method_decorator(require_safe)
    def progress(self, request: HttpRequest, issue: Issue) -> HttpResponse:
        return issue_report.progress(self, request, issue)

    @GET_OR_POST
    def deliveries(self, request: HttpRequest, issue: Issue) -> HttpResponse:
        return issue_deliveries.page(self, request, issue)

    # The form.

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Without ways to change a newsletter from here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return db_field.formfield() if db_field.name == "newsletter" else field

    def change_view(self, request, object_id, form_url="", extra_context=None):
        issue = self.get_object(request, object_id)
        is_form = issue is None or request.method == "POST" or self._is_to_write(request, issue)
        if is_form:
            return super().change_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request, issue):
            raise PermissionDenied
        return issue_report.page(self, request, issue)

    def _is_to_write(self, request, issue: Issue) -> bool:
        return issue.state == State.DRAFT and self.has_change_permission(request, issue)

    @relaxed_policy
    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context |= {
            "title": "Write a letter" if obj else "New letter",
            "why_not": trying_out.why_not(obj) if obj else "",
            "subtitle": None,
            "may_send": self.has_send_permission(request),
            "may_delete": obj is not None and self.has_delete_permission(request, obj),
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.by = request.user
        super().save_model(request, obj, form, change)
        form.stories.save(obj)

    def response_add(self, request, obj, post_url_continue=None):
        return self.response_change(request, obj)

    def response_change(self, request, obj):
        messages.success(request, "Saved. Nothing is sent before you say so.")
        road = "preview" if "_preview" in request.POST else "change"
        return HttpResponseRedirect(reverse(f"admin:newsletter_issue_{road}", args=[obj.pk]))

    # The list.

    def get_changelist(self, request, **kwargs):
        return IssueList

    def changelist_view(self, request, extra_context=None):
        context = {"title": "Letters", "is_live": live_mail.is_on(), **(extra_context or {})}
        return super().changelist_view(request, context)

    @admin.display(description="letter")
    def called(self, issue):
        return issue.name

    @admin.display(description="newsletter", ordering="newsletter__title")
    def audience(self, issue):
        return issue.audience

    @admin.display(description="state", ordering="state")
    def standing(self, issue):
        return issue.standing

    @admin.display(description="when", ordering="at")
    def when(self, issue):
        return format_html("saved {}", clock(issue.at)) if issue.state == State.DRAFT else clock(issue.at)

    @admin.display(ordering="candidates")
    def readers(self, issue):
        return f"{issue.candidates:,}" if issue.started_at else "–"
