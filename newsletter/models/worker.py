from django.db import models
from django.db.models.functions import Now


class Worker(models.Model):
    """
    A process that has deliveries in hand, by the number of its advisory lock.

    The table is unlogged: PostgreSQL empties it after a crash, when it may have lost what it was told last. What
    somebody has in hand whom this table does not know is in doubt.
    """

    id = models.IntegerField(primary_key=True)
    since = models.DateTimeField(db_default=Now())

    def __str__(self):
        return f"Worker {self.pk}"
