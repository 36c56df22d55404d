import re

from django.db import models

from .addresses import web_address
from .fields import LineField

_ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?(?P<page>[^\s#]*[^\s#/])/?(?:#.*)?", re.IGNORECASE)


class SourceQuerySet(models.QuerySet):
    def at(self, address: str):
        """At this address, or at one that leads to the same page: without www, a last slash, a fragment or TLS."""
        found = _ADDRESS.fullmatch(address.strip())
        if not found:
            return self.none()
        ways = [f"{scheme}://{www}{found['page']}" for scheme in ("https", "http") for www in ("", "www.")]
        return self.filter(url__in=[*ways, *(f"{way}/" for way in ways)])


class Source(models.Model):
    """Where something is known from; site-wide, used by a story through a `Citation`."""

    class Kind(models.TextChoices):
        WIRE = "wire", "News agency"
        OFFICIAL = "official", "Official"
        PARTY = "party", "Party to the event"
        EYEWITNESS = "eyewitness", "Eyewitness"
        DOCUMENT = "document", "Document"
        OWN = "own", "Own reporting"

    publisher = LineField(max_length=120)
    title = LineField(max_length=300, blank=True)
    url = models.URLField("address", max_length=1000, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.WIRE)
    language = models.CharField(max_length=35, default="en", help_text="A BCP 47 tag, as in en or uk.")
    published_on = models.DateField(null=True, blank=True)
    accessed_on = models.DateField(null=True, blank=True)
    archived_url = models.URLField("archived copy", max_length=1000, blank=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["publisher", "title"]
        constraints = [
            web_address("source_address_is_a_web_address"),
            web_address("source_archive_is_a_web_address", "archived_url"),
            models.UniqueConstraint(
                name="source_address_is_listed_once",
                fields=["url"],
                condition=~models.Q(url=""),
                violation_error_message="A source with this address exists already; choose that one.",
            ),
        ]

    def __str__(self):
        return f"{self.publisher}: {self.title}" if self.title else self.publisher
