from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .revision import Revision


class Withholding(models.Model):
    """
    An edition taken out by law or for a person's safety: its words are gone, its number, time and hashes stay.

    Written once, in the transaction that empties the edition; a trigger lets no edition be emptied without it.
    """

    class Category(models.TextChoices):
        LAW = "law", "Legal reasons"
        SAFETY = "safety", "A person’s safety"
        PRIVACY = "privacy", "A person’s privacy"

    revision = models.OneToOneField(Revision, models.PROTECT, primary_key=True, related_name="withholding")
    category = models.CharField("reason", max_length=7, choices=Category.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="withholdings")
    by_name = models.CharField(max_length=150)
    withheld_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["revision__article", "-revision__number"]

    def __str__(self):
        return f"{self.revision} withheld: {self.get_category_display()}"
