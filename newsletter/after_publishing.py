"""What an editor is told of the mail once an edition is out: `settings.AFTER_PUBLISHING` and `STORY_ROADS`."""

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html

from articles.kinds import Kind
from articles.models import Article, Correction, Revision
from articles.reading import clock

from . import correcting
from .models import Subscription


def mailed_from(edition: Revision, user) -> str:
    """When its mail goes out; until then it can be thought over."""
    if not edition.rule.in_mail or edition.kind == Kind.WITHDRAWN or not Subscription.objects.active().exists():
        return ""
    if not edition.is_mailed:
        return "It is not mailed."
    at = clock(edition.published_at + settings.MAIL_UNDO)
    return format_html("Mailed from {} on. Mend or withdraw it before, and that is what readers are mailed.", at)


def offer_to_tell(edition: Revision, user) -> str:
    """The way to mail a correction to those who were mailed what was wrong, for who may."""
    if edition.kind != Kind.CORRECTION or not user.has_perm(correcting.PERMISSION):
        return ""
    correction = edition.correction
    people = 0 if correcting.why_not(correction) else correcting.misinformed(correction).people
    if not people:
        return ""
    return format_html('<a href="{}">{}…</a>', _road(correction), correcting.offer(correction, people))


def roads_to_tell(article: Article, user) -> list[dict]:
    """The same way, until it is mailed; whom it reaches is counted there, as that may take seconds."""
    if not user.has_perm(correcting.PERMISSION):
        return []
    return [
        {"href": _road(correction), "title": f"Mail the correction in edition {correction.number}…"}
        for correction in correcting.unmailed(article=article)
        if correcting.newest_wrong(correction)
    ]


def _road(correction: Correction) -> str:
    return reverse("admin:newsletter_correction", args=[correction.pk])
