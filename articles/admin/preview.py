"""The working copy in the page readers will get, for those who work on it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import working_copy
from ..changes import compare, to_plain
from ..kinds import Kind
from ..models import Article, Revision
from ..story_page import story_page


@require_safe
def preview(request: HttpRequest, article: Article) -> HttpResponse:
    response = render(request, "articles/preview.html", story_page(_edition_to_come(article)))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _edition_to_come(article: Article) -> Revision:
    """The edition that publishing would make now; never saved."""
    newest, now = article.desk.base_edition, timezone.now()
    snapshot = working_copy.read(article)
    edition = Revision(
        article=article,
        number=article.desk.base_number + 1,
        kind=Kind.DEVELOPMENT if newest else Kind.FIRST,
        published_at=now,
        first_published_at=newest.first_published_at if newest else now,
        updated_at=now,
        confirmed_at=now,
        changes=to_plain(compare(newest.content, snapshot)) if newest else [],
    )
    edition.content = snapshot
    return edition
