"""The public record of a story: its chain of hashes, and where a sentence once stood."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.http import require_safe

from ..kinds import Kind
from ..models import Revision
from ..pages import page
from ..public_post import seconds_to_ask_again
from ..public_record import history_page
from ..quote_check import quote_page
from .finding import STORY, gone, number_in, of_a_story, record_of, unlisted

# By one client: each is looked for in all that a story ever said.
QUOTES_PER_HOUR = 120

JSON = "application/json; charset=utf-8"
# What the page about our standards says of each kind.
KINDS_EXPLAINED = {
    Kind.FIRST: "The first edition of a story.",
    Kind.DEVELOPMENT: "Something happened, or was learned.",
    Kind.TIGHTENED: "The same facts in fewer or clearer words, mostly at the top.",
    Kind.CORRECTION: "We were wrong; the page says what was wrong and what is right.",
    Kind.CLARIFICATION: "We were right and could be misread.",
    Kind.TYPO: "Spelling or punctuation; no fact moves, and “updated” does not.",
    Kind.RECONFIRMED: "We looked again and it stands; no word changes.",
    Kind.SETTLED: "We no longer expect the story to move.",
    Kind.REOPENED: "A settled or withdrawn story moves again.",
    Kind.WITHDRAWN: "The story was taken back; its address says why.",
}


@require_safe
def standards(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        "standards",
        lambda: render_to_string("articles/standards.html", {"kinds": KINDS_EXPLAINED.items()}),
    )


@unlisted
@of_a_story
def history(request: HttpRequest, newest: Revision) -> HttpResponse:
    """Every edition's number, kind, times and hashes, oldest first; those after `?after=`."""
    after = number_in(request.GET.get("after", 0), 0, newest.number)
    return page(
        request,
        f"{record_of(newest)} {after}",
        lambda: json.dumps(history_page(newest, after), ensure_ascii=False, indent=1),
        content_type=JSON,
    )


@unlisted
@of_a_story
def edition_bytes(request: HttpRequest, newest: Revision, number: int) -> HttpResponse:
    """What an edition says, byte for byte as it was hashed, unless these bytes say what is withheld."""
    number = number_in(number, 1, newest.number)
    editions = newest.article.revisions.readable().with_address()
    edition = get_object_or_404(editions, number=number)
    if edition.is_withheld:
        return gone(request, edition, newest)
    if edition.repeated:
        return gone(request, editions.get(number=edition.repeated[0]), newest)
    return page(request, edition.chain_hash, lambda: edition.snapshot, content_type=JSON)


@unlisted
@of_a_story
def quote_check(request: HttpRequest, newest: Revision) -> HttpResponse:
    quote = request.GET.get("q", "")
    seconds = seconds_to_ask_again(request, "quote", QUOTES_PER_HOUR) if quote.strip() else 0
    shown = quote_page(newest, "" if seconds else quote)
    if seconds:
        message = f"These were many questions. Ask again in {seconds // 60 + 1} minutes; your sentence stays here."
        shown |= {"quote": quote, "message": message}
    response = render(request, "articles/quote_check.html", shown, status=429 if seconds else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


site_roads = [path("about/standards/", standards, name="standards")]
roads = [
    path(f"{STORY}history.json", history, name="history"),
    path(f"{STORY}revisions/<int:number>/edition.json", edition_bytes, name="edition_bytes"),
    path(f"{STORY}changes/quote/", quote_check, name="quote_check"),
]
