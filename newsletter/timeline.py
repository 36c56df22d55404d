"""All that is known of a subscriber, in the order it happened, newest first."""

from dataclasses import dataclass
from datetime import datetime

from .about import about_each
from .models import Consent, Delivery, Notice, Subscriber, Subscription

Kind = Delivery.Bounce

_BOUNCED = {
    Kind.SOFT: "A mail came back for now",
    Kind.HARD: "A mail came back for good",
    Kind.COMPLAINT: "Complained of our mail",
}


# The newest that are told; of one person there may be thousands.
LETTERS = 200


@dataclass(frozen=True)
class Event:
    at: datetime
    said: str
    about: str = ""
    details: tuple[str, ...] = ()


def of(subscriber: Subscriber) -> list[Event]:
    """In as many queries, whatever happened."""
    consents = list(subscriber.consents.select_related("newsletter", "wording", "by"))
    notices = list(subscriber.notices.select_related("subscription__newsletter"))
    about = {row: told.title for row, told in _told([*consents, *(n.subscription for n in notices)])}
    events = [_consent(consent, about[consent]) for consent in consents]
    events += [_notice(notice, about.get(notice.subscription, "")) for notice in notices]
    events += [Event(bounce.at, _BOUNCED[Kind(bounce.kind)]) for bounce in subscriber.bounces.all()]
    events += map(_delivery, subscriber.deliveries.handed_over().select_related("issue__newsletter")[:LETTERS])
    return sorted(events, key=lambda event: event.at, reverse=True)


def _delivery(delivery: Delivery) -> Event:
    about = str(delivery.issue.newsletter or "")
    is_kept = delivery.state == Delivery.State.SENT and delivery.issue.is_in_outbox
    became = "kept in the outbox" if is_kept else delivery.get_state_display().lower()
    said = f"Letter “{delivery.issue}”: {became}"
    return Event(delivery.sent_at, said, about, (delivery.said,) if delivery.said else ())


def _told(rows: list[Consent | Subscription | None]) -> zip:
    """Each with what it is about as readers know it; what is being written of a story is not for this desk."""
    known = [row for row in rows if row]
    return zip(known, about_each(known), strict=True)


def _consent(consent: Consent, about: str) -> Event:
    details = [
        consent.get_method_display(),
        consent.wording and f"wording {consent.wording.version}",
        consent.page and f"on {consent.page}",
        consent.network and f"from {consent.network}",
        consent.by and f"by {consent.by.get_full_name() or consent.by.get_username()}",
        consent.reason,
    ]
    return Event(consent.at, consent.get_act_display(), about, tuple(filter(None, details)))


def _notice(notice: Notice, about: str) -> Event:
    said = f"Mail “{notice.get_kind_display()}”: {notice.get_state_display().lower()}"
    return Event(notice.sent_at or notice.due_at, said, about, (notice.said,) if notice.said else ())
