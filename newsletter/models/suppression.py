from django.db import models
from django.db.models.functions import Now


class Suppression(models.Model):
    """
    An address that no file may bring back, known by a keyed hash alone (`keyed_hash.digest_of`).

    Who confirms anew is taken off the list; only a complaint stays.
    """

    class Reason(models.TextChoices):
        ERASED = "erased", "Asked to be erased"
        LEFT = "left", "Left every letter"
        BOUNCED = "bounced", "The address does not exist"
        COMPLAINED = "complained", "Complained of our mail"

    digest = models.CharField(max_length=64, primary_key=True)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    at = models.DateTimeField(db_default=Now())

    def __str__(self):
        return self.get_reason_display()
