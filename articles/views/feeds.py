"""The Atom feeds: of the site, of a topic, of a story, and of corrections."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from .. import feeds
from ..models import Revision, Topic
from ..pages import page
from .finding import STORY, of_a_story, of_a_topic, place_of


@require_safe
def site_feed(request: HttpRequest) -> HttpResponse:
    return _feed(request, feeds.of_all())


@of_a_topic
def topic_feed(request: HttpRequest, topic: Topic) -> HttpResponse:
    return _feed(request, feeds.of_all(topic))


@of_a_story
def story_feed(request: HttpRequest, newest: Revision) -> HttpResponse:
    return _feed(request, feeds.of_story(newest))


@require_safe
def corrections_feed(request: HttpRequest) -> HttpResponse:
    return _feed(request, feeds.of_corrections())


@of_a_topic
def topic_corrections_feed(request: HttpRequest, topic: Topic) -> HttpResponse:
    return _feed(request, feeds.of_corrections(topic))


def _feed(request: HttpRequest, channel: feeds.Channel) -> HttpResponse:
    entries, taken_back = channel.entries(), channel.taken_back()
    told = [(edition.chain_hash, edition.lead_change, *place_of(edition.article)) for edition in entries]
    gone = [(edition.pk, edition.taken_back_at) for edition in taken_back]
    return page(
        request,
        f"{channel.title} {channel.subtitle} {channel.page} {told} {gone}",
        lambda: feeds.ChangeFeed(channel, entries, taken_back)(request).content.decode(),
        content_type=feeds.Atom.content_type,
    )


roads = [
    path("feeds/", site_feed, name="site_feed"),
    path("corrections/feed/", corrections_feed, name="corrections_feed"),
    path("<slug:slug>/feed/", topic_feed, name="topic_feed"),
    path("<slug:slug>/corrections/feed/", topic_corrections_feed, name="topic_corrections_feed"),
    path(f"{STORY}changes/feed/", story_feed, name="story_feed"),
]
