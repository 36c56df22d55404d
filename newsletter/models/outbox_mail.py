from django.db import models
from django.db.models.functions import Now

from .subscriber import Subscriber


class OutboxMail(models.Model):
    """A mail that was not sent but kept to be looked at, while live mail is off; goes with its subscriber."""

    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, null=True, related_name="mails", help_text="NULL: it is no mail of the letters."
    )
    to = models.CharField(max_length=320)
    subject = models.TextField()
    raw = models.BinaryField(help_text="The whole message (RFC 5322).")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return self.subject
