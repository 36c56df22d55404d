"""What was deleted at the desk and is still kept: listed, looked at, and taken back."""

from django.contrib import messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe
from reversion.models import Version

from .. import recovering

ROWS_ON_PAGE = 50


class Recoverable:
    """For the admin of a kept model: who may delete its rows may take back those that were deleted."""

    recover = staticmethod(recovering.recover)

    def has_recover_permission(self, request) -> bool:
        return self.has_add_permission(request) and self.has_delete_permission(request)

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("recover/", self._guarded(recover_list), name=f"{name}_recover_list"),
            path("recover/<int:version>/", self._guarded(recover), name=f"{name}_recover"),
            *super().get_urls(),
        ]

    def _guarded(self, view):
        def guarded(request, **kwargs):
            if not self.has_recover_permission(request):
                raise PermissionDenied
            return view(request, self, **kwargs)

        return self.admin_site.admin_view(guarded)

    def changelist_view(self, request, extra_context=None):
        given = {"can_recover": self.has_recover_permission(request), **(extra_context or {})}
        return super().changelist_view(request, given)


class RecoverableStory(Recoverable):
    """A deleted story has no topic to ask who works on it, so it is for those who work on every one."""

    recover = staticmethod(recovering.recover_story)

    def has_recover_permission(self, request) -> bool:
        sees_all = request.user.has_perm("articles.work_on_every_topic")
        return sees_all and super().has_recover_permission(request)


@require_safe
def recover_list(request: HttpRequest, model_admin: Recoverable) -> HttpResponse:
    deleted = recovering.deleted(model_admin.model).order_by("-pk")
    try:
        shelf = Paginator(deleted, ROWS_ON_PAGE).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error
    title = f"Deleted {model_admin.opts.verbose_name_plural}"
    return _page(request, model_admin, "recover_list", title, shelf=shelf, rows=_rows(model_admin.model, shelf))


def _rows(model, shelf: Page) -> list[dict]:
    """Each version with who deleted the thing and when, where that is known."""
    deletions = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        object_id__in=[version.object_id for version in shelf],
        action_flag=DELETION,
    )
    found = {entry.object_id: entry for entry in deletions.select_related("user").order_by("action_time")}
    return [{"version": version, "deletion": found.get(version.object_id)} for version in shelf]


@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: HttpRequest, model_admin: Recoverable, version: int) -> HttpResponse:
    kept = get_object_or_404(recovering.deleted(model_admin.model), pk=version)
    if request.method != "POST":
        return _looked_at(request, model_admin, kept)
    try:
        thing = model_admin.recover(kept, by=request.user)
    except ValidationError as refusal:
        return _looked_at(request, model_admin, kept, status=409, errors=refusal.messages)
    model_admin.log_addition(request, thing, "Recovered.")
    messages.success(request, f"“{thing}” is back.")
    return HttpResponseRedirect(_road(model_admin, "change", thing.pk))


def _looked_at(request, model_admin, kept: Version, *, status: int = 200, errors=()) -> HttpResponse:
    shown = {"kept": kept, "contents": recovering.contents(kept), "errors": errors}
    return _page(request, model_admin, "recover", kept.object_repr, status=status, **shown)


def _page(request, model_admin, template: str, title: str, *, status: int = 200, **shown) -> HttpResponse:
    site, opts = model_admin.admin_site, model_admin.opts
    request.current_app = site.name
    context = {**site.each_context(request), "opts": opts, "title": title, **shown}
    return render(request, f"admin/{template}.html", context, status=status)


def _road(model_admin, name: str, *args) -> str:
    return reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_{name}", args=args)
