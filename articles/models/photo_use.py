import uuid

from django.db import models

from .article import Article
from .fields import LineField, PlainTextField
from .photo import Photo


class PhotoUse(models.Model):
    """The picture of a story, as this story uses it."""

    class Crop(models.TextChoices):
        WIDE = "16/9", "Wide (16:9)"
        CLASSIC = "3/2", "Classic (3:2)"
        SQUARE = "1/1", "Square"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    article = models.OneToOneField(Article, models.CASCADE, related_name="photo_use")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="uses")
    alt = LineField(
        "alternative text", max_length=300, help_text="What the picture shows, for those who cannot see it."
    )
    caption = PlainTextField(blank=True)
    crop = models.CharField(max_length=4, choices=Crop, default=Crop.CLASSIC)

    def __str__(self):
        return self.alt
