"""What templates may use. Those of the public pages are Jinja2, those of the desk Django's, as its admin."""

import html
import re

from django.conf import settings
from django.forms.renderers import DjangoTemplates, Jinja2
from django.template.defaultfilters import capfirst, linebreaksbr, pluralize
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined
from jinja2.compiler import CodeGenerator
from jinja2.ext import Extension
from markupsafe import escape

from articles import reading
from newsletter import offers


class FormRenderer(DjangoTemplates):
    """Django's own widgets have templates for Jinja2 too, which take a fraction of the time; the admin's do not."""

    jinja2 = Jinja2()

    def get_template(self, name):
        return (self.jinja2 if name.startswith("django/forms/") else super()).get_template(name)


def escaped(value) -> str:
    """
    What `markupsafe.escape` gives, without an object around it to say that it is safe.

    >>> escaped("<b>"), escaped(escape("<b>")), escaped(5)
    ('&lt;b&gt;', Markup('&lt;b&gt;'), Markup('5'))
    """
    if type(value) is str:
        return html.escape(value)
    return value if isinstance(value, str) and hasattr(value, "__html__") else escape(value)


class _Code(CodeGenerator):
    def _output_child_pre(self, node, frame, finalize):
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")

    def visit_Block(self, node, frame):
        if node.scoped or node.required:
            super().visit_Block(node, frame)
        elif not (frame.toplevel and self.has_known_extends):
            # As one text; Jinja2 would hand on each piece of it through all templates that extend another.
            self.simple_write(f'"".join(context.blocks[{node.name!r}][0](context))', frame, node)


class Pages(Environment):
    """Jinja2, with values escaped by `escaped`: a story page has more than a hundred."""

    code_generator_class = _Code
    escaped = staticmethod(escaped)


class Pasted(Extension):
    """
    Puts what a template includes into it before it is compiled, as a reader's every include costs a context.

    Not where templates are reloaded: a change of what is included would go unnoticed.
    """

    def preprocess(self, source, name, filename=None):
        return source if self.environment.auto_reload else re.sub('{% include "(.+?)" %}', self._pasted, source)

    def _pasted(self, include: re.Match) -> str:
        source, *_ = self.environment.loader.get_source(self.environment, include[1])
        return f"{{% with %}}{self.preprocess(source, include[1])}{{% endwith %}}"


def environment(**options) -> Pages:
    """Jinja2 for these pages; a word in a template that nobody gave it is an error."""
    env = Pages(**{**options, "undefined": StrictUndefined, "keep_trailing_newline": True, "extensions": [Pasted]})
    env.globals.update(site_name=settings.SITE_NAME, site_url=settings.SITE_URL, picture_of=reading.picture_of)
    env.globals.update(postal_address=settings.POSTAL_ADDRESS)
    env.globals.update(offer_for=offers.offer_for, following=offers.following)
    # As a filter of a constant an address is a constant too: it is looked up once, when the template is compiled.
    filters = (static, reading.clock, reading.machine, reading.kind, reading.rich, reading.plain_text)
    filters += (reading.foreign, reading.long, capfirst, linebreaksbr, pluralize)
    env.filters["url"] = lambda name, *args: reverse(name, args=args)
    env.filters.update({function.__name__: function for function in filters})
    return env
