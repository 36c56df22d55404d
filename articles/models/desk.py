from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from ..workflow import Status
from .article import Article
from .revision import Revision


class DeskQuerySet(models.QuerySet):
    def pinned(self):
        return self.filter(models.Q(pinned_until=None) | models.Q(pinned_until__gt=Now()), pin__isnull=False)


class Desk(models.Model):
    """Where the next edition of a story stands. Not kept by reversion: restoring text never moves state."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="desk")
    status = models.CharField(max_length=9, choices=[(s.value, s.label) for s in Status], default=Status.DRAFT)
    base_edition = models.OneToOneField(
        Revision, models.PROTECT, null=True, editable=False, related_name="desk",
        help_text="The newest edition, which the working copy continues.",
    )  # fmt: skip
    version = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts the saves, so that a stale form is recognised."
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="assigned_stories"
    )
    pin = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="1 is first on the front page; empty leaves the order to time."
    )
    pinned_until = models.DateTimeField(null=True, blank=True)

    editing_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="stories_being_edited",
        help_text="Who has the editing page open; a courtesy to others, it keeps nobody out.",
    )  # fmt: skip
    editing_seen_at = models.DateTimeField(null=True, editable=False)

    objects = DeskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="pin_is_given_once", fields=["pin"], deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self):
        return f"Desk of “{self.article}”"

    @property
    def base_number(self) -> int:
        """The number of the newest edition; 0 before the first."""
        return self.base_edition.number if self.base_edition else 0
