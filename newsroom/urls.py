"""Every road of the site."""

from django.contrib import admin
from django.urls import include, path, re_path

from articles import media, renditions

urlpatterns = [
    path("desk/", include("newsroom.passwords")),
    path("desk/", admin.site.urls),
    re_path(f"^media/{renditions.NAME}$", media.rendition, name="rendition"),
    path("newsletters/", include("newsletter.urls")),
    path("", include("articles.urls")),
]

handler403 = "newsroom.desk.not_allowed"
