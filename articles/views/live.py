"""The word to open pages that a newer edition is out, for those that ask for it; streams are given by `live.py`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from .. import news
from ..models import Revision
from ..pages import held, page
from .finding import STORY, of_a_story


@held
@of_a_story
def newest_json(request: HttpRequest, newest: Revision) -> HttpResponse:
    """What a stream would tell, the same for every reader: 304 until there is something new."""
    told = news.newest([newest.article_id])[newest.article_id].as_json()
    response = page(request, told, lambda: told, content_type="application/json")
    # Pages ask every 20 seconds; what is in front may answer many of them at once.
    response.headers["Cache-Control"] = "public, max-age=0, s-maxage=2"
    return response


@require_safe
def no_stream(request: HttpRequest, pk: int) -> HttpResponse:
    """What a web process without a live one beside it says: there is no stream here, ask for the news instead."""
    get_object_or_404(Revision.objects.newest(), article=pk)
    is_public = Revision.objects.public().filter(article=pk).exists()
    return HttpResponse(status=204 if is_public else 410, headers={"Cache-Control": "no-store"})


roads = [
    path("live/<int:pk>/", no_stream, name="live"),
    path(f"{STORY}newest.json", newest_json, name="newest"),
]
