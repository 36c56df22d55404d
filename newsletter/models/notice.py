from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

from .subscriber import Subscriber
from .subscription import Subscription

# A carrier has answered by then, or never will.
IN_DOUBT_AFTER = timedelta(minutes=5)


class NoticeQuerySet(models.QuerySet):
    def due(self, now):
        return self.filter(state=Notice.State.DUE, due_at__lte=now)

    def to_settle(self, now):
        """Those that a person has to decide about: they failed, or nobody knows whether they were taken."""
        is_in_doubt = models.Q(state=Notice.State.SENDING, sent_at__lt=now - IN_DOUBT_AFTER)
        return self.filter(models.Q(state=Notice.State.FAILED) | is_in_doubt)

    def sent_since(self, moment):
        """Those that were sent, or may have been, since then."""
        return self.filter(sent_at__gte=moment)


class Notice(models.Model):
    """A mail about one's own subscription, due or sent: the row is the truth, the task a bell."""

    class Kind(models.TextChoices):
        CONFIRM = "confirm", "Please confirm"
        KNOWN = "known", "Signed up already"
        WELCOME = "welcome", "Welcome"
        LINK = "link", "Your link"
        LEFT = "left", "Unsubscribed"

    class State(models.TextChoices):
        DUE = "due", "Due"
        SENDING = "sending", "In doubt"  # If it stays so: handed over to a server that never answered.
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Dropped by staff"

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="notices")
    subscription = models.ForeignKey(Subscription, models.CASCADE, null=True, related_name="notices")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.DUE)
    due_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, help_text="When it was handed over, or began to be.")
    tries = models.PositiveSmallIntegerField(default=0)
    said = models.CharField(max_length=200, blank=True, help_text="Why it failed; no address in it.")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        # At the desk only these are listed.
        verbose_name_plural = "mails that did not go out"
        constraints = [
            models.UniqueConstraint(
                name="one_notice_of_a_kind_waits",
                fields=["subscriber", "subscription", "kind"],
                condition=models.Q(state="due"),
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(name="notices_due", fields=["due_at"], condition=models.Q(state="due")),
            models.Index(
                name="notices_to_settle", fields=["-id"], condition=models.Q(state__in=["sending", "failed"])
            ),
            models.Index(name="notices_by_time", fields=["sent_at"]),
        ]

    def __str__(self):
        return self.get_kind_display()
