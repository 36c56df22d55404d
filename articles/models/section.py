from django.db import models

from ..snapshot import SectionRole
from .article import Article
from .fields import LineField, RichTextField
from .part import Part


class Section(Part):
    """An ordered part of the body."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="sections")
    heading = LineField(max_length=120)
    body = RichTextField(blank=True)
    role = models.CharField(
        max_length=11,
        choices=[(role.value, role.value.capitalize()) for role in SectionRole],
        default=SectionRole.DEVELOPMENT,
    )

    def __str__(self):
        return self.heading
