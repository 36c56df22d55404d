import calendar
import zoneinfo
from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from articles.models.addresses import SLUG, address, slug_field
from articles.models.fields import LineField, PlainTextField

# Words that stand where the slug of a letter could.
RESERVED = ("check-your-mail", "confirm", "follow", "form-token", "leave", "preferences", "your-link")


class Cadence(models.TextChoices):
    """How often a reader is written to."""

    EACH = "each", "Each development"
    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"


def every_cadence() -> list[str]:
    return list(Cadence.values)


def is_a_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a time zone; write one as Europe/Kyiv.")


class NewsletterQuerySet(models.QuerySet):
    def open(self):
        """Those that readers can sign up for."""
        return self.filter(is_open=True)

    def only_one(self) -> "Newsletter | None":
        """None if there are several, so that somebody has to choose."""
        found = [*self[:2]]
        return found[0] if len(found) == 1 else None


class Newsletter(models.Model):
    """A topic's letter, or the whole site's."""

    topic = models.ForeignKey(
        "articles.Topic",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="newsletters",
        help_text="Its sign-up box is on this topic’s pages. No topic: it is the whole site’s newsletter.",
    )
    slug = slug_field()
    title = LineField(
        max_length=80, help_text="The headline of the sign-up box, such as “Get the next Ukraine update”."
    )
    promise = PlainTextField(help_text="What readers will get, in a sentence or two. It stands under the title.")
    sender_name = LineField(max_length=80, blank=True, help_text="Left empty, it is the name of the site.")
    sender_address = models.EmailField(
        blank=True, help_text="Left empty, it is the address that all our mail comes from."
    )
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[is_a_zone],
        help_text="Decides when a day and a week begin, as Europe/Kyiv.",
    )
    send_time = models.TimeField(
        "digests go out at", default=time(7), help_text="Daily and weekly ones, by the time of this zone."
    )
    send_weekday = models.PositiveSmallIntegerField(
        "weekly ones on", default=0, choices=list(enumerate(calendar.day_name))
    )
    cadences = ArrayField(
        models.CharField(max_length=6, choices=Cadence.choices),
        default=every_cadence,
        help_text="What readers can choose from. Unless they choose, they get the first one ticked.",
    )
    is_open = models.BooleanField("takes sign-ups", default=True)
    saved_at = models.DateTimeField(auto_now=True)

    objects = NewsletterQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(
                name="topic_has_one_letter",
                fields=["topic"],
                nulls_distinct=False,
                violation_error_message="There is a newsletter for this already.",
            ),
            models.CheckConstraint(
                name="letter_slug_is_made_of_letters_digits_hyphens", condition=models.Q(slug__regex=SLUG)
            ),
            models.CheckConstraint(
                name="letter_slug_is_not_a_word_of_the_site",
                condition=~models.Q(slug__in=RESERVED),
                violation_error_message="The site uses this word for a page of its own; choose another address.",
            ),
            models.CheckConstraint(
                name="letter_offers_a_cadence",
                condition=models.Q(cadences__len__gt=0),
                violation_error_message="Offer at least one cadence.",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return address("newsletter:letter", self.slug)
