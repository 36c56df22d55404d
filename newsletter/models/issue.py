from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from articles.models.addresses import address
from articles.models.fields import LineField, PlainTextField, RichTextField

from .newsletter import Cadence, Newsletter


class IssueQuerySet(models.QuerySet):
    def sending(self):
        return self.filter(state=Issue.State.SENDING)

    def due(self, now):
        """Scheduled ones whose time has come."""
        return self.filter(state=Issue.State.SCHEDULED, send_at__lte=now)

    def archived(self):
        """
        Those that everybody may read on the web, newest first: what staff wrote and sent. Its first readers follow
        the link in it while it is still being sent to the others.
        """
        gone_out = [Issue.State.SENDING, Issue.State.PAUSED, Issue.State.SENT]
        found = self.filter(made=Issue.Made.STAFF, state__in=gone_out, started_at__isnull=False)
        return found.order_by("-started_at", "-pk")


class Issue(models.Model):
    """
    One sending, to each of its readers once: what staff wrote, what a digest found, or what a correction mends.

    A letter's own, or without one: to those who follow stories, or who got what was wrong.
    """

    class Made(models.TextChoices):
        STAFF = "staff", "Written by staff"
        DIGEST = "digest", "Digest"
        CORRECTION = "correction", "Correction"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Being sent"
        PAUSED = "paused", "Paused"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"

    newsletter = models.ForeignKey(Newsletter, models.PROTECT, null=True, related_name="issues")
    made = models.CharField(max_length=10, choices=Made.choices, default=Made.STAFF)
    cadence = models.CharField(max_length=6, choices=Cadence.choices, blank=True, help_text="Of a digest.")
    until = models.DateTimeField(null=True, help_text="A digest tells what was published by then.")
    correction = models.OneToOneField(
        "articles.Correction", models.PROTECT, null=True, related_name="issue", help_text="It is told once."
    )
    subject = LineField(max_length=150, blank=True)
    preheader = LineField(
        max_length=150, blank=True, help_text="Mail programs show it behind the subject, before the mail is opened."
    )
    intro = RichTextField(blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    send_at = models.DateTimeField(null=True, blank=True)
    not_after = models.DateTimeField(
        null=True, blank=True, help_text="What is not sent by then is not sent at all."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    candidates = models.PositiveIntegerField(default=0, help_text="Whom it was to reach when it started.")
    said = PlainTextField(blank=True, help_text="Why it was paused or cancelled.")
    saved_at = models.DateTimeField(auto_now=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        # What the desk calls it. The bodies of one, by what their readers had, are the `Letter`s of this package.
        verbose_name = "letter"
        constraints = [
            models.UniqueConstraint(
                name="digest_is_made_once_for_a_time",
                fields=["newsletter", "cadence", "until"],
                condition=models.Q(made="digest"),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="issue_is_of_one_make",
                condition=models.Q(made="staff", newsletter__isnull=False, until=None, correction=None)
                | models.Q(made="digest", until__isnull=False, correction=None) & ~models.Q(cadence="")
                | models.Q(made="correction", newsletter=None, until=None, correction__isnull=False),
            ),
            models.CheckConstraint(
                name="scheduled_issue_has_a_time",
                condition=~models.Q(state="scheduled") | models.Q(send_at__isnull=False),
            ),
            models.CheckConstraint(
                name="sent_issue_has_finished",
                condition=~models.Q(state__in=["sent", "cancelled"]) | models.Q(finished_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="issues_under_way", fields=["id"], condition=models.Q(state="sending")),
            models.Index(name="issues_scheduled", fields=["send_at"], condition=models.Q(state="scheduled")),
        ]
        permissions = [("send_issue", "Can send issues"), ("send_correction", "Can mail a correction")]

    def __str__(self):
        return self.subject or f"{self.get_made_display()} {self.pk}"

    @property
    def web_address(self) -> str:
        """Of its page in the archive of the letter; empty for what was made for those who had the same before."""
        is_for_all = self.made == self.Made.STAFF and self.pk
        return address("newsletter:issue", self.newsletter.slug, self.pk) if is_for_all else ""

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.SENT, self.State.CANCELLED)


class IssueStory(models.Model):
    """A story that staff put into an issue, and its place there."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="stories")
    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="story_is_in_an_issue_once", fields=["issue", "article"]),
            models.UniqueConstraint(
                name="issue_has_one_story_at_a_place",
                fields=["issue", "position"],
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self):
        return f"{self.position}. {self.article}"
