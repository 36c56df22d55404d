"""The desk as a site: its name, and what holds on every page of it."""

from django.conf import settings
from django.contrib import admin
from django.http import Http404

from articles.models import Article, SavedState

STORIES_ON_INDEX, SAVES_LOOKED_AT = 10, 100


class DeskSite(admin.AdminSite):
    site_title = site_header = f"{settings.SITE_NAME} desk"
    index_title = "The desk"

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

    def index(self, request, extra_context=None):
        return super().index(request, {"stories": _last_saved(request.user), **(extra_context or {})})


def _last_saved(user) -> list[Article]:
    """The stories `user` may work on that were saved last, by anyone."""
    stories = Article.objects.editable_by(user)
    saves = SavedState.objects.filter(article__in=stories).order_by("-pk").values_list("article", flat=True)
    newest = list(dict.fromkeys(saves[:SAVES_LOOKED_AT]))[:STORIES_ON_INDEX]
    found = stories.for_the_desk().in_bulk(newest)
    return [found[pk] for pk in newest]
