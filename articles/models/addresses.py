"""What a public address may be made of: slugs of topics and stories, and the words the site keeps for itself."""

import functools

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse

RESERVED = (
    "about", "api", "changes", "corrections", "desk", "feed", "feeds", "live", "media", "newsletters",
    "report-an-error", "revisions", "robots.txt", "search", "since", "sitemap.xml", "static",
)  # fmt: skip

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

is_slug = RegexValidator(
    SLUG,
    "Use small letters a to z, digits and single hyphens, as in drone-deal-italy.",
)


@functools.lru_cache(maxsize=4096)
def address(name: str, *args) -> str:
    """The path of a page. `reverse` is slow, and a page full of links asks for hundreds."""
    return reverse(name, args=args)


def slug_field(**options) -> models.CharField:
    return models.CharField(max_length=80, unique=True, validators=[is_slug], **options)


def slug_constraints(noun: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            name=f"{noun}_slug_is_made_of_letters_digits_hyphens",
            condition=models.Q(slug__regex=SLUG),
            violation_error_message=is_slug.message,
        ),
        models.CheckConstraint(
            name=f"{noun}_slug_is_not_a_word_of_the_site",
            condition=~models.Q(slug__in=RESERVED),
            violation_error_message="The site uses this word for a page of its own; choose another address.",
        ),
    ]


def web_address(name: str, field: str = "url") -> models.CheckConstraint:
    """A web address starts with http:// or https://, or is left out."""
    return models.CheckConstraint(
        name=name,
        condition=models.Q(**{field: ""}) | models.Q(**{f"{field}__regex": "^https?://"}),
        violation_error_message="A web address starts with https:// or http://.",
    )
