from django.db import connection, models
from django.db.models.functions import Now

_COUNT = """
    INSERT INTO articles_tally (client, count, until) VALUES (%s, 1, %s)
    ON CONFLICT (client) DO UPDATE SET count = articles_tally.count + 1
    RETURNING count
"""


class TallyQuerySet(models.QuerySet):
    def count_one(self, client: str, until) -> int:
        """How many there are now with this one; exact, however many processes count at once."""
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [client, until])
            return cursor.fetchone()[0]

    def forget_past(self) -> None:
        self.filter(until__lt=Now()).delete()


class Tally(models.Model):
    """How many forms one client has sent for one purpose within the hour."""

    client = models.CharField(
        max_length=32, primary_key=True, help_text="A keyed hash, another one every hour; it leads to nobody."
    )
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self):
        return f"{self.count} until {self.until}"
