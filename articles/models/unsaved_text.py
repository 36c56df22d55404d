from django.conf import settings
from django.db import models

from .article import Article


class UnsavedText(models.Model):
    """
    What one editor has typed into one story's page and not saved, sent by the browser every few seconds.

    It is no part of the story and of its history: it is offered back to that editor, and goes when they save.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="unsaved_texts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="unsaved_texts")
    tabs = models.JSONField(
        default=dict,
        help_text="By the browser's tab: the desk's version it began with, when it was sent, its fields.",
    )
    sent_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="unsaved_text_is_one_row_an_editor_and_story", fields=["article", "user"]),
        ]

    def __str__(self):
        return f"Unsaved text of {self.user} in “{self.article}”"
