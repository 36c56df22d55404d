import uuid

from django.db import models

from .article import Article


class Part(models.Model):
    """An ordered part of a story. Its id is made in Python and kept for ever, so a diff never guesses."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="%(class)ss")
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        abstract = True
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="%(class)s_has_its_own_position",
                fields=["article", "position"],
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
