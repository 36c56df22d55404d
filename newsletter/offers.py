"""The letters readers can sign up for, as every page offers them: asked for once in a while, not for each page."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from articles.models.addresses import address

from .models import Cadence, Newsletter, Wording
from .models.newsletter import every_cadence

# In seconds: how long after a letter is changed a page may still offer it as it was.
HELD_FOR = 5


@dataclass(frozen=True)
class Offer:
    """One letter in a box on a page, or the following of a story; `wording` is what who signs up agrees to."""

    topic: int | None
    slug: str
    title: str
    promise: str
    how_often: str
    wording: str
    version: int
    road: str = "newsletter:letter"

    @property
    def address(self) -> str:
        """Of the page where one signs up, which also takes the form of the box."""
        return address(self.road, self.slug)


@dataclass(frozen=True)
class _Held:
    until: float
    offers: dict[int | None, Offer]
    following: Offer
    version: str


_held: _Held | None = None


def offer_for(topic: int | None) -> Offer | None:
    """The letter of the topic with this key, else that of the whole site, else none."""
    offers = _known().offers
    return offers.get(topic) or offers.get(None)


def every_offer() -> list[Offer]:
    """That of the whole site first, then those of topics by their titles."""
    return sorted(_known().offers.values(), key=lambda offer: (offer.topic is not None, offer.title))


def following(slug: str) -> Offer:
    """Mails about the story at this address alone."""
    return replace(_known().following, slug=slug)


def version() -> str:
    """What all the offers are right now; pages with a box depend on it."""
    return _known().version


def _known() -> _Held:
    global _held
    if _held is None or time.monotonic() >= _held.until:
        offers = {newsletter.topic_id: offer_of(newsletter) for newsletter in Newsletter.objects.open()}
        following = _following()
        text = repr([following, *(offers[topic] for topic in sorted(offers, key=str))])
        said = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        _held = _Held(time.monotonic() + HELD_FOR, offers, following, said)
    return _held


def offer_of(newsletter: Newsletter) -> Offer:
    """As it is right now."""
    how_often = _in_words(newsletter.cadences)
    return Offer(
        newsletter.topic_id, newsletter.slug, newsletter.title, newsletter.promise, how_often, *_wording(newsletter)
    )


def _following() -> Offer:
    title = "Follow this story"
    promise = "We write to you when this story changes: what is new, what was corrected."
    how_often = _in_words(every_cadence())
    return Offer(None, "", title, promise, how_often, *_wording(None), road="newsletter:follow")


def _wording(newsletter: Newsletter | None) -> tuple[str, int]:
    newest = Wording.objects.of(newsletter).first()
    return (newest.text, newest.version) if newest else ("", 0)


def _in_words(cadences: Iterable[str]) -> str:
    *others, last = [Cadence(cadence).label.lower() for cadence in cadences]
    return f"{', '.join(others)} or {last}; you choose when you confirm" if others else last
