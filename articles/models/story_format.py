from django.core.validators import MaxValueValidator
from django.db import models

from ..snapshot import SectionRole
from .addresses import slug_constraints, slug_field
from .fields import LineField, PlainTextField


class StoryFormat(models.Model):
    """How a kind of page is written: its kicker, sections, limits, and what readers are told about it."""

    slug = slug_field()
    name = LineField(max_length=60, unique=True)
    kicker = LineField(max_length=40)
    note = PlainTextField(help_text="What readers see under “How this page is kept”.")
    headings = PlainTextField(
        blank=True,
        help_text="The sections a new story starts with, one a line; begin a line with > for context.",
    )
    headline_characters = models.PositiveSmallIntegerField(default=80)
    lead_words = models.PositiveSmallIntegerField(default=45)
    key_point_count = models.PositiveSmallIntegerField("key points", default=6)
    context_percent = models.PositiveSmallIntegerField(
        default=35,
        validators=[MaxValueValidator(100)],
        help_text="The largest share of the body that context may take, in percent.",
    )
    stale_hours = models.PositiveSmallIntegerField(
        default=24, help_text="Hours after which a key point wants confirming again."
    )
    marks_stale = models.BooleanField(
        "mark stale key points", default=False, help_text="Readers see which key points want confirming again."
    )
    check_levels = models.JSONField(
        default=dict, blank=True, help_text="How strict each check is, where it differs from what is usual."
    )
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            *slug_constraints("format"),
            models.CheckConstraint(
                name="format_context_is_a_percentage", condition=models.Q(context_percent__lte=100)
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def sections(self) -> list[tuple[str, SectionRole]]:
        """The headings a new story starts with, each with its role."""
        lines = [line.strip() for line in self.headings.splitlines() if line.strip()]
        return [
            (line.lstrip("> "), SectionRole.CONTEXT if line.startswith(">") else SectionRole.DEVELOPMENT)
            for line in lines
        ]
