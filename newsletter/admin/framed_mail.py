"""A mail in a frame at the desk, as its reader sees it: it runs nothing and loads nothing."""

import re

from csp.constants import NONE, SELF
from csp.decorators import csp, csp_update
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

# Its links open a page of their own, outside of the frame.
_POLICY = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}

# Decorate the view that is in the frame, and the page that has it.
in_a_frame = method_decorator([require_safe, xframe_options_sameorigin, csp(_POLICY)])
with_a_frame = method_decorator(csp_update({"frame-src": [SELF]}))


def framed(html: str) -> HttpResponse:
    return HttpResponse(re.sub("<head[^>]*>", r'\g<0><base target="_blank">', html, count=1))
