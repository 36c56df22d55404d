"""The letters readers can sign up for, as every page offers them: asked for once in a while, not for each page."""

import hashlib
import time
from dataclasses import astuple, dataclass

from .models import Cadence, Newsletter, Wording

# In seconds: how long after a letter is changed a page may still offer it as it was.
HELD_FOR = 5


@dataclass(frozen=True)
class Offer:
    """One letter in a box on a page; `wording` is what who signs up agrees to."""

    topic: int | None
    slug: str
    title: str
    promise: str
    how_often: str
    wording: str


_held: tuple[float, dict[int | None, Offer], str] = (0.0, {}, "")


def offer_for(topic: int | None) -> Offer | None:
    """The letter of the topic with this key, else that of the whole site, else none."""
    offers, _ = _offers()
    return offers.get(topic) or offers.get(None)


def version() -> str:
    """What all the offers are right now; pages with a box depend on it."""
    return _offers()[1]


def _offers() -> tuple[dict[int | None, Offer], str]:
    global _held
    until, offers, said = _held
    if time.monotonic() >= until:
        offers = {offer.topic: offer for offer in map(_offer, Newsletter.objects.open())}
        text = repr([astuple(offers[topic]) for topic in sorted(offers, key=str)])
        said = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        _held = time.monotonic() + HELD_FOR, offers, said
    return offers, said


def _offer(letter: Newsletter) -> Offer:
    wording = Wording.objects.of(letter).first()
    often = ", ".join(Cadence(cadence).label.lower() for cadence in letter.cadences)
    return Offer(letter.topic_id, letter.slug, letter.title, letter.promise, often, wording.text if wording else "")
