from django.db import models

from .fields import SealedTextField


class ConfidentialSource(models.Model):
    """A person only the editors know; sealed at rest, and in no snapshot, history, search, export or log."""

    name = SealedTextField()
    contact = SealedTextField(blank=True, default="")
    notes = SealedTextField(blank=True, default="")

    def __str__(self):
        return f"Confidential source {self.pk}"
