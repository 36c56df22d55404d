"""Pages behind the links of our mails: for one person, kept by no cache, told to no search and no other site."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..emails import SAMPLE
from ..tokens import BadToken

# No site is told the address of the page, our own neither; where its form came from, an old browser still says.
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "strict-origin"}


def behind_a_link(view: Callable) -> Callable:
    """
    A view that raises `BadToken` for a link that does not work, whatever the reason: all get the same page,
    but for those who try out a mail.
    """

    @wraps(view)
    def answer(request: HttpRequest, **address) -> HttpResponse:
        try:
            response = view(request, **address)
        except BadToken:
            shown = {"is_sample": address.get("token") == SAMPLE}
            response = render(request, "newsletter/link_does_not_work.html", shown, status=404)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return answer
