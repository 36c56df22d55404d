import uuid
from datetime import timedelta

from django.db import models, transaction
from django.db.models.functions import Coalesce, Now

from .article import Article

# A live process writes its counts more often; one that does not is gone, and its readers are with another.
COUNTS_FOR = timedelta(seconds=30)


class OpenPagesQuerySet(models.QuerySet):
    def now(self):
        return self.filter(counted_at__gt=Now() - COUNTS_FOR)

    def readers(self) -> int:
        return self.aggregate(readers=Coalesce(models.Sum("readers"), 0))["readers"]

    def readers_of(self, article) -> models.Subquery:
        """The readers of a story, as an expression; `article` refers to the story's key."""
        of_all = self.filter(article=article).values("article").annotate(of_all=models.Sum("readers"))
        return models.Subquery(of_all.values("of_all"))

    @transaction.atomic
    def write(self, process: uuid.UUID, readers: dict[int, int]) -> None:
        """What a live process counted: the readers of each story that is open there; all other rows of it go."""
        counts = [OpenPages(article_id=a, process=process, readers=n, counted_at=Now()) for a, n in readers.items()]
        self.filter(process=process).exclude(article__in=readers).delete()
        self.exclude(pk__in=self.now()).delete()
        self.bulk_create(
            counts,
            update_conflicts=True,
            unique_fields=["article", "process"],
            update_fields=["readers", "counted_at"],
        )


class OpenPages(models.Model):
    """How many readers have a story open by one live process: a count, nothing about anybody."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="open_pages")
    process = models.UUIDField(default=uuid.uuid4)
    readers = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    objects = OpenPagesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "open pages"
        constraints = [
            models.UniqueConstraint(name="open_pages_are_counted_once", fields=["article", "process"]),
        ]

    def __str__(self):
        return f"{self.readers} readers of “{self.article}”"
