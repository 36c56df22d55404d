"""Asking for a letter, or to follow a story, and confirming it; nobody is told whose address we know."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from articles.models import Article, Revision

from . import notices, suppressing, tokens
from .models import (
    Cadence,
    Consent,
    MailRequest,
    Newsletter,
    Notice,
    Subscriber,
    Subscription,
    Suppression,
    Wording,
)
from .models.newsletter import every_cadence

WINDOW = timedelta(hours=1)


class NotOffered(Exception):
    """The letter takes no sign-ups, or readers cannot see the story."""


@transaction.atomic
def ask(
    address: str,
    *,
    newsletter: Newsletter | None = None,
    article: Article | None = None,
    cadence: str = "",
    language: str,
    page: str,
    wording: int | None = None,
    network: str = "",
    at: datetime | None = None,
) -> None:
    """
    Mail the address what to do next; who asked is not told what we knew of it. Raises `NotOffered`.

    `address` is as `addresses.normalised` gives it, `page` the path of the page with the form, and `wording` the
    version that stood there; the newest, if there is none of that number. `at` is when it was asked, if not now.
    """
    if not _is_offered(newsletter, article):
        raise NotOffered
    reason = suppressing.reason_of(address)
    if reason == Suppression.Reason.COMPLAINED:
        return
    subscriber = _subscriber(address, language)
    subscription, is_new = subscriber.subscriptions.get_or_create(
        newsletter=newsletter, article=article, defaults={"cadence": chosen(cadence, newsletter)}
    )
    if subscription.is_active and not reason:
        notices.post(subscriber, Notice.Kind.KNOWN, subscription)
        return
    if subscription.is_pending and _is_mail_waiting(subscription):
        return
    with transaction.atomic():
        if not is_new:
            _ask_again(subscription, cadence)
        notice = notices.post(subscriber, Notice.Kind.CONFIRM, subscription)
        # Where no mail goes out nothing has moved, or a stranger could keep a row for ever.
        transaction.set_rollback(notice is None and not is_new)
    if notice or is_new:  # What is asked more often than we write is not worth a record.
        said = {"page": page, "network": network, "wording": _wording(newsletter, wording), "at": at or Now()}
        _record(subscription, Consent.Act.ASKED, Consent.Method.FORM, **said)


@transaction.atomic
def confirm(subscription: Subscription, *, page: str, network: str = "", cadence: str = "") -> None:
    """
    Let what was asked for begin; done twice, it begins once. A cadence that is chosen counts each time.

    Raises `tokens.BadToken` if it was left or erased since `subscription` was read.
    """
    subscriber = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscription.subscriber_id).first()
    kept = Subscription.objects.filter(pk=subscription.pk).first()
    if not (subscriber and kept and (kept.is_pending or kept.is_active)):
        raise tokens.BadToken
    subscription.refresh_from_db(fields=["cadence", "asked_at", "confirmed_at", "left_at"])
    if cadence:
        subscription.cadence = chosen(cadence, subscription.newsletter)
        subscription.save(update_fields=["cadence"])
    if subscription.is_active and not suppressing.reason_of(subscriber.address):
        return
    # By whatever file it came before, now they have said it here.
    subscription.source = subscription.consented_on = None
    subscription.confirmed_at, subscription.left_at = Now(), None
    subscription.save(update_fields=["confirmed_at", "left_at", "source", "consented_on"])
    subscription.refresh_from_db(fields=["confirmed_at"])
    suppressing.release(subscriber.address)
    wording = _asked(subscription)
    _record(subscription, Consent.Act.CONFIRMED, Consent.Method.LINK, page=page, network=network, wording=wording)
    notices.post(subscriber, Notice.Kind.WELCOME, subscription)


def to_be_confirmed(token: str) -> Subscription:
    """
    What the link of the first mail is about: to be confirmed, confirmed by it already, or even left since. Raises
    `tokens.BadToken`, also where its story is gone, or the address has complained of our mail.
    """
    name = tokens.subject_of(tokens.Purpose.CONFIRM, token)
    found = Subscription.objects.named(name).with_subject().select_related("subscriber").first()
    if found is None:
        raise tokens.BadToken
    # Who left or was erased, and was asked for again, by whomever, confirms by the new mail.
    begun = found.left_at if found.is_pending else None
    tokens.subject_of(tokens.Purpose.CONFIRM, token, since=begun or found.subscriber.links_begin_at)
    if found.article and not public_edition(found.article):
        raise tokens.BadToken
    if suppressing.reason_of(found.subscriber.address) == Suppression.Reason.COMPLAINED:
        raise tokens.BadToken
    return found


def full_until(newsletter: Newsletter | None, article: Article | None) -> datetime | None:
    """Until when nobody more is taken, as enough have asked within the hour; None where there is room."""
    about = {"newsletter": newsletter, "article": article, "at__gt": timezone.now() - WINDOW}
    asked = Consent.objects.filter(act=Consent.Act.ASKED, **about).order_by().values_list("at", flat=True)
    waiting = MailRequest.objects.filter(**about).order_by().values_list("at", flat=True)
    most = settings.SIGN_UPS_PER_LETTER
    at_the_limit = asked.union(waiting, all=True).order_by("-at")[most - 1 : most]
    return next((at + WINDOW for at in at_the_limit), None)


def cadences_of(newsletter: Newsletter | None) -> list[Cadence]:
    """What readers can choose from, the usual one first; of a story, everything."""
    return [Cadence(cadence) for cadence in (newsletter.cadences if newsletter else every_cadence())]


def chosen(cadence: str, newsletter: Newsletter | None) -> Cadence:
    """The one that was chosen, if it is offered; else the usual one."""
    offered = cadences_of(newsletter)
    return next((one for one in offered if one == cadence), offered[0])


def public_edition(article: Article) -> Revision | None:
    return Revision.objects.public().with_address().filter(article=article).first()


def _is_offered(newsletter: Newsletter | None, article: Article | None) -> bool:
    return newsletter.is_open if newsletter else public_edition(article) is not None


def _subscriber(address: str, language: str) -> Subscriber:
    """Whoever has this address, locked: what else happens to them waits until we are done."""
    known = Subscriber.objects.at(address).select_for_update(no_key=True)
    return known.get_or_create(defaults={"address": address, "language": language})[0]


def _is_mail_waiting(subscription: Subscription) -> bool:
    return subscription.notices.filter(kind=Notice.Kind.CONFIRM, state=Notice.State.DUE).exists()


def _ask_again(subscription: Subscription, cadence: str) -> None:
    """Who is suppressed has to confirm anew, even what was never left."""
    subscription.asked_at = Now()
    if subscription.is_active:
        subscription.confirmed_at = None
    if cadence:
        subscription.cadence = chosen(cadence, subscription.newsletter)
    subscription.save(update_fields=["asked_at", "confirmed_at", "cadence"])
    subscription.refresh_from_db(fields=["asked_at"])


def _wording(newsletter: Newsletter | None, version: int | None) -> Wording | None:
    wordings = Wording.objects.of(newsletter)
    return wordings.filter(version=version).first() or wordings.first()


def _asked(subscription: Subscription) -> Wording | None:
    """The wording under which this was asked for last."""
    asked = subscription.subscriber.consents.filter(
        newsletter=subscription.newsletter, article=subscription.article, act=Consent.Act.ASKED
    )
    newest = asked.select_related("wording").first()
    return newest and newest.wording


def _record(subscription: Subscription, act: Consent.Act, method: Consent.Method, **said) -> None:
    Consent.objects.create(
        subscriber_id=subscription.subscriber_id,
        newsletter=subscription.newsletter,
        article=subscription.article,
        act=act,
        method=method,
        **said,
    )
