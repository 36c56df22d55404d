from django.db import models

from .article import Article
from .confidential_source import ConfidentialSource
from .fields import LineField
from .part import Part
from .source import Source


class Citation(Part):
    """A story's use of a source: of a public one, or of one known only to the editors."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="citations")
    confidential_source = models.ForeignKey(
        ConfidentialSource, models.PROTECT, null=True, blank=True, related_name="citations"
    )
    is_primary = models.BooleanField("primary", default=False)
    supports = LineField(max_length=200, blank=True, help_text="What it supports, in a few words.")

    class Meta(Part.Meta):
        constraints = [
            *Part.Meta.constraints,
            models.CheckConstraint(
                name="citation_names_one_source",
                condition=models.Q(source=None) ^ models.Q(confidential_source=None),
                violation_error_message="Choose a source, or a confidential source, and only one of them.",
            ),
            models.UniqueConstraint(
                name="story_cites_a_source_once",
                fields=["article", "source"],
                violation_error_message="This story cites that source already.",
            ),
        ]

    def __str__(self):
        return str(self.source) if self.source_id else "A source known to the editors"
