import reversion.models
from django.db import models

from .article import Article
from .revision import Revision


class SavedState(models.Model):
    """
    One save of a working copy: finds what reversion kept of it, and names the edition it became.

    It goes with the draft history when that is pruned; the edition stays.
    """

    revision = models.OneToOneField(
        reversion.models.Revision, models.CASCADE, primary_key=True, related_name="saved_state"
    )
    article = models.ForeignKey(Article, models.CASCADE, related_name="saved_states")
    version = models.PositiveIntegerField(help_text="The desk's version after this save.")
    edition = models.OneToOneField(Revision, models.SET_NULL, null=True, related_name="saved_state")

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(name="saved_state_has_its_own_version", fields=["article", "version"]),
        ]

    def __str__(self):
        return f"Save {self.version} of “{self.article}”"
