"""One story: its newest edition, its change log, and any edition as it stood."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone

from ..change_log_page import change_log_page
from ..freshness import stale_count
from ..kinds import Kind
from ..models import Revision
from ..pages import held, page
from ..story_page import corrected_since, story_page
from .finding import gone, number_in, of_a_story, record_of, unlisted

EDITIONS_ON_PAGE = 25


@held
@of_a_story
def story_detail(request: HttpRequest, newest: Revision) -> HttpResponse:
    # Beside the edition: what moved in it, forgotten if the one before is withheld, which of its corrections are
    # told no more, and what is stale by now.
    now = timezone.now()
    depends_on = f"{newest.chain_hash} {len(newest.moved_ids)} {newest.untold} {stale_count(newest, now)}"
    return page(
        request,
        depends_on,
        lambda: render_to_string("articles/story_detail.html", story_page(newest, now)),
    )


@of_a_story
def change_log(request: HttpRequest, newest: Revision) -> HttpResponse:
    """Page by page; with `?only=substance` without typos and re-confirmations."""
    before = number_in(request.GET.get("before", newest.number + 1), 2, newest.number + 1)
    is_substance = request.GET.get("only") == "substance"

    def render_log() -> str:
        editions = newest.article.revisions.readable().filter(number__lt=before)
        editions = editions.substantive() if is_substance else editions
        shown = get_list_or_404(editions.order_by("-number")[:EDITIONS_ON_PAGE])
        place = {"is_substance": is_substance, "is_newest_page": before > newest.number}
        return render_to_string("articles/change_log.html", {**change_log_page(newest, shown), **place})

    return page(request, f"{record_of(newest)} {before} {is_substance}", render_log)


@unlisted
@of_a_story
def revision_detail(request: HttpRequest, newest: Revision, number: int) -> HttpResponse:
    number = number_in(number, 1, newest.number)
    editions = newest.article.revisions.readable().with_address()
    edition = get_object_or_404(editions, number=number)
    if edition.is_withheld or edition.kind == Kind.WITHDRAWN:
        return gone(request, edition, newest)
    following = editions.filter(number=number + 1).first()

    def render_edition() -> str:
        shown = {"newest": newest, "following": following, "corrected": corrected_since(edition, newest)}
        return render_to_string("articles/revision_detail.html", {**story_page(edition), **shown})

    depends_on = [
        edition.chain_hash,
        len(edition.moved_ids),
        following and following.is_withheld,
        newest.chain_hash,
        newest.untold,
    ]
    return page(request, str(depends_on), render_edition)
