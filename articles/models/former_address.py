from django.db import models

from .article import Article
from .topic import Topic


class FormerAddress(models.Model):
    """A slug that a story or topic had. Written by a trigger when a slug changes; never reused by another."""

    slug = models.CharField(max_length=80)
    article = models.ForeignKey(Article, models.CASCADE, null=True, related_name="former_addresses")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, related_name="former_addresses")
    left_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="former_address_is_of_a_story_or_a_topic",
                condition=models.Q(article=None) ^ models.Q(topic=None),
            ),
            models.UniqueConstraint(
                name="former_story_address_is_one_storys",
                fields=["slug"],
                condition=models.Q(topic=None),
            ),
            models.UniqueConstraint(
                name="former_topic_address_is_one_topics",
                fields=["slug"],
                condition=models.Q(article=None),
            ),
        ]

    def __str__(self):
        return self.slug
