import uuid

from django.db import models

from ..kinds import Kind
from .article import Article
from .fields import PlainTextField
from .revision import Revision


class Correction(models.Model):
    """What was wrong and what is right. Written once, with the edition that fixes it, and never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="corrections")
    revision = models.OneToOneField(Revision, models.PROTECT, related_name="correction")
    kind = models.CharField(
        max_length=13, choices=[(k.value, k.label) for k in (Kind.CORRECTION, Kind.CLARIFICATION)]
    )
    wrong = PlainTextField("what was wrong")
    right = PlainTextField("what is right")
    first_wrong = models.PositiveIntegerField("first wrong edition")
    last_wrong = models.PositiveIntegerField("last wrong edition")
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")

    class Meta:
        ordering = ["article", "-revision__number"]
        constraints = [
            models.CheckConstraint(
                name="correction_names_a_range_of_editions",
                condition=models.Q(first_wrong__gte=1, last_wrong__gte=models.F("first_wrong")),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.right}"
