from django.db import models

from .issue import Issue


class Letter(models.Model):
    """
    One body of an issue, for all readers who had the same editions before. Its words are made of its stories'
    editions whenever they are needed, so nothing of one that is withheld is kept here.

    `had` names these: "12:4,17:0" is edition 4 of story 12, and nothing yet of story 17.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="letters")
    had = models.TextField(blank=True)
    language = models.CharField(max_length=35, help_text="BCP 47.")
    mended = models.PositiveSmallIntegerField(
        db_default=0, help_text="It took the place of one that was put right; how often."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="letter_is_written_once", fields=["issue", "had", "language", "mended"])
        ]

    def __str__(self):
        return f"Letter {self.pk} of {self.issue}"


class LetterStory(models.Model):
    """A story in a letter: the edition it tells of, and the one its readers had (NULL: none)."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="stories")
    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="+")
    edition = models.ForeignKey("articles.Revision", models.PROTECT, related_name="+")
    had = models.PositiveIntegerField(null=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(name="letter_tells_a_story_once", fields=["letter", "article"])]

    def __str__(self):
        return f"{self.edition} after {self.had or 'nothing'}"
