from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.functional import cached_property

from articles.models import Revision
from articles.models.addresses import address
from articles.models.fields import LineField, PlainTextField, RichTextField

from ..subjects import of_headlines
from .newsletter import Cadence, Newsletter


class IssueQuerySet(models.QuerySet):
    def sending(self):
        return self.filter(state=Issue.State.SENDING)

    def due(self, now):
        """Scheduled ones whose time has come."""
        return self.filter(state=Issue.State.SCHEDULED, send_at__lte=now)

    def ending(self, now):
        """What is being sent, or is paused and too late by now."""
        return self.sending() | self.filter(state=Issue.State.PAUSED, not_after__lte=now)

    def archived(self):
        """
        Those that everybody may read on the web, newest first: what staff wrote and sent. Its first readers follow
        the link in it while it is still being sent to the others.
        """
        found = self.filter(made=Issue.Made.STAFF, state__in=Issue.GONE_OUT, started_at__isnull=False)
        return found.order_by("-started_at", "-pk")

    def with_time(self):
        """With the time that says most of each, `at`: when it ended, began or is to go out; of a draft its save."""
        return self.annotate(at=Coalesce("finished_at", "started_at", "send_at", "saved_at"))

    def headlines(self) -> dict[int, list[str]]:
        """Of the stories that readers may have, by issue: as it told them or, before it began, as they stand."""
        public, found = Revision.objects.public(), {}
        told = self.filter(
            letters__stories__article__desk__base_edition__in=public,
            letters__stories__edition__in=Revision.objects.with_words(),
        ).values_list("pk", "letters__stories__article", "letters__stories__edition__headline")
        chosen = self.filter(started_at=None, stories__article__desk__base_edition__in=public).values_list(
            "pk", "stories__article", "stories__article__desk__base_edition__headline"
        )
        rows = [
            *told.annotate(place=models.Min("letters__stories__position")).order_by("place"),
            *chosen.annotate(place=models.F("stories__position")).order_by("place"),
        ]
        for issue, _, headline, _ in rows:
            found.setdefault(issue, []).append(headline)
        return found

    def named(self, issues: Iterable["Issue"]) -> list["Issue"]:
        """These, the names of all found at once."""
        issues = [*issues]
        headlines = self.filter(pk__in=[issue.pk for issue in issues if issue.is_named_by_stories]).headlines()
        for issue in issues:
            issue.headlines = headlines.get(issue.pk, [])
        return issues


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

    GONE_OUT = [State.SENDING, State.PAUSED, State.SENT]

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
    failures = models.PositiveSmallIntegerField(default=0, help_text="Mails in a row that were not taken.")
    is_in_outbox = models.BooleanField(
        default=False, db_default=False, help_text="Live mail was off as it was sent."
    )
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
        return self.name

    @property
    def name(self) -> str:
        """The same at the desk, on the web and, if staff wrote it, as the subject of its mails."""
        if self.made == self.Made.DIGEST:
            return f"{self.get_cadence_display()}, up to {timezone.localtime(self.until):%-d %B %Y, %H:%M}"
        if self.made == self.Made.CORRECTION:
            return f"Correction: {self.correction.article.desk.base_edition.headline}"
        return self.subject or (of_headlines(self.headlines) if self.headlines else self.newsletter.title)

    @property
    def is_named_by_stories(self) -> bool:
        return self.made == self.Made.STAFF and not self.subject

    @cached_property
    def headlines(self) -> list[str]:
        return Issue.objects.filter(pk=self.pk).headlines().get(self.pk, [])

    @property
    def audience(self) -> str:
        """Whom it is for, in words."""
        if self.newsletter:
            return self.newsletter.title
        is_correction = self.made == self.Made.CORRECTION
        return "Those who were mailed the error" if is_correction else "Those who follow stories"

    @property
    def web_address(self) -> str:
        """Of its page in the archive of the letter; empty for what was made for those who had the same before."""
        is_for_all = self.made == self.Made.STAFF and self.pk
        return address("newsletter:issue", self.newsletter.slug, self.pk) if is_for_all else ""

    @property
    def is_archived(self) -> bool:
        """Whether its page on the web is there; see `IssueQuerySet.archived`."""
        return self.made == self.Made.STAFF and self.state in self.GONE_OUT and self.started_at is not None

    @property
    def standing(self) -> str:
        """Its state in words, which call nothing sent that has left nobody."""
        is_kept = self.state == self.State.SENT and self.is_in_outbox
        return "Sent to the outbox" if is_kept else self.get_state_display()

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
