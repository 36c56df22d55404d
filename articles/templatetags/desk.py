"""What the templates of the desk share with the public pages."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .. import reading

register = template.Library()
register.filter(reading.clock)
register.filter(reading.kind)


@register.filter
def grouped(count: int) -> str:
    """
    >>> grouped(12345)
    '12,345'
    """
    return f"{count:,}"


@register.simple_tag
def part(name: str, **takes) -> SafeString:
    """A part of the public pages, as readers see it."""
    return SafeString(render_to_string(f"articles/{name}", takes))


@register.simple_tag
def rows(parts, published_points) -> SafeString:
    """The rows of one kind of part, in a story's page."""
    takes = {"parts": parts, "published_points": published_points}
    return SafeString(render_to_string("desk/admin/articles/article/_parts.html", takes))
