"""What an address names: its story, its topic, its number; and what is answered where they are gone or moved."""

import re
from collections.abc import Callable
from functools import partial, wraps

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ..kinds import Kind
from ..models import Article, Revision, Topic
from ..newest import newest_public
from ..pages import CACHE_CONTROL

# Where a story is, as roads have it.
STORY = "<slug:topic>/<slug:slug>/"


def of_a_topic(view: Callable) -> Callable:
    """Give the view the topic at this address; a former address answers 301, a topic of drafts alone 404."""

    @require_safe
    @wraps(view)
    def find(request: HttpRequest, slug: str) -> HttpResponse:
        topics = Topic.objects.told_of()
        topic = topics.filter(slug=slug).first()
        if topic is None:
            return _moved(request, slug=get_object_or_404(topics, former_addresses__slug=slug).slug)
        return view(request, topic)

    return find


def of_a_story(view: Callable, methods: Callable = require_safe) -> Callable:
    """
    Give the view the newest edition of the story at this address.

    A former address, or one with another topic in it, answers 301; a story that is gone, 410 at all of them.
    """

    @methods
    @wraps(view)
    def find(request: HttpRequest, topic: str, slug: str, **kwargs) -> HttpResponse:
        newest = newest_public(slug) or _gone_or_elsewhere(slug)
        if newest.is_withheld or newest.kind == Kind.WITHDRAWN:
            return gone(request, newest, newest)
        article = newest.article
        if (article.topic.slug, article.slug) != (topic, slug):
            return _moved(request, topic=article.topic.slug, slug=article.slug)
        return view(request, newest, **kwargs)

    return find


of_a_story_taking_posts = partial(of_a_story, methods=require_http_methods(["GET", "HEAD", "POST"]))


def unlisted(view: Callable) -> Callable:
    """A page that no search engine should list, whatever it answers."""

    @wraps(view)
    def answer(request: HttpRequest, **address) -> HttpResponse:
        response = view(request, **address)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return answer


def gone(request: HttpRequest, edition: Revision, newest: Revision) -> HttpResponse:
    """
    That the edition is withheld, or withdrew the story, when and why; no word of it is repeated.

    The story may be back as `newest`.
    """
    withholding = edition.withholding if edition.is_withheld else None
    shown = {"edition": edition, "withholding": withholding, "newest": newest}
    response = render(request, "410.html", shown, status=410)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def place_of(story: Article) -> tuple[str, ...]:
    """What a link to the story depends on."""
    return story.slug, story.topic.slug, story.topic.name


def record_of(newest: Revision) -> str:
    """What a page about all that a story ever said depends on: its newest edition, and which ones are withheld."""
    withheld = newest.article.revisions.withheld().values_list("number", flat=True)
    return f"{newest.chain_hash} {[*withheld]}"


def page_of(things, request: HttpRequest, size: int):
    try:
        return Paginator(things, size).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error


def number_in(text: str | int, lowest: int, highest: int) -> int:
    """A number from an address. Raises 404 for what is not one or is out of bounds."""
    if not re.fullmatch("[0-9]{1,9}", str(text)) or not lowest <= int(text) <= highest:
        raise Http404
    return int(text)


def _gone_or_elsewhere(slug: str) -> Revision:
    """The newest edition of the story that is gone from here, or was here once. Raises 404 for none."""
    return get_object_or_404(Revision.objects.newest().with_address().now_or_once_at(slug))


def _moved(request: HttpRequest, **address: str) -> HttpResponse:
    """To the same page at its present address; what is posted goes along (308)."""
    road = request.resolver_match
    path = reverse(road.view_name, kwargs={**road.kwargs, **address})
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(
        f"{path}?{query}" if query else path,
        headers={"Cache-Control": CACHE_CONTROL},
        preserve_request=request.method == "POST",
    )
