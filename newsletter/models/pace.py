from django.db import models
from django.db.models.functions import Now


class Pace(models.Model):
    """When the next mail may go, for all that send; one row, used while MAILS_PER_SECOND is set."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(name="pace_is_one", condition=models.Q(id=1))]

    def __str__(self):
        return str(self.next_at)
