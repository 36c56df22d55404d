"""Where a source or a photo is used: in the working copies of stories, and in what readers have of them."""

import json

from django.db.models import BooleanField, Exists, ExpressionWrapper, JSONField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from .models import Article, Citation, Photo, PhotoUse, Revision, Source


def of_source(source: Source, user) -> QuerySet[Article]:
    """The stories `user` may work on that cite it: `in_copy`, `in_edition` (the newest) or both."""
    cited = {"url": source.url} if source.url else {"publisher": source.publisher, "title": source.title}
    editions = _holding(source.url or source.publisher, citations=[{"source": cited}])
    return _stories(user, Citation.objects.filter(source=source), editions)


def of_photo(photo: Photo, user) -> QuerySet[Article]:
    """As `of_source`, of the stories that show it."""
    editions = _holding(str(photo.pk), photo={"photo": str(photo.pk)})
    return _stories(user, PhotoUse.objects.filter(photo=photo), editions)


def _holding(text: str, **content) -> QuerySet[Revision]:
    """The editions readers have with this content; only those in which its `text` stands are read as JSON."""
    likely = Revision.objects.public().filter(snapshot__contains=json.dumps(text, ensure_ascii=False))
    return likely.alias(held=Cast("snapshot", JSONField())).filter(held__contains=content)


def _stories(user, uses: QuerySet, editions: QuerySet[Revision]) -> QuerySet[Article]:
    # Looked for once, as that goes through the text of every newest edition.
    published = list(editions.order_by().values_list("article", flat=True))
    stories = Article.objects.editable_by(user).annotate(
        in_copy=Exists(uses.filter(article=OuterRef("pk"))),
        in_edition=ExpressionWrapper(Q(pk__in=published), BooleanField()),
    )
    return stories.filter(Q(in_copy=True) | Q(in_edition=True)).order_by("-pk")
