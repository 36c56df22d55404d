"""The front page and the topics: which stories moved last."""

from collections.abc import Iterable
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from .. import frame
from ..models import Revision, Topic
from ..pages import page
from ..snapshot import Pace
from .finding import of_a_topic, page_of, place_of

DEVELOPING_ON_FRONT, SETTLED_ON_FRONT = 24, 12
STORIES_ON_PAGE = 20


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


@of_a_topic
def topic_detail(request: HttpRequest, topic: Topic) -> HttpResponse:
    stories = Revision.objects.public().for_lists().about(topic).developing_first()
    shelf = page_of(stories, request, STORIES_ON_PAGE)
    groups = [{"pace": pace, "stories": list(group)} for pace, group in groupby(shelf, lambda story: story.pace)]
    topics = list(Topic.objects.with_public_stories())
    link = frame.absolute(topic.get_absolute_url())

    def render_topic() -> str:
        shown = {"topic": topic, "topics": topics, "shelf": shelf, "groups": groups, "link": link}
        shown["languages"] = Revision.objects.languages(shelf.object_list)
        return render_to_string("articles/topic_detail.html", shown)

    depends_on = f"{shelf.number} of {shelf.paginator.num_pages} {_names(shelf.object_list, [topic, *topics])}"
    return page(request, depends_on, render_topic)


def _names(editions: Iterable[Revision | None], topics: Iterable[Topic] = ()) -> str:
    """What a list of stories depends on: the editions in their order, their addresses and their topics."""
    stories = [edition and (edition.chain_hash, _told(edition), *place_of(edition.article)) for edition in editions]
    return f"{stories} {[(topic.pk, topic.saved_at) for topic in topics]}"


def _told(edition: Revision) -> str:
    """What a list tells of the story, which goes when the edition that told it is withheld."""
    return str(getattr(edition, "told", ""))
