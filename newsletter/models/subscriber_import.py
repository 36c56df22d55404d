from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models.functions import Now

from articles.models.fields import PlainTextField

from .newsletter import Cadence, Newsletter

# In the storage that nobody outside reaches.
FOLDER = "imports"


def private_storage():
    return storages["originals"]


class SubscriberImport(models.Model):
    """A file of addresses with where their consent was given: tried first, then taken, by the worker."""

    class State(models.TextChoices):
        TRYING = "trying", "Being checked"
        TRIED = "tried", "Checked; nobody is added yet"
        TAKING = "taking", "Being added"
        DONE = "done", "Added"
        FAILED = "failed", "Nobody was added"

    newsletter = models.ForeignKey(Newsletter, models.PROTECT, related_name="imports")
    cadence = models.CharField(max_length=6, choices=Cadence.choices, default=Cadence.DAILY)
    file = models.FileField(upload_to=FOLDER, storage=private_storage, max_length=200)
    provenance = PlainTextField(help_text="Where, when and how these people agreed to get this letter.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=6, choices=State.choices, default=State.TRYING)
    line = models.PositiveIntegerField(default=0, help_text="The last line that was dealt with.")
    added = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0, help_text="Had this letter already.")
    repeated = models.PositiveIntegerField(default=0, help_text="Stood in the file before.")
    suppressed = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    said = models.CharField(max_length=300, blank=True, help_text="Why the file could not be read.")

    class Meta:
        ordering = ["-pk"]
        verbose_name = "import"

    def __str__(self):
        return f"Import {self.pk} into {self.newsletter}"


class ImportProblem(models.Model):
    """A line of an imported file that was not taken, and why; what stood in it stays in the file."""

    source = models.ForeignKey(SubscriberImport, models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(name="line_has_one_problem", fields=["source", "line"])]

    def __str__(self):
        return f"Line {self.line}: {self.reason}"


class SeenAddress(models.Model):
    """An address that stood in a file before, told by its digest; kept while the file is looked through."""

    source = models.ForeignKey(SubscriberImport, models.CASCADE, related_name="seen", db_index=False)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(name="address_is_seen_once", fields=["source", "digest"])]

    def __str__(self):
        return self.digest
