from django.db import models

from .subscriber import Subscriber


class LastSent(models.Model):
    """The newest edition of a story that a subscriber was surely sent, by whichever letter."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="last_sent", db_index=False)
    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="story_is_last_sent_once", fields=["subscriber", "article"])]

    def __str__(self):
        return f"Edition {self.number} of story {self.article_id}"
