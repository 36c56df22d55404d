"""Tags for what surrounds every page."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def site_name():
    return settings.SITE_NAME


@register.simple_tag
def site_url():
    return settings.SITE_URL


@register.tag
def once(parser, token):
    """What stands inside is rendered one time in a process; nothing inside may depend on the page."""
    nodelist = parser.parse(["endonce"])
    parser.delete_first_token()
    return OnceNode(nodelist)


class OnceNode(template.Node):
    def __init__(self, nodelist):
        self.nodelist = nodelist
        self.rendered = None

    def render(self, context):
        if self.rendered is None:
            self.rendered = self.nodelist.render(context)
        return self.rendered
