"""The desk as a site: its name, and what holds on every page of it."""

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import Http404

from articles.overview import overview


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

        return super().admin_view(found)

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
        return super().index(request, {**overview(request.user), **(extra_context or {})})
