"""Pages of the desk that are not one of Django's."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..models import Article


def page(
    request: HttpRequest, article: Article, template: str, title: str, *, status: int = 200, **shown
) -> HttpResponse:
    """A page about one story, from a template in `admin/articles/article/`."""
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "opts": Article._meta,
        "original": article,
        "title": title,
        **shown,
    }
    return render(request, f"admin/articles/article/{template}", context, status=status)
