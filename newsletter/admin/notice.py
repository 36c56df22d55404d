"""The mails that a person has to decide about: they failed, or nobody knows whether they were taken."""

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst

from articles.admin.model_admin import DeskModelAdmin
from articles.reading import clock

from .. import mail_requests, retention, settling
from ..emails import title_of
from ..models import MailRequest, Notice

WHY_LEFT = "Somebody has decided about them meanwhile, or a newer mail like them waits."
MAY_SETTLE = {"permissions": ["settle"]}


@admin.register(Notice)
class NoticeAdmin(DeskModelAdmin):
    list_display = ["kind", "to", "about", "state", "said", "tries", "tried"]
    list_display_links = None
    list_select_related = ["subscriber", "subscription__newsletter"]
    list_per_page = 100
    actions = ["send_again", "mark_as_sent", "drop"]
    show_facets = admin.ShowFacets.NEVER

    class Media:
        css = {"all": ["desk/outbox.css"]}

    def get_urls(self):
        """The list alone: a mail is decided about there."""
        listed = self.admin_site.admin_view(self.changelist_view)
        return [path("", listed, name="newsletter_notice_changelist")]

    def get_queryset(self, request):
        return super().get_queryset(request).to_settle(timezone.now())

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_settle_permission(self, request):
        return request.user.has_perm("newsletter.change_notice")

    def lookup_allowed(self, lookup, value, request):
        """Nobody finds out by a filter whose mail it is."""
        return False

    def changelist_view(self, request, extra_context=None):
        may_settle = self.has_settle_permission(request)
        if may_settle and request.method == "POST" and "try_requests_again" in request.POST:
            return self._try_requests_again(request)
        failing = MailRequest.objects.failing()
        shown = {
            "title": "Mails that did not go out",
            "failing": failing.count(),
            "given_up": failing.given_up().count(),
            "failures": failing.order_by("said").values_list("said", flat=True).distinct(),
            "requests_kept_for": retention.UNCONFIRMED_FOR.days,
            "may_settle": may_settle,
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def _try_requests_again(self, request):
        tried = mail_requests.try_again()
        LogEntry.objects.log_actions(request.user.pk, tried, CHANGE, "To be tried again.")
        messages.success(request, f"To be tried again within seconds: {len(tried)}.")
        return redirect("admin:newsletter_notice_changelist")

    @admin.display
    def to(self, notice):
        road = reverse("admin:newsletter_subscriber_change", args=[notice.subscriber_id])
        return format_html('<a href="{}">{}</a>', road, notice.subscriber)

    @admin.display(empty_value="everything")
    def about(self, notice):
        return notice.subscription and (title_of(notice.subscription) or "A story")

    @admin.display(ordering="sent_at", description="last tried")
    def tried(self, notice):
        return clock(notice.sent_at) if notice.sent_at else "never"

    @admin.action(description="Send again; one in doubt may come twice", **MAY_SETTLE)
    def send_again(self, request, queryset):
        self._settle(request, queryset, settling.send_again, "sent again")

    @admin.action(description="Mark as sent", **MAY_SETTLE)
    def mark_as_sent(self, request, queryset):
        self._settle(request, queryset, settling.mark_as_sent, "marked as sent")

    @admin.action(description="Drop: send it no more", **MAY_SETTLE)
    def drop(self, request, queryset):
        self._settle(request, queryset, settling.drop, "dropped")

    def _settle(self, request, queryset, verb, done: str) -> None:
        chosen = list(queryset)
        settled = [notice for notice in chosen if verb(notice)]
        for notice in settled:
            self.log_change(request, notice, capfirst(f"{done}."))
        if settled:
            messages.success(request, f"{capfirst(done)}: {len(settled)}.")
        if len(settled) < len(chosen):
            left = len(chosen) - len(settled)
            messages.warning(request, f"Left as they were: {left}. {WHY_LEFT}")
