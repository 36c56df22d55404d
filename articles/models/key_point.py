from django.db import models
from django.utils import timezone

from ..snapshot import Verification
from .article import Article
from .citation import Citation
from .fields import LineField, PlainTextField
from .part import Part


class KeyPoint(Part):
    """One at-a-glance line, with how sure we are, since when, and what supports it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="key_points")
    text = PlainTextField()
    verification = models.CharField(
        max_length=11,
        choices=[(v.value, v.value.capitalize()) for v in Verification],
        default=Verification.REPORTED,
    )
    as_of = models.DateTimeField(default=timezone.now, help_text="When this was last known to be so.")
    citations = models.ManyToManyField(Citation, blank=True, related_name="key_points")
    reason = LineField(max_length=200, blank=True, help_text="Why it was withdrawn.")

    class Meta(Part.Meta):
        constraints = [
            *Part.Meta.constraints,
            models.CheckConstraint(
                name="key_point_says_something",
                condition=models.Q(text__regex=r"\S"),
                violation_error_message="A key point needs words.",
            ),
            models.CheckConstraint(
                name="withdrawn_key_point_says_why",
                condition=~models.Q(verification=Verification.WITHDRAWN) | models.Q(reason__regex=r"\S"),
                violation_error_message="Say why this key point is withdrawn; readers see the reason.",
            ),
        ]

    def __str__(self):
        return self.text
