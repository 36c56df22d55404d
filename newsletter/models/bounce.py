from django.db import models

from .delivery import Delivery
from .subscriber import Subscriber


class Bounce(models.Model):
    """That a mail to somebody came back, or was complained of; each time once, however often we are told."""

    key = models.CharField(max_length=64, primary_key=True, help_text="A hash of what tells it from all others.")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="bounces", db_index=False)
    kind = models.CharField(max_length=9, choices=Delivery.Bounce.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(name="bounces_by_time", fields=["subscriber", "at"]),
            models.Index(name="bounces_to_forget", fields=["at"]),
        ]

    def __str__(self):
        return self.get_kind_display()
