import uuid

from django.core.files.storage import default_storage, storages
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from pictures.models import PictureField, PictureFieldFile

from .. import credits, renditions, uploads
from ..pixels import Rendition
from .fields import LineField


def originals():
    return storages["originals"]


class OriginalFile(PictureFieldFile):
    """What was uploaded, in the private storage. Its renditions are the photo's, in the public one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.storage = originals()

    def get_picture_files_list(self):
        photo = self.instance
        return {
            Rendition(photo.rendition_name, kind, crop, default_storage, width)
            for crop in renditions.CROPS
            for width in renditions.widths(photo.width, photo.height, crop)
            for kind in renditions.CONTENT_TYPES
        }


class OriginalField(PictureField):
    attr_class = OriginalFile

    def deconstruct(self):
        """As an image field: crops, widths and types are those of `renditions`, and no matter of the database."""
        return super(PictureField, self).deconstruct()


percentage = MaxValueValidator(100, "The focal point is a percentage: 0 to 100.")


class PhotoQuerySet(models.QuerySet):
    def due(self):
        return self.filter(due_at__lte=timezone.now())

    def published(self):
        """Those that readers were shown once, whether or not they are now."""
        return self.filter(is_published=True)


class Photo(models.Model):
    """A picture, site-wide. Its file never changes: another file is another photo."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    original = OriginalField(storage=originals, width_field="width", height_field="height", editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    title = LineField(max_length=uploads.LONGEST_TITLE, help_text="What the desk calls it; readers never see this.")
    credit = LineField(
        max_length=credits.LONGEST,
        help_text="Readers see “Photo: ” and this; write “Illustration: ” and a name for what is no photo.",
    )
    licence = LineField(max_length=120, blank=True)
    expires_on = models.DateField(
        "licence ends on", null=True, blank=True, help_text="The last day it may be shown."
    )
    focal_x = models.PositiveSmallIntegerField("focal point, % from left", default=50, validators=[percentage])
    focal_y = models.PositiveSmallIntegerField("focal point, % from top", default=50, validators=[percentage])
    uploaded_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(
        default=timezone.now, null=True, editable=False, help_text="When to make its renditions; empty when done."
    )
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    failure = models.TextField(blank=True, editable=False, help_text="Why there are no renditions.")
    is_published = models.BooleanField(
        default=False, editable=False, help_text="Whether an edition has ever shown it to readers."
    )

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            models.CheckConstraint(
                name="photo_focal_point_is_inside_the_picture",
                condition=models.Q(focal_x__lte=100, focal_y__lte=100),
            ),
        ]
        indexes = [
            models.Index(name="photo_is_due", fields=["due_at"], condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.title} ({self.credit})"

    @property
    def rendition_name(self) -> str:
        """What the files of this picture are named by; another focal point makes other files."""
        return f"photos/{self.pk}/{self.focal_x}-{self.focal_y}"

    @property
    def is_ready(self) -> bool:
        return self.due_at is None and not self.failure

    @property
    def is_expired(self) -> bool:
        return self.expires_on is not None and self.expires_on < timezone.localdate()
