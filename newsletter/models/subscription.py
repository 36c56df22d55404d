import re
from datetime import datetime

from django.db import models
from django.db.models.functions import Now

from articles.models import Revision

from .newsletter import Cadence, Newsletter
from .subscriber import Subscriber
from .subscriber_import import SubscriberImport

_IS_ACTIVE = models.Q(confirmed_at__isnull=False, left_at=None)
_ASKED_AGAIN = models.Q(left_at__lt=models.F("asked_at"))
_IS_PENDING = models.Q(confirmed_at=None) | _ASKED_AGAIN
_HAS_LEFT = models.Q(left_at__gte=models.F("asked_at"))
# Every subscription is in exactly one of them.
_STATES = [("active", _IS_ACTIVE), ("pending", _IS_PENDING), ("left", _HAS_LEFT)]
_NAME = re.compile("(newsletter|article|follows)-([0-9]{1,18})-([0-9a-f]{64})")
_OF_LETTER = ["newsletter", "cadence", "-subscriber"]


class SubscriptionQuerySet(models.QuerySet):
    def active(self):
        return self.filter(_IS_ACTIVE)

    def pending(self):
        """Asked for and not confirmed yet, for the first time or again."""
        return self.filter(_IS_PENDING)

    def left(self):
        return self.filter(_HAS_LEFT)

    def wanting(self, cadence: str):
        return self.active().filter(cadence=cadence)

    def named(self, name: str):
        """
        The one that links call so, or none; see `Subscription.name_in_links`. The link of a letter that tells of
        stories is about every story its reader follows: `follows-0-<digest>`.
        """
        found = _NAME.fullmatch(name)
        if found is None:
            return self.none()
        subject, key, digest = found.groups()
        of = {"article__isnull": False} if subject == "follows" else {f"{subject}_id": key}
        return self.filter(**of, subscriber__digest=digest)

    def with_subject(self):
        """With the letter, or the story, its address, and the headline that readers have, if they have it."""
        public = Revision.objects.public().filter(article=models.OuterRef("article"))
        headline = models.Subquery(public.values("headline")[:1])
        return self.select_related("newsletter", "article__topic").annotate(headline=headline)

    def with_origin(self):
        """And the file it came by, if it came by one."""
        return self.with_subject().select_related("source")


class Subscription(models.Model):
    """What a subscriber gets: a letter, or what changes in one story. Confirmed for each by itself."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    newsletter = models.ForeignKey(Newsletter, models.PROTECT, null=True, related_name="subscriptions")
    article = models.ForeignKey("articles.Article", models.PROTECT, null=True, related_name="followers")
    cadence = models.CharField(max_length=6, choices=Cadence.choices, default=Cadence.DAILY)
    asked_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    source = models.ForeignKey(
        SubscriberImport,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="The file it came by, unless its owner has confirmed it here since.",
    )
    consented_on = models.DateField(null=True, help_text="As that file states it.")

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="subscription_is_to_a_letter_or_a_story",
                condition=models.Q(newsletter=None) ^ models.Q(article=None),
            ),
            models.CheckConstraint(
                name="who_left_had_confirmed",
                condition=models.Q(left_at=None) | models.Q(confirmed_at__isnull=False),
            ),
            models.UniqueConstraint(name="letter_is_subscribed_to_once", fields=["newsletter", "subscriber"]),
            models.UniqueConstraint(name="story_is_followed_once", fields=["article", "subscriber"]),
        ]
        indexes = [
            models.Index(
                name="active_subscriptions_of_letter", fields=["newsletter", "-subscriber"], condition=_IS_ACTIVE
            ),
            models.Index(
                name="subscriptions_to_confirm", fields=["asked_at"], condition=models.Q(confirmed_at=None)
            ),
            models.Index(name="subscriptions_left", fields=["left_at"], condition=models.Q(left_at__isnull=False)),
            # What `subscriber_list` walks along, newest subscriber first: a letter's, and everybody's.
            *(
                models.Index(name=f"{state}_of_letter_by_cadence", fields=_OF_LETTER, condition=condition)
                for state, condition in _STATES
            ),
            *(
                models.Index(name=f"{state}_by_cadence", fields=["cadence", "-subscriber"], condition=condition)
                for state, condition in _STATES
            ),
        ]

    # As readers have it, where `with_subject` asked for it; what stands in the working copy is not for this desk.
    headline: str | None = None

    def __str__(self):
        return str(self.newsletter or self.headline or "A story")

    @property
    def name_in_links(self) -> str:
        """Of what, and whose: another row for the same has the same name."""
        subject = f"newsletter-{self.newsletter_id}" if self.newsletter_id else f"article-{self.article_id}"
        return f"{subject}-{self.subscriber.digest}"

    @property
    def is_active(self) -> bool:
        return self.confirmed_at is not None and self.left_at is None

    @property
    def is_pending(self) -> bool:
        return self.confirmed_at is None or (self.left_at is not None and self.left_at < self.asked_at)

    @property
    def has_left(self) -> bool:
        return not (self.is_active or self.is_pending)

    @property
    def imported_at(self) -> datetime | None:
        """When it was taken in from a file, unless its owner has confirmed it here since."""
        return self.confirmed_at if self.source_id else None

    @property
    def confirmed_here_at(self) -> datetime | None:
        """When its owner pressed our button."""
        return None if self.source_id else self.confirmed_at

    @property
    def origin(self) -> str:
        """Where an imported consent was given, as staff have said it."""
        return f"Import {self.source_id}: {self.source.provenance}" if self.source_id else ""

    @property
    def state(self) -> str:
        """As the lists of staff call it."""
        return "active" if self.is_active else "pending" if self.is_pending else "left"
