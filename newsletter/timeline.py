"""All that is known of a subscriber, in the order it happened, newest first."""

from dataclasses import dataclass
from datetime import datetime

from .models import Consent, Notice, Subscriber


@dataclass(frozen=True)
class Event:
    at: datetime
    said: str
    about: str = ""
    details: tuple[str, ...] = ()


def of(subscriber: Subscriber) -> list[Event]:
    """In two queries, whatever happened."""
    consents = subscriber.consents.select_related("newsletter", "article", "wording", "by")
    notices = subscriber.notices.select_related("subscription__newsletter", "subscription__article")
    events = [*map(_consent, consents), *map(_notice, notices)]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _consent(consent: Consent) -> Event:
    details = [
        consent.get_method_display(),
        consent.wording and f"wording {consent.wording.version}",
        consent.page and f"on {consent.page}",
        consent.network and f"from {consent.network}",
        consent.by and f"by {consent.by.get_full_name() or consent.by.get_username()}",
        consent.reason,
    ]
    about = str(consent.newsletter or consent.article or "")
    return Event(consent.at, consent.get_act_display(), about, tuple(filter(None, details)))


def _notice(notice: Notice) -> Event:
    about = str(notice.subscription) if notice.subscription else ""
    said = f"Mail “{notice.get_kind_display()}”: {notice.get_state_display().lower()}"
    return Event(notice.sent_at or notice.due_at, said, about, (notice.said,) if notice.said else ())
