from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .article import Article
from .correction import Correction
from .fields import PlainTextField


class ErrorReportQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=ErrorReport.State.WAITING)

    def to_be_mailed(self):
        """Those that were dealt with, and whose reader wants an answer and has none yet."""
        return self.exclude(state=ErrorReport.State.WAITING).exclude(address="")


class ErrorReport(models.Model):
    """What a reader holds to be wrong in a story, and what became of it at the desk."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ANSWERED = "answered", "Answered"
        DISMISSED = "dismissed", "Dismissed"
        CORRECTED = "corrected", "Corrected"

    article = models.ForeignKey(Article, models.CASCADE, related_name="error_reports")
    edition = models.PositiveIntegerField(help_text="The number of the edition the reader saw.")
    text = PlainTextField("what is wrong")
    address = models.EmailField(
        "e-mail address",
        blank=True,
        help_text="Only if the reader wants an answer; forgotten when it is dealt with.",
    )
    reported_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    answer = PlainTextField(blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="handled_reports"
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    correction = models.ForeignKey(Correction, models.PROTECT, null=True, blank=True, related_name="error_reports")

    objects = ErrorReportQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at"]
        constraints = [
            models.CheckConstraint(
                name="error_report_is_corrected_by_a_correction",
                condition=models.Q(state="corrected") ^ models.Q(correction=None),
            ),
            models.CheckConstraint(
                name="error_report_waits_or_was_handled",
                condition=models.Q(state="waiting") ^ models.Q(handled_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"Report on edition {self.edition} of “{self.article}”"
