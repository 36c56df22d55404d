from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from .article import Article

MOST_TABS = 5


class UnsavedTextQuerySet(models.QuerySet):
    @transaction.atomic
    def keep(self, article: Article, user, tab: str, fields: dict[str, list[str]]) -> None:
        """Keep what this tab has typed; of an editor's tabs, those that were heard of last."""
        row, _ = self.select_for_update().get_or_create(article=article, user=user)
        row.tabs[tab] = {"at": timezone.now().isoformat(), "fields": fields}
        newest = sorted(row.tabs, key=lambda name: row.tabs[name]["at"])[-MOST_TABS:]
        row.tabs = {name: row.tabs[name] for name in newest}
        row.save()

    @transaction.atomic
    def forget(self, article: Article, user, tab: str) -> None:
        for row in self.select_for_update().filter(article=article, user=user):
            if row.tabs.pop(tab, None) is not None:
                row.save()


class UnsavedText(models.Model):
    """
    What one editor has typed into one story's page and not saved, sent by the browser every few seconds.

    It is no part of the story and of its history: it is offered back to that editor, and goes when they save.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="unsaved_texts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="unsaved_texts")
    tabs = models.JSONField(
        default=dict,
        help_text="By the browser's tab: when it was sent, and the fields of its page.",
    )
    sent_at = models.DateTimeField(auto_now=True)

    objects = UnsavedTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="unsaved_text_is_one_row_an_editor_and_story", fields=["article", "user"]),
        ]

    def __str__(self):
        return f"Unsaved text of {self.user} in “{self.article}”"
