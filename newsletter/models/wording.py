from django.db import models
from django.db.models.functions import Now

from articles.models.fields import PlainTextField

from .newsletter import Newsletter


class WordingQuerySet(models.QuerySet):
    def of(self, newsletter: Newsletter | None):
        """The versions of a letter's wording, or of that for following stories; newest first."""
        return self.filter(newsletter=newsletter).order_by("-version")


class Wording(models.Model):
    """
    What a reader agrees to, word for word, in one version; never changed, as consents point at it.

    The newest version is the one that is shown.
    """

    newsletter = models.ForeignKey(
        Newsletter,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="wordings",
        help_text="NULL: follow a story.",
    )
    version = models.PositiveIntegerField()
    text = PlainTextField()
    made_at = models.DateTimeField(db_default=Now())

    objects = WordingQuerySet.as_manager()

    class Meta:
        ordering = ["newsletter", "-version"]
        constraints = [
            models.UniqueConstraint(
                name="wording_version_is_used_once", fields=["newsletter", "version"], nulls_distinct=False
            ),
        ]

    def __str__(self):
        return f"Version {self.version}"
