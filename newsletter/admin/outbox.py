"""The outbox: the mails that were kept instead of sent, as their readers would have seen them."""

from email import message_from_bytes, policy

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from articles.admin.model_admin import DeskModelAdmin
from articles.reading import clock

from .. import live_mail, outbox
from ..models import OutboxMail
from .framed_mail import framed, in_a_frame, with_a_frame


@admin.register(OutboxMail)
class OutboxMailAdmin(DeskModelAdmin):
    fields = []
    list_display = ["subject", "to", "made"]
    list_per_page = 50
    actions = None
    show_facets = admin.ShowFacets.NEVER

    class Media:
        css = {"all": ["desk/outbox.css"]}

    def get_urls(self):
        html = self.admin_site.admin_view(self.html)
        return [path("<int:object_id>/html/", html, name="outbox_html"), *super().get_urls()]

    def get_queryset(self, request):
        """Mails of accounts set passwords: they are for superusers, and where one tries it out for the chief."""
        mails = super().get_queryset(request).defer("raw")
        sees_accounts = request.user.is_superuser or (settings.DEBUG and request.user.has_perm("auth.change_user"))
        return mails if sees_accounts else mails.filter(subscriber__isnull=False)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def lookup_allowed(self, lookup, value, request):
        """Nobody finds out by a filter what stands in mails to others."""
        return False

    @admin.display(ordering="pk", description="when")
    def made(self, mail):
        return clock(mail.made_at)

    def changelist_view(self, request, extra_context=None):
        shown = {"title": "The outbox", "to_do": live_mail.to_do(), "kept_for": outbox.KEPT_FOR.days}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    @with_a_frame
    def changeform_view(self, request, *args, **kwargs):
        return super().changeform_view(request, *args, **kwargs)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        mail = _read(obj)
        context.update(title=obj.subject, subtitle=None, headers=mail.items())
        context.update(text=_part(mail, "plain"), has_html=bool(_part(mail, "html")))
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @in_a_frame
    def html(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The mail as its reader sees it, for a frame."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        mail = self.get_object(request, str(object_id))
        html = mail and _part(_read(mail), "html")
        if not html:
            raise Http404("There is no such mail, or it has plain text alone.")
        return framed(html)


def _read(mail: OutboxMail):
    return message_from_bytes(bytes(mail.raw), policy=policy.default)


def _part(message, kind: str) -> str:
    found = message.get_body([kind])
    return found.get_content() if found else ""
