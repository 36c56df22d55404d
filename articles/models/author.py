from django.db import models

from .addresses import slug_constraints, slug_field, web_address
from .fields import LineField


class Author(models.Model):
    """A name in a byline; not a login."""

    class Role(models.TextChoices):
        REPORTED = "reported", "Reported by"
        EDITED = "edited", "Edited by"
        PHOTOGRAPHED = "photographed", "Photographs by"
        TRANSLATED = "translated", "Translated by"

    name = LineField(max_length=80)
    slug = slug_field()
    role = models.CharField(max_length=12, choices=Role, default=Role.REPORTED)
    url = models.URLField("page", blank=True, help_text="A page about the author, if there is one.")

    class Meta:
        ordering = ["name"]
        constraints = [*slug_constraints("author"), web_address("author_page_is_a_web_address")]

    def __str__(self):
        return f"{self.name} ({self.role})"
