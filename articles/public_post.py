"""What anybody may send us without an account and without a cookie: from our own pages alone, and not too often."""

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from .models import Tally
from .networks import network_of

# In seconds: the window in which what one client sends is counted.
WINDOW = 3600


def public_post(view: Callable) -> Callable:
    """
    A view that takes a form from everybody.

    It is exempt from the CSRF cookie, as a public page sets none. Instead a browser has to say that the form came
    from our own page; a program that says nothing is let through, as it carries nobody's login.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, **address) -> HttpResponse:
        if request.method == "POST" and not _is_from_here(request):
            return uncached(render(request, "articles/sent_from_elsewhere.html", status=403))
        response = view(request, **address)
        return uncached(response) if request.method == "POST" else response

    return guarded


def uncached(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _is_from_here(request: HttpRequest) -> bool:
    """As the browser tells it: by Fetch Metadata, or an older one by the origin (RFC 6454)."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site:
        return site == "same-origin"
    return not origin or origin == f"{request.scheme}://{request.get_host()}"


def seconds_to_wait(request: HttpRequest, purpose: str, most: int) -> int:
    """
    Count one thing sent for this purpose; 0, or for how long nothing more is taken from this client.

    The client is known by a keyed hash that is another in every window, and its address is kept nowhere.
    """
    return seconds_to_wait_for(str(_network(request)), purpose, most)


def _network(request: HttpRequest):
    return network_of(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))


def seconds_to_wait_for(whom: str, purpose: str, most: int) -> int:
    """As `seconds_to_wait`, for anybody that a text names; an address of mail is kept nowhere either."""
    client, end = _client(whom, purpose)
    count = Tally.objects.count_one(client, datetime.fromtimestamp(end, UTC))
    return 0 if count <= most else end - int(time.time())


def seconds_to_ask_again(request: HttpRequest, purpose: str, most: int) -> int:
    """As `seconds_to_wait`, for who only looks: that writes nothing, so it is counted in the cache."""
    client, end = _client(str(_network(request)), purpose)
    try:
        count = 1 if cache.add(client, 1, 2 * WINDOW) else cache.incr(client)
    except ValueError:  # It was dropped from a full cache between the two.
        count = 1
    return 0 if count <= most else end - int(time.time())


def _client(whom: str, purpose: str) -> tuple[str, int]:
    """What one client is called in this window, and when that ends, in seconds since 1970."""
    window = int(time.time()) // WINDOW
    words = f"{purpose} {window} {whom}"
    client = hashlib.blake2b(words.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16).hexdigest()
    return client, (window + 1) * WINDOW


def forget_past() -> None:
    Tally.objects.forget_past()
