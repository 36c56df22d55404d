from django.db import models
from django.db.models.functions import Now


class SpentToken(models.Model):
    """A form token that was used; forgotten when it would be too old anyway."""

    token = models.CharField(max_length=43, primary_key=True)
    spent_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self):
        return self.token
