from django.db import models
from django.db.models.functions import Now


class OutboxMail(models.Model):
    """A mail that was not sent but kept to be looked at, while live mail is off."""

    to = models.CharField(max_length=320)
    subject = models.TextField()
    raw = models.BinaryField(help_text="The whole message (RFC 5322).")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return self.subject
