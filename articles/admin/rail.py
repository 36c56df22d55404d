"""The rail beside a story being written: what readers have, what they will see change, and what is missing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch
from django.views.decorators.http import require_POST

from .. import checks, richtext
from .. import presence as presences
from ..kinds import Kind
from ..models import Article
from . import unsaved
from .publishing import PublishForm, Review, linked
from .typed import read_typed

LIVE = "admin/articles/article/_rail_live.html"


@require_POST
def rail(request: HttpRequest, article: Article) -> HttpResponse:
    """Keep what is typed, and answer with the part of the rail that says what saving and publishing it would do."""
    unsaved.keep(request, article)
    try:
        snapshot = read_typed(article, dict(request.POST.lists()))
    except richtext.RichTextRefused as refusal:
        return render(request, LIVE, {"refusal": str(refusal)})
    review = Review.of(article, snapshot)
    return render(request, LIVE, live(review, request.POST.get("kind", ""), request.POST.get("note", "")))


@require_POST
def presence(request: HttpRequest, article: Article) -> HttpResponse:
    """Who else has the story open."""
    return render(
        request, "admin/articles/article/_presence.html", {"presence": presences.seen(article, request.user)}
    )


def beside(request: HttpRequest, article: Article) -> dict:
    """What the rail shows when the story's page is opened."""
    offers = unsaved.offers(request, article)
    try:
        review = Review.of(article)
    except richtext.RichTextRefused as refusal:
        return {"offers": offers, "refusal": str(refusal)}
    shown = {
        "offers": offers,
        "may_publish": request.user.has_perm("articles.publish_article"),
        "next_number": review.desk.base_number + 1,
        "address": address_of(article),
        **live(review),
    }
    if request.user.has_perm("articles.publish_article") and review.kinds:
        shown["publish_form"] = PublishForm(review=review, initial=unsaved.said(request, article))
    return shown


def address_of(article: Article) -> str:
    """Where readers find the story; empty while its slug is one that no address can have."""
    try:
        return article.get_absolute_url()
    except NoReverseMatch:
        return ""


def live(review: Review, kind: str = "", note: str = "") -> dict:
    """The part of it that follows the typing."""
    chosen = Kind(kind) if kind in review.kinds else review.suggested
    findings = review.findings(chosen)
    return {
        "review": review,
        "counters": counters(review),
        "parts": review.parts(),
        "findings": linked(review.article, findings),
        "warns": any(finding.wants_reason for finding in findings),
        "told": {"kind": chosen, "note": note},
        "language": review.snapshot.story.language,
        "has_no_news": review.newest is not None and not review.changes and chosen.rule.needs_change,
    }


def counters(review: Review) -> list[dict]:
    """How much there is of what the format limits."""
    snapshot, limits = review.snapshot, review.article.format
    words = sum(richtext.word_count(section.body) for section in snapshot.sections)
    return [
        _counter("Headline", len(snapshot.story.headline), limits.headline_characters, "characters"),
        _counter("Lead", len(snapshot.story.lead.split()), limits.lead_words, "words"),
        _counter("Key points", len(snapshot.key_points), limits.key_point_count, ""),
        _counter("Context", checks.context_percent(snapshot.sections), limits.context_percent, "% of the body"),
        {"name": "Body", "said": f"{words} words", "is_over": False},
    ]


def _counter(name: str, count: int, limit: int, unit: str) -> dict:
    return {"name": name, "said": f"{count} of {limit} {unit}".strip(), "is_over": count > limit}
