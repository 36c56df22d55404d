"""Each kind of mail of a newsletter as readers would get it: to nobody, and with links that do nothing."""

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from .. import emails
from ..models import Newsletter, Notice
from .framed_mail import framed

Kind = Notice.Kind


def page(desk: ModelAdmin, request: HttpRequest, object_id: int) -> HttpResponse:
    """The mail that `kind` names, with the way to the others."""
    newsletter, kind = _found(desk, request, object_id), _kind(request.GET.get("kind", Kind.CONFIRM))
    request.current_app = desk.admin_site.name
    context = {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "title": "Mails of a newsletter",
        "newsletter": newsletter,
        "kind": kind,
        "kinds": Kind.choices,
        "mail": _sample(newsletter, kind),
    }
    return render(request, "admin/newsletter/newsletter/mails.html", context)


def html(desk: ModelAdmin, request: HttpRequest, object_id: int, kind: str) -> HttpResponse:
    """For a frame."""
    return framed(_sample(_found(desk, request, object_id), _kind(kind)).alternatives[0].content)


def _found(desk: ModelAdmin, request: HttpRequest, object_id: int) -> Newsletter:
    if not desk.has_view_permission(request):
        raise PermissionDenied
    return get_object_or_404(Newsletter, pk=object_id)


def _kind(name: str) -> Kind:
    if name not in Kind.values:
        raise Http404("There is no such mail.")
    return Kind(name)


def _sample(newsletter: Newsletter, kind: Kind) -> EmailMultiAlternatives:
    return emails.sample(kind, settings.LANGUAGE_CODE, newsletter)
