from django.db import models
from django.db.models.functions import Now

from .issue import Issue
from .letter import Letter
from .subscriber import Subscriber
from .subscription import Subscription


class DeliveryQuerySet(models.QuerySet):
    def queued(self):
        return self.filter(state=Delivery.State.QUEUED)

    def due(self, now):
        return self.queued().filter(due_at__lte=now)

    def handed_over(self):
        """What was given to a server, whatever it said; newest first."""
        return self.filter(sent_at__isnull=False).order_by("-sent_at")

    def got(self):
        """What was sent, or was perhaps."""
        return self.filter(state__in=Delivery.GOT)

    def lock(self):
        """
        Until the transaction ends; always before their subscriber is locked. Whoever puts a mail on record has it
        when it asks for its reader, so the other way round each could wait for the other.
        """
        list(self.select_for_update(no_key=True).order_by("-pk").values_list("pk"))


class Delivery(models.Model):
    """
    One issue to one subscriber. `sending` is committed before the mail is handed over, and `sent` after it.

    Whoever is erased leaves the row, so that the sums of the issue stay right, and nothing of themselves in it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        EXCLUDED = "excluded", "Not sent"
        IN_DOUBT = "in doubt", "In doubt"

    GOT = [State.SENT, State.IN_DOUBT]

    class Reason(models.TextChoices):
        """Why it was not sent."""

        PAUSED = "paused", "Pausing their letters"
        LEFT = "left", "Left before it was sent"
        SUPPRESSED = "suppressed", "On the suppression list"
        ENOUGH = "enough", "Had their day’s most"
        ERASED = "erased", "Erased"
        LATE = "late", "Not sent in time"
        CANCELLED = "cancelled", "The issue was cancelled"
        TAKEN_BACK = "taken back", "What it told was taken back"
        REFUSED = "refused", "Refused by their mail server"
        UNWRITTEN = "unwritten", "Could not be written"

    class Bounce(models.TextChoices):
        """From the least; what is told later makes it no less."""

        SOFT = "soft", "Came back for now"
        HARD = "hard", "Came back for good"
        COMPLAINT = "complaint", "Complained of"

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="deliveries", db_index=False)
    subscriber = models.ForeignKey(
        Subscriber, models.SET_NULL, null=True, related_name="deliveries", db_index=False
    )
    subscription = models.ForeignKey(Subscription, models.SET_NULL, null=True, related_name="deliveries")
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    said = models.CharField(max_length=200, blank=True, help_text="What the server said, without an address.")
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now(), help_text="Not tried before.")
    worker = models.IntegerField(null=True, help_text="Which worker has it in hand.")
    sent_at = models.DateTimeField(null=True, help_text="When it was handed over, or perhaps was.")
    bounce = models.CharField(max_length=9, choices=Bounce.choices, blank=True)
    left_at = models.DateTimeField(null=True, help_text="When its reader left by its link.")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(name="issue_goes_to_a_subscriber_once", fields=["issue", "subscriber"]),
            models.CheckConstraint(
                name="delivery_not_sent_says_why",
                condition=models.Q(state="excluded") & ~models.Q(reason="") | ~models.Q(state="excluded"),
            ),
        ]
        indexes = [
            models.Index(
                name="deliveries_waiting", fields=["issue", "id"], condition=models.Q(state="queued", worker=None)
            ),
            models.Index(name="deliveries_in_hand", fields=["worker"], condition=models.Q(worker__isnull=False)),
            models.Index(name="deliveries_by_state", fields=["issue", "state"]),
            models.Index(name="deliveries_by_time", fields=["subscriber", "sent_at"]),
        ]

    def __str__(self):
        return f"{self.issue} to {self.subscriber or 'somebody erased'}"
