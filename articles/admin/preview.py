"""The working copy in the page readers will get, for those who work on it."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from .. import working_copy
from ..changes import compare, to_plain
from ..kinds import Kind
from ..models import Article, Revision
from ..snapshot import Snapshot
from ..story_page import story_page
from . import unsaved
from .photo import picture_at_the_desk
from .typed import read_typed


@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
def preview(request: HttpRequest, article: Article) -> HttpResponse:
    """The working copy; with ?tab=, as this editor has typed it there and not saved it."""
    typed = unsaved.fields(request.user, article.pk, request.GET.get("tab", ""))
    snapshot = read_typed(article, typed) if typed else working_copy.read(article)
    shown = story_page(_edition_to_come(article, snapshot), timezone.now())
    response = render(request, "articles/preview.html", {**shown, "picture_of": picture_at_the_desk})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _edition_to_come(article: Article, snapshot: Snapshot) -> Revision:
    """The edition that publishing would make now; never saved."""
    newest, now = article.desk.base_edition, timezone.now()
    edition = Revision(
        article=article,
        number=article.desk.base_number + 1,
        kind=Kind.DEVELOPMENT if newest else Kind.FIRST,
        published_at=now,
        first_published_at=newest.first_published_at if newest else now,
        updated_at=now,
        confirmed_at=now,
        changes=to_plain(compare(newest.content, snapshot)) if newest and not newest.is_withheld else [],
    )
    edition.content = snapshot
    return edition
