"""What changed after an edition, and the leads of a story in their order."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path

from .. import frame
from ..models import Revision
from ..pages import CACHE_CONTROL, page
from ..since_page import since_page
from ..wording import word_diff
from .finding import STORY, number_in, of_a_story, record_of, unlisted

LEADS_ON_PAGE = 25


@unlisted
@of_a_story
def since_then(request: HttpRequest, newest: Revision, number: int) -> HttpResponse:
    """To what changed after edition `number` until now."""
    return _until_now(request, newest, number_in(number, 1, newest.number))


@unlisted
@of_a_story
def since(request: HttpRequest, newest: Revision, number: int, until: int) -> HttpResponse:
    """What changed after edition `number`, the same for every reader; with `?part` without the page around it."""
    number = number_in(number, 1, newest.number)
    until = number_in(until, number, newest.number)
    if until < newest.number or number == newest.number:
        return _until_now(request, newest, number)
    edition = newest.article.revisions.readable().with_address().filter(number=number).first()
    is_page = "part" not in request.GET
    if edition is None or edition.is_withheld:
        # The change log says when it was withheld and why; a script has no use for that.
        row = f"changes/?before={number + 1}#edition-{number}" if edition and is_page else ""
        return _elsewhere(newest.article.get_absolute_url() + row)
    template = "articles/since.html" if is_page else "articles/_what_changed.html"
    return page(
        request,
        f"{edition.chain_hash} {record_of(newest)} {is_page}",
        lambda: render_to_string(template, {**since_page(edition, newest), "is_page": is_page}),
    )


def _until_now(request: HttpRequest, newest: Revision, number: int) -> HttpResponse:
    """To what changed after edition `number`; to the story if that is the newest."""
    address = newest.article.get_absolute_url()
    if number == newest.number:
        return _elsewhere(address)
    return _elsewhere(f"{address}since/{number}/{newest.number}/" + ("?part" if "part" in request.GET else ""))


def _elsewhere(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, headers={"Cache-Control": CACHE_CONTROL})


@of_a_story
def lead_timeline(request: HttpRequest, newest: Revision) -> HttpResponse:
    """Every lead the story had, each marked against the one before; page by page, the newest first."""
    before = number_in(request.GET.get("before", newest.number + 1), 2, newest.number + 1)

    def render_leads() -> str:
        editions = newest.article.revisions.readable().with_new_lead().filter(number__lt=before)
        found = list(editions[: LEADS_ON_PAGE + 1])
        address = newest.article.get_absolute_url()
        shown = {
            "newest": newest,
            "address": address,
            "link": frame.absolute(f"{address}leads/"),
            "leads": [_lead(edition) for edition in reversed(found[:LEADS_ON_PAGE])],
            "earlier": found[LEADS_ON_PAGE - 1].number if len(found) > LEADS_ON_PAGE else None,
            "is_newest_page": before > newest.number,
        }
        return render_to_string("articles/lead_timeline.html", shown)

    return page(request, f"{record_of(newest)} {before}", render_leads)


def _lead(edition: Revision) -> dict:
    """A lead as it read then, and word by word beside the one before."""
    return {
        "edition": edition,
        "kind": edition.rule.label,
        "pieces": word_diff(edition.lead_before, edition.lead) if edition.lead_before else [],
    }


roads = [
    path(f"{STORY}since/<int:number>/", since_then, name="since_then"),
    path(f"{STORY}since/<int:number>/<int:until>/", since, name="since"),
    path(f"{STORY}leads/", lead_timeline, name="lead_timeline"),
]
