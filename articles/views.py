"""What readers see, rendered from editions and nothing else. No view looks at who is asking."""

import re
from collections.abc import Callable, Iterable
from functools import wraps
from itertools import groupby

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from . import feeds, frame
from .change_log_page import change_log_page
from .kinds import Kind
from .models import Article, Revision, Topic
from .newest import newest_public
from .pages import CACHE_CONTROL, held, page
from .snapshot import Pace
from .story_page import corrected_since, story_page

DEVELOPING_ON_FRONT, SETTLED_ON_FRONT = 24, 12
STORIES_ON_PAGE = 20
EDITIONS_ON_PAGE = 25


@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    stories = Revision.objects.public().for_lists()
    pinned = list(stories.pinned())
    others = stories.exclude(pk__in=[story.pk for story in pinned]).by_last_change()
    lead, *moving = [*pinned, *others.developing()[:DEVELOPING_ON_FRONT]] or [None]
    developing = [story for story in moving if story.pace != Pace.SETTLED]
    settled = [story for story in moving if story.pace == Pace.SETTLED]
    settled += others.settled()[:SETTLED_ON_FRONT]
    topics = list(Topic.objects.with_public_stories())

    def render_front() -> str:
        photo = lead and lead.content.photo
        shown = {"lead": lead, "photo": photo, "developing": developing, "settled": settled, "topics": topics}
        shown["languages"] = Revision.objects.languages(filter(None, [lead, *developing, *settled]))
        return render_to_string("articles/front_page.html", shown)

    return page(request, _names([lead, *developing, None, *settled], topics), render_front)


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


@of_a_topic
def topic_detail(request: HttpRequest, topic: Topic) -> HttpResponse:
    stories = Revision.objects.public().for_lists().about(topic).developing_first()
    shelf = _page_of(stories, request, STORIES_ON_PAGE)
    groups = [{"pace": pace, "stories": list(group)} for pace, group in groupby(shelf, lambda story: story.pace)]
    topics = list(Topic.objects.with_public_stories())
    link = frame.absolute(topic.get_absolute_url())

    def render_topic() -> str:
        shown = {"topic": topic, "topics": topics, "shelf": shelf, "groups": groups, "link": link}
        shown["languages"] = Revision.objects.languages(shelf.object_list)
        return render_to_string("articles/topic_detail.html", shown)

    depends_on = f"{shelf.number} of {shelf.paginator.num_pages} {_names(shelf.object_list, [topic, *topics])}"
    return page(request, depends_on, render_topic)


@require_safe
def site_feed(request: HttpRequest) -> HttpResponse:
    return _feed(request)


@of_a_topic
def topic_feed(request: HttpRequest, topic: Topic) -> HttpResponse:
    return _feed(request, topic)


def of_a_story(view: Callable) -> Callable:
    """
    Give the view the newest edition of the story at this address.

    A former address, or one with another topic in it, answers 301; a withdrawn story answers 410.
    """

    @require_safe
    @wraps(view)
    def find(request: HttpRequest, topic: str, slug: str, **kwargs) -> HttpResponse:
        newest = newest_public(slug) or _withdrawn_or_elsewhere(slug)
        article = newest.article
        if (article.topic.slug, article.slug) != (topic, slug):
            return _moved(request, topic=article.topic.slug, slug=article.slug)
        if newest.kind == Kind.WITHDRAWN:
            return _gone(request, newest, newest)
        return view(request, newest, **kwargs)

    return find


@held
@of_a_story
def story_detail(request: HttpRequest, newest: Revision) -> HttpResponse:
    return page(
        request,
        newest.chain_hash,
        lambda: render_to_string("articles/story_detail.html", story_page(newest)),
    )


@of_a_story
def change_log(request: HttpRequest, newest: Revision) -> HttpResponse:
    before = _number(request.GET.get("before", newest.number + 1), 2, newest.number + 1)

    def render_log() -> str:
        editions = newest.article.revisions.readable().filter(number__lt=before).order_by("-number")
        shown = get_list_or_404(editions[:EDITIONS_ON_PAGE])
        return render_to_string("articles/change_log.html", change_log_page(newest, shown))

    return page(request, f"{newest.chain_hash} {before}", render_log)


@of_a_story
def revision_detail(request: HttpRequest, newest: Revision, number: int) -> HttpResponse:
    number = _number(number, 1, newest.number)
    editions = newest.article.revisions.readable().with_address()
    edition = get_object_or_404(editions, number=number)
    if edition.kind == Kind.WITHDRAWN:
        return _gone(request, edition, newest)
    following = editions.filter(number=number + 1).first()

    def render_edition() -> str:
        shown = {"newest": newest, "following": following, "corrected": corrected_since(edition, newest)}
        return render_to_string("articles/revision_detail.html", {**story_page(edition), **shown})

    response = page(request, f"{edition.chain_hash} {newest.chain_hash}", render_edition)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "robots.txt", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("favicon.ico"))


def _withdrawn_or_elsewhere(slug: str) -> Revision:
    """The newest edition of the story that is withdrawn here, or was here once. Raises 404 for none."""
    return get_object_or_404(Revision.objects.newest().with_address().now_or_once_at(slug))


def _moved(request: HttpRequest, **address: str) -> HttpResponse:
    """To the same page at its present address."""
    road = request.resolver_match
    path = reverse(road.view_name, kwargs={**road.kwargs, **address})
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(
        f"{path}?{query}" if query else path, headers={"Cache-Control": CACHE_CONTROL}
    )


def _gone(request: HttpRequest, withdrawn: Revision, newest: Revision) -> HttpResponse:
    """That the story was withdrawn, when and why; its words are not repeated. It may be back as `newest`."""
    response = render(request, "410.html", {"edition": withdrawn, "newest": newest}, status=410)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _feed(request: HttpRequest, topic: Topic | None = None) -> HttpResponse:
    editions = feeds.entries(topic)
    return page(
        request,
        _names(editions, [topic] if topic else []),
        lambda: feeds.Developments(editions, topic)(request).content.decode(),
        content_type=Atom1Feed.content_type,
    )


def _names(editions: Iterable[Revision | None], topics: Iterable[Topic] = ()) -> str:
    """What a list of stories depends on: the editions in their order, their addresses and their topics."""
    stories = [edition and (edition.chain_hash, *_place(edition.article)) for edition in editions]
    return f"{stories} {[(topic.pk, topic.saved_at) for topic in topics]}"


def _place(story: Article) -> tuple[str, ...]:
    return story.slug, story.topic.slug, story.topic.name


def _page_of(things, request: HttpRequest, size: int):
    try:
        return Paginator(things, size).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error


def _number(text: str | int, lowest: int, highest: int) -> int:
    """A number from an address. Raises 404 for what is not one or is out of bounds."""
    if not re.fullmatch("[0-9]{1,9}", str(text)) or not lowest <= int(text) <= highest:
        raise Http404
    return int(text)
