"""
The Atom feeds (RFC 4287) of what changed: an entry for each edition that readers should hear of, with what moved in
its lead, and a tombstone (RFC 6721) for each that was taken back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet, prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, rfc3339_date
from django.utils.html import escape

from . import frame
from .kinds import Kind
from .models import Revision, Topic
from .wording import word_diff

ENTRIES = 50
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


@dataclass(frozen=True)
class Channel:
    """What one feed is: its lasting `name`, what it says of itself, which editions it tells, and two paths."""

    name: str
    title: str
    subtitle: str
    told: Callable[[QuerySet], QuerySet]
    page: str
    road: str

    def entries(self) -> list[Revision]:
        """The newest editions to tell."""
        # First which, by an index; what moved in their leads is looked for in these alone.
        newest = self.told(Revision.objects.announced()).order_by("-published_at", "-pk").values("pk")[:ENTRIES]
        editions = Revision.objects.filter(pk__in=[edition["pk"] for edition in newest])
        editions = editions.with_address().with_lead_change().defer("snapshot", "changes")
        return list(editions.order_by("-published_at", "-pk"))

    def taken_back(self) -> list[Revision]:
        """Those that were told and hold no more; of these, only which they are and since when."""
        editions = self.told(Revision.objects.taken_back()).only("article", "number")
        return list(editions.order_by("-taken_back_at", "-pk")[:ENTRIES])


def of_all(topic: Topic | None = None) -> Channel:
    """What moved in the stories of a topic, or in all."""
    if topic is None:
        about = "What moved in our stories, newest first."
        return Channel(
            "feed", settings.SITE_NAME, about, lambda editions: editions.in_feed(),
            reverse("articles:front_page"), reverse("articles:site_feed"),
        )  # fmt: skip
    return Channel(
        f"topic/{topic.pk}/feed",
        f"{topic.name} – {settings.SITE_NAME}",
        topic.description or f"What moved in {topic.name}, newest first.",
        lambda editions: editions.in_feed().about(topic),
        topic.get_absolute_url(),
        reverse("articles:topic_feed", args=[topic.slug]),
    )


def of_corrections(topic: Topic | None = None) -> Channel:
    """What was wrong and is right now, in the stories of a topic or in all."""
    name = f"{topic.name}: corrections" if topic else "Corrections"
    address = topic.get_absolute_url() if topic else reverse("articles:front_page")
    return Channel(
        f"topic/{topic.pk}/corrections" if topic else "corrections",
        f"{name} – {settings.SITE_NAME}",
        "What was wrong and what is right, newest first.",
        lambda editions: (editions.about(topic) if topic else editions).with_box(),
        f"{address}corrections/",
        f"{address}corrections/feed/",
    )


def of_story(newest: Revision) -> Channel:
    """All that changed in one story but typos and re-confirmations."""
    address = newest.article.get_absolute_url()
    return Channel(
        f"story/{newest.article_id}/feed",
        f"{newest.headline} – {settings.SITE_NAME}",
        "What changed in this story, newest first.",
        lambda editions: editions.filter(article=newest.article_id).substantive(),
        f"{address}changes/",
        f"{address}changes/feed/",
    )


class Atom(Atom1Feed):
    """Atom with the content of an entry beside its summary, and with tombstones."""

    def root_attributes(self):
        return {**super().root_attributes(), "xmlns:at": TOMBSTONES}

    def latest_post_date(self):
        ends = [edition.taken_back_at for edition in self.feed["taken_back"]]
        return max([*ends, *(item["updateddate"] for item in self.items)], default=super().latest_post_date())

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        for edition in self.feed["taken_back"]:
            gone = {"ref": entry_id(edition), "when": rfc3339_date(edition.taken_back_at)}
            handler.addQuickElement("at:deleted-entry", "", gone)

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


class ChangeFeed(Feed):
    """A channel with the entries and tombstones that were found for it."""

    feed_type = Atom

    def __init__(self, channel: Channel, entries: list[Revision], taken_back: list[Revision]):
        self.channel, self.entries, self.taken_back = channel, entries, taken_back
        prefetch_related_objects(entries, "correction")

    def title(self):
        return self.channel.title

    def subtitle(self):
        return self.channel.subtitle

    def author_name(self):
        return settings.SITE_NAME

    def link(self):
        return frame.absolute(self.channel.page)

    def feed_url(self):
        return frame.absolute(self.channel.road)

    def feed_guid(self):
        return tag_uri(self.channel.name)

    def feed_extra_kwargs(self, obj):
        return {"taken_back": self.taken_back}

    def items(self):
        return self.entries

    def item_title(self, edition):
        # What was withdrawn is not repeated.
        if edition.kind == Kind.WITHDRAWN:
            return edition.rule.label
        return f"{edition.rule.label}: {edition.headline}" if edition.rule.has_box else edition.headline

    def item_description(self, edition):
        return escape(edition.note or edition.lead)

    def item_extra_kwargs(self, edition):
        return {"content": content(edition)}

    def item_categories(self, edition):
        return [edition.rule.label, edition.article.topic.name]

    def item_link(self, edition):
        # The words of a withdrawn story's address are not repeated either.
        is_gone = edition.kind == Kind.WITHDRAWN
        return frame.absolute((edition.article.topic if is_gone else edition.article).get_absolute_url())

    def item_guid(self, edition):
        return entry_id(edition)

    def item_pubdate(self, edition):
        return edition.published_at

    def item_updateddate(self, edition):
        return edition.published_at


def content(edition: Revision) -> str:
    """The HTML of an entry: the note, the correction, what moved in the lead, and the lead before and now."""
    is_gone = edition.kind == Kind.WITHDRAWN
    moved = None if is_gone or edition.number == 1 else edition.lead_change
    shown = {
        "edition": edition,
        "correction": getattr(edition, "correction", None),
        "lead": "" if is_gone else edition.lead,
        "lead_before": moved and moved["before"],
        "pieces": word_diff(moved["before"], moved["after"]) if moved else [],
        "link": "" if is_gone else frame.absolute(edition.get_absolute_url()),
    }
    return render_to_string("articles/feed_entry.html", shown)


def entry_id(edition: Revision) -> str:
    return tag_uri(f"story/{edition.article_id}/edition/{edition.number}")


def tag_uri(name: str) -> str:
    """An id (RFC 4151) that stays the same when an address changes."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{name}"
