import uuid

from django.db import models

from .article import Article


class OpenPages(models.Model):
    """How many readers have a story open by one live process: a count, nothing about anybody."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="open_pages")
    process = models.UUIDField(default=uuid.uuid4)
    readers = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "open pages"
        constraints = [
            models.UniqueConstraint(name="open_pages_are_counted_once", fields=["article", "process"]),
        ]

    def __str__(self):
        return f"{self.readers} readers of “{self.article}”"
