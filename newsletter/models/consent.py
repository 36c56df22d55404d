from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from articles.models.fields import PlainTextField

from .newsletter import Newsletter
from .subscriber import Subscriber
from .wording import Wording


class Consent(models.Model):
    """
    One thing a subscriber said, or that was said for them: asked, confirmed, imported, left; or chose since.

    Only added to. A trigger refuses every UPDATE, and DELETE but by `erasing.erase`.
    """

    class Act(models.TextChoices):
        ASKED = "asked", "Asked"
        CONFIRMED = "confirmed", "Confirmed"
        IMPORTED = "imported", "Imported"
        LEFT = "left", "Unsubscribed"
        CADENCE = "cadence", "Chose how often"
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Resumed"
        LANGUAGE = "language", "Chose a language"

    class Method(models.TextChoices):
        FORM = "form", "Form on a page"
        LINK = "link", "Button behind a mailed link"
        ONE_CLICK = "one-click", "One click in the mail program (RFC 8058)"
        STAFF = "staff", "Letters staff"
        FILE = "import", "Imported file"
        PROVIDER = "provider", "Mail provider"
        MAIL = "mail", "Mail to the address that ends it"

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="consents")
    newsletter = models.ForeignKey(Newsletter, models.PROTECT, null=True, related_name="consents")
    article = models.ForeignKey("articles.Article", models.PROTECT, null=True, related_name="follow_consents")
    act = models.CharField(max_length=9, choices=Act.choices)
    method = models.CharField(max_length=9, choices=Method.choices)
    wording = models.ForeignKey(Wording, models.PROTECT, null=True, related_name="consents")
    page = models.CharField(max_length=300, blank=True, help_text="The path of the page with the form.")
    network = models.CharField(
        max_length=50, blank=True, help_text="The truncated address, if CONSENT_KEEPS_NETWORK is set."
    )
    reason = PlainTextField(
        blank=True, help_text="Why they left, where an imported consent was given, or what they chose."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            # A pause and a language are of everything one gets.
            models.CheckConstraint(
                name="consent_is_to_a_letter_or_a_story",
                condition=models.Q(newsletter=None) ^ models.Q(article=None)
                | models.Q(newsletter=None, article=None, act__in=["paused", "resumed", "language"]),
            ),
        ]
        indexes = [models.Index(name="consents_of_letter_by_time", fields=["newsletter", "act", "at"])]

    def __str__(self):
        return f"{self.get_act_display()} {self.newsletter or self.article or ''}".strip()
