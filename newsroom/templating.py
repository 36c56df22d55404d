"""What templates may use. Those of the public pages are Jinja2, those of the desk Django's, as its admin."""

from django.conf import settings
from django.forms.renderers import DjangoTemplates, Jinja2
from django.template.defaultfilters import linebreaksbr, pluralize
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from articles import reading


class FormRenderer(DjangoTemplates):
    """Django's own widgets have templates for Jinja2 too, which take a fraction of the time; the admin's do not."""

    jinja2 = Jinja2()

    def get_template(self, name):
        return (self.jinja2 if name.startswith("django/forms/") else super()).get_template(name)


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
