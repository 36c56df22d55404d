"""What the templates of the public pages may use. They are Jinja2; those of the desk are Django's, as its admin."""

from django.conf import settings
from django.template.defaultfilters import linebreaksbr, pluralize
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from articles import reading


def environment(**options) -> Environment:
    """Jinja2 for these pages; a word in a template that nobody gave it is an error."""
    # Django's backend asks for autoescape in its options.
    env = Environment(**{**options, "undefined": StrictUndefined, "keep_trailing_newline": True})  # noqa: S701
    env.globals.update(site_name=settings.SITE_NAME, site_url=settings.SITE_URL, picture_of=reading.picture_of)
    # As a filter of a constant an address is a constant too: it is looked up once, when the template is compiled.
    filters = (static, reading.clock, reading.machine, reading.kind, reading.rich)
    filters += (reading.foreign, reading.long, linebreaksbr, pluralize)
    env.filters["url"] = lambda name, *args: reverse(name, args=args)
    env.filters.update({function.__name__: function for function in filters})
    return env
