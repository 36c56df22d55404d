"""The post of the demo, in the outbox: what staff wrote to the readers of a letter, and what these got since."""

from contextlib import closing
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from articles.models import Article, Revision, Topic
from newsletter import digest, sending
from newsletter.in_hand import Hand
from newsletter.lines import line
from newsletter.models import Cadence, Consent, Delivery, Issue, Newsletter, OutboxMail, Subscriber, Subscription

from . import script

# How long before the issue its readers asked for the letter.
ASKED_BEFORE = timedelta(days=1)


def send(told: script.Newsletter, topic: Topic, *, by) -> None:
    newsletter = Newsletter.objects.get(topic=topic)
    sent_at = timezone.now() - told.issue.ago
    for address in told.readers:
        _sign_up(address, newsletter, sent_at - ASKED_BEFORE)
    _write_to_all(told.issue, newsletter, sent_at, by)
    _tell_what_changed(newsletter, sent_at)


def _sign_up(address: str, newsletter: Newsletter, moment: datetime) -> None:
    subscriber = Subscriber.objects.create(address=address, created_at=moment)
    confirmed = moment + timedelta(minutes=2)
    Subscription.objects.create(
        subscriber=subscriber, newsletter=newsletter, cadence=Cadence.EACH, asked_at=moment, confirmed_at=confirmed
    )
    said = {"subscriber": subscriber, "newsletter": newsletter, "wording": newsletter.wordings.get()}
    page = newsletter.get_absolute_url()
    Consent.objects.create(act=Consent.Act.ASKED, method=Consent.Method.FORM, page=page, at=moment, **said)
    Consent.objects.create(act=Consent.Act.CONFIRMED, method=Consent.Method.LINK, at=confirmed, **said)


def _write_to_all(told: script.Issue, newsletter: Newsletter, moment: datetime, by) -> None:
    words = {"subject": told.subject, "preheader": told.preheader, "intro": told.intro}
    issue = Issue.objects.create(newsletter=newsletter, by=by, made_at=moment, **words)
    for position, slug in enumerate(told.stories, start=1):
        issue.stories.create(article=Article.objects.get(slug=slug), position=position)
    digest.start(issue, moment)
    _post(issue, moment)


def _tell_what_changed(newsletter: Newsletter, since: datetime) -> None:
    """As a worker would have, each time that a story moved."""
    news = Revision.objects.about(newsletter.topic).in_mail().filter(published_at__gt=since)
    for at in news.order_by("published_at").values_list("published_at", flat=True):
        moment = at + settings.MAIL_UNDO
        _post(digest.compose(newsletter, Cadence.EACH, at, moment), moment)


def _post(issue: Issue, moment: datetime) -> None:
    """Into the outbox, as if it were `moment`."""
    newest = OutboxMail.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    _send(issue)
    sending.finish(issue)
    times = {"made_at": moment, "saved_at": moment, "finished_at": moment}
    Issue.objects.filter(pk=issue.pk).update(is_in_outbox=True, **times)
    Delivery.objects.filter(issue=issue).update(due_at=moment, sent_at=moment)
    OutboxMail.objects.filter(pk__gt=newest).update(made_at=moment)


def _send(issue: Issue) -> None:
    """As it was then: a worker begins no letter with an error that was corrected since."""
    with Hand() as hand, closing(line()) as to_outbox:
        for reader in hand.take(issue.pk):
            form, written = sending.form_of(reader.letter)
            to_outbox.announce(sending.envelope_of(reader, written))
            to_outbox.give(to_outbox.mail(form, written, sending.own_of(issue, reader, written.sender)))
            hand.is_sent(reader)
