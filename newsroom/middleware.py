"""
What stands before every view, where Django's own and the library's do more than an answer needs.

Readers are served without a session, a cookie or a name, and thousands of them at once.
"""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.utils.functional import cached_property

DESK = "/desk/"


class ContentSecurityPolicy(CSPMiddleware):
    """One that puts the policy of the settings into words once, not twice for every answer."""

    @cached_property
    def _usual(self) -> str:
        return build_policy()

    def process_response(self, request, response):
        if settings.DEBUG or any(name.startswith("_csp_") for name in vars(response)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._usual)
        return response


class AtTheDesk:
    """Middleware that is for those who log in; no other page can so much as ask who is there."""

    def __call__(self, request):
        return super().__call__(request) if request.path_info.startswith(DESK) else self.get_response(request)


class Sessions(AtTheDesk, SessionMiddleware):
    pass


class Authentication(AtTheDesk, AuthenticationMiddleware):
    pass


class Messages(AtTheDesk, MessageMiddleware):
    pass
