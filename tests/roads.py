"""Every road of the site as the URL resolver has it, filled in for a story, and where a page leads on to."""

import itertools
import re
import uuid
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

from django.apps import apps
from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, get_resolver

from articles import recovering, renditions
from newsletter.models import Issue, Subscriber, Subscription
from newsletter.tokens import Purpose, token

_BLANK = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Road:
    """An address with blanks in it, as `/<slug:topic>/<slug:slug>/`."""

    template: str

    @property
    def blanks(self) -> list[str]:
        return _BLANK.findall(self.template)

    @property
    def is_at_the_desk(self) -> bool:
        return self.template.startswith("/desk/")

    def filled(self, **values) -> str:
        return _BLANK.sub(lambda blank: str(values[blank[1]]), self.template)


def every_road() -> list[Road]:
    return [Road(simplify_regex(route)) for route in _routes(get_resolver())]


def public_roads() -> list[Road]:
    return [road for road in every_road() if not road.is_at_the_desk]


def _routes(resolver, before=""):
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        yield from [route] if isinstance(pattern, URLPattern) else _routes(pattern, route)


def addresses(road: Road, story) -> list[str]:
    """The road with what belongs to a story in its blanks, in every combination."""
    values = values_of(story, road)
    filled = itertools.product(*(values[blank] for blank in road.blanks))
    return [road.filled(**dict(zip(road.blanks, chosen, strict=True))) for chosen in filled]


def values_of(story, road: Road) -> dict[str, list]:
    """What can stand in the blanks of a road about this story."""
    is_of_story = "topic" in road.blanks or "/follow/" in road.template
    return {
        "topic": [story.topic.slug],
        "slug": [story.slug if is_of_story else story.topic.slug],
        "number": [edition.number for edition in story.revisions.all()] or [1],
        "until": [max((edition.number for edition in story.revisions.all()), default=1)],
        "version": _versions(story, road) or [1],
        "pk": _issues(road) or [story.pk],
        "object_id": _keys(road),
        "correction": [correction.pk for correction in story.corrections.all()] or [uuid.UUID(int=1)],
        "point": [point.pk for point in story.key_points.all()] or [uuid.UUID(int=1)],
        "id": [1],
        "content_type_id": [ContentType.objects.get_for_model(story).pk],
        "app_label": ["articles"],
        "name": _renditions(story) or ["photos/none"],
        "url": ["nothing"],
        "uidb64": ["MQ"],
        "kind": ["confirm"],
        "provider": ["postmark"],
        "token": _tokens(road) or ["none"],
    }


def _versions(story, road: Road) -> list[int]:
    """The numbers of a story's saves; the keys of what was deleted, where that is taken back."""
    if "/recover/" in road.template:
        return [version.pk for model in _models(road) for version in recovering.deleted(model)]
    return [state.version for state in story.saved_states.all()]


def _keys(road: Road) -> list:
    """The keys of all there is of the model that a road of the admin is about."""
    return [thing.pk for model in _models(road) for thing in model.objects.all()] or [1]


def _models(road: Road) -> list:
    models = {f"/desk/{model._meta.app_label}/{model._meta.model_name}/": model for model in apps.get_models()}
    return [model for start, model in models.items() if road.template.startswith(start)]


def _tokens(road: Road) -> list[str]:
    """What the links in the mails to all subscribers have, if the road is one that such a link leads to."""
    models = {"confirm": Subscription, "preferences": Subscriber, "leave": Subscription}
    [purpose] = [purpose for purpose in Purpose if f"/{purpose}/" in road.template] or [None]
    if not purpose:
        return []
    name = "digest" if purpose == Purpose.PREFERENCES else "name_in_links"
    return [token(purpose, getattr(row, name)) for row in models[purpose].objects.all()]


def _issues(road: Road) -> list[int]:
    """The keys of those that readers find on the web."""
    return [issue.pk for issue in Issue.objects.archived()] if "/issues/" in road.template else []


def _renditions(story) -> list[str]:
    photo = hasattr(story, "photo_use") and story.photo_use.photo
    width = min(renditions.WIDTHS)
    return [renditions.name(photo.rendition_name, crop, width, "jpeg") for crop in renditions.CROPS if photo]


def links(response) -> set[str]:
    """The addresses on this site that a page, a feed or a redirect leads on to."""
    found = _Links()
    if "html" in response.get("Content-Type", "") or "xml" in response.get("Content-Type", ""):
        found.feed(response.content.decode())
    found.addresses.add(response.get("Location", ""))
    here = response.request["PATH_INFO"]
    whole = {urldefrag(urljoin(here, address.removeprefix(settings.SITE_URL))).url for address in found.addresses}
    return {address for address in whole if re.match("/(?!/)", address)}


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.addresses = set()

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        names = ("href", "src", "action", "data-ajax--url")
        self.addresses |= {attrs[name] for name in names if name in attrs}
        self.addresses |= {part.split()[0] for part in attrs.get("srcset", "").split(",") if part.strip()}
        if attrs.get("property") in ("og:url", "og:image"):
            self.addresses.add(attrs["content"])
