"""The Atom feeds (RFC 4287) of what moved: an entry for each edition that readers should hear of."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from . import frame
from .kinds import Kind
from .models import Revision, Topic

ENTRIES = 50


def entries(topic: Topic | None = None) -> list[Revision]:
    """The newest editions to tell: of one topic's stories, or of all."""
    editions = Revision.objects.announced().in_feed().with_address().defer("snapshot", "changes")
    editions = editions.order_by("-published_at", "-pk")
    return list((editions.about(topic) if topic else editions)[:ENTRIES])


class Developments(Feed):
    """One feed, made of `entries`."""

    feed_type = Atom1Feed

    def __init__(self, editions: list[Revision], topic: Topic | None = None):
        self.editions, self.topic = editions, topic

    def title(self):
        return f"{self.topic.name} – {settings.SITE_NAME}" if self.topic else settings.SITE_NAME

    def subtitle(self):
        return (self.topic and self.topic.description) or "What moved in our stories, newest first."

    def author_name(self):
        return settings.SITE_NAME

    def link(self):
        return frame.absolute(self.topic.get_absolute_url() if self.topic else reverse("articles:front_page"))

    def feed_url(self):
        road = (
            reverse("articles:topic_feed", args=[self.topic.slug]) if self.topic else reverse("articles:site_feed")
        )
        return frame.absolute(road)

    def feed_guid(self):
        return tag_uri(f"topic/{self.topic.pk}/feed" if self.topic else "feed")

    def items(self):
        return self.editions

    def item_title(self, edition):
        # What was withdrawn is not repeated.
        return edition.rule.label if edition.kind == Kind.WITHDRAWN else edition.headline

    def item_description(self, edition):
        return escape(edition.note or edition.lead)

    def item_categories(self, edition):
        return [edition.rule.label, edition.article.topic.name]

    def item_link(self, edition):
        # The words of a withdrawn story's address are not repeated either.
        is_gone = edition.kind == Kind.WITHDRAWN
        return frame.absolute((edition.article.topic if is_gone else edition.article).get_absolute_url())

    def item_guid(self, edition):
        return tag_uri(f"story/{edition.article_id}/edition/{edition.number}")

    def item_pubdate(self, edition):
        return edition.published_at

    def item_updateddate(self, edition):
        return edition.published_at


def tag_uri(name: str) -> str:
    """An id (RFC 4151) that stays the same when an address changes."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{name}"
