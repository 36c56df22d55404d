"""The desk as a site: its name, and what holds on every page of it."""

from functools import wraps

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.defaults import permission_denied

from articles.overview import overview
from newsletter import settling

from .middleware import DESK


class Found(AutocompleteJsonView):
    """What a chooser finds: of a model whose admin has a `choice`, with all that tells one row from another."""

    def serialize_result(self, obj, to_field_name):
        choice = getattr(self.model_admin, "choice", lambda obj: {})
        return {**super().serialize_result(obj, to_field_name), **choice(obj)}


class DeskSite(admin.AdminSite):
    site_title = site_header = f"{settings.SITE_NAME} desk"
    index_title = "The desk"
    # Every page has the bar of the desk, and the width is wanted for words.
    enable_nav_sidebar = False

    def admin_view(self, view, cacheable=False):
        """Every page of the desk comes through here; no cache keeps any."""

        def found(request, *args, **kwargs):
            # PostgreSQL has no such character, and Django asks it all the same.
            if "%00" in request.get_full_path():
                raise Http404
            return view(request, *args, **kwargs)

        guarded = super().admin_view(found)

        @wraps(guarded)
        def told(request, *args, **kwargs):
            answer = guarded(request, *args, **kwargs)
            leads_to_login = getattr(answer, "url", "").startswith(f"{reverse('admin:login')}?")
            if leads_to_login and (why := _why_log_in(request)):
                messages.warning(request, why)
            return answer

        return told

    def get_urls(self):
        """Without the road that leads from any key to an address, as that gives drafts away."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "view_on_site"]

    def get_app_list(self, request, app_label=None):
        """Stories first."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: app["app_label"] != "articles")

    def autocomplete_view(self, request):
        return Found.as_view(admin_site=self)(request)

    def index(self, request, extra_context=None):
        shown = {**overview(request.user), "to_settle": settling.waiting_for(request.user)}
        return super().index(request, {**shown, **(extra_context or {})})


def _why_log_in(request: HttpRequest) -> str:
    """Why who was at the desk a moment ago sees the login page, and where what they typed is."""
    if request.user.is_authenticated:
        return ""
    if request.method == "POST":
        # A story's page names its tab when its script runs, which keeps what is typed.
        is_kept = "Your text is kept: log in here, and the story’s page offers it to you."
        is_open = "Log in in another window, then go back a page in this one: your text is still there."
        return f"You are logged out, so nothing was saved. {is_kept if request.POST.get('tab') else is_open}"
    if request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        return "You were logged out, as your login had run its time or ended elsewhere. Log in to go on."
    return ""


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """At the desk, its own page for who is logged in and may not do this; readers get theirs."""
    is_at_the_desk = request.path_info.startswith(DESK) and admin.site.has_permission(request)
    if not is_at_the_desk:
        return permission_denied(request, exception)
    shown = {**admin.site.each_context(request), "title": "This is not open to you", "why": str(exception)}
    return render(request, "admin/not_allowed.html", shown, status=403)
