"""The outbox: the mails that were kept instead of sent, as their readers would have seen them."""

from email import message_from_bytes, policy

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from articles.admin.model_admin import DeskModelAdmin
from articles.views.finding import number_in

from .. import live_mail, outbox, outbox_list
from ..models import OutboxMail
from ..outbox_list import Asked
from .framed_mail import framed, in_a_frame, with_a_frame

HIGHEST = 10**9 - 1


def asked_for(request: HttpRequest) -> Asked:
    """What the form of the list says; by POST alone, as addresses of a GET end up in logs, histories, bookmarks."""
    said = request.POST if request.method == "POST" else request.GET
    return Asked(
        words=request.POST.get("words", "").replace("\x00", "").strip(),
        before=number_in(said["before"], 1, HIGHEST) if said.get("before") else None,
    )


@admin.register(OutboxMail)
class OutboxMailAdmin(DeskModelAdmin):
    fields = []

    class Media:
        css = {"all": ["desk/outbox.css"]}

    def get_urls(self):
        html = self.admin_site.admin_view(self.html)
        return [path("<int:object_id>/html/", html, name="outbox_html"), *super().get_urls()]

    def get_queryset(self, request):
        """
        Mails of accounts set passwords: they are for superusers, and where one tries it out for the chief.
        Everybody sees those to themselves, as letters tried out are.
        """
        mails = super().get_queryset(request).defer("raw")
        sees_accounts = request.user.is_superuser or (settings.DEBUG and request.user.has_perm("auth.change_user"))
        return mails if sees_accounts else mails.filter(Q(subscriber__isnull=False) | Q(to=request.user.email))

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = asked_for(request)
        if request.method == "POST" and not asked.words:
            query = f"?before={asked.before}" if asked.before else ""
            return HttpResponseRedirect(reverse("admin:newsletter_outboxmail_changelist") + query)
        rows, before = outbox_list.page(self.get_queryset(request), asked)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Outbox",
            "asked": asked,
            "rows": rows,
            "before": before,
            "newest": f"{outbox_list.NEWEST:,}",
            "looked_through": outbox_list.ADDRESSES if asked.is_too_short else None,
            "to_do": live_mail.to_do(),
            "kept_for": outbox.KEPT_FOR.days,
        }
        return render(request, "admin/newsletter/outboxmail/list.html", context)

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
