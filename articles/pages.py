"""A page that depends on editions and on the frame around them, and on nothing else."""

import hashlib
import time
from collections.abc import Callable
from functools import wraps

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from . import frame

# A takedown holds everywhere within s-maxage + stale-while-revalidate seconds; readers' own browsers always ask.
CACHE_CONTROL = "public, max-age=0, s-maxage=10, stale-while-revalidate=20, stale-if-error=3600"
KEPT_FOR = 24 * 3600
# In seconds: how long one who renders a page keeps others from it, and how long and how often each of them looks.
RENDERED_WITHIN, WAITS_FOR, LOOKS_EVERY = 1, 0.2, 0.01
# In seconds: how long after publishing this process may still answer with the edition before; of how many stories.
HELD_FOR, MOST_HELD = 1, 500

_held: dict[str, tuple[float, str, str, bytes]] = {}


def held(view: Callable) -> Callable:
    """
    A view that answers for a moment with what it answered last, and asks nobody whether that still stands.

    For the page that everybody reads: most of its cost is the question which edition is the newest.
    """

    @wraps(view)
    def answer(request: HttpRequest, **address: str) -> HttpResponse:
        if request.META.get("QUERY_STRING"):
            return view(request, **address)
        until, *answered = _held.get(request.path, (0,))
        if time.monotonic() < until:
            return _respond(request, *answered)
        response = view(request, **address)
        if response.status_code == 200:
            if len(_held) >= MOST_HELD:
                _held.clear()
            answered = response.headers["ETag"], response.headers["Content-Type"], response.content
            _held[request.path] = time.monotonic() + HELD_FOR, *answered
        return response

    return answer


def page(
    request: HttpRequest,
    editions: str,
    render: Callable[[], str],
    *,
    content_type: str = "text/html; charset=utf-8",
) -> HttpResponse:
    """
    The page at this address as `render` makes it from `editions`, any text that names all it depends on.

    A reader who has it gets 304 before anything is rendered; it is rendered once for one state of the editions
    and the frame, and then kept in the cache.
    """
    name = _name_of(request.path, editions)
    etag = f'W/"{name}"'

    def body() -> bytes:
        kept = cache.get(name) or _rendered_by_another(name)
        if kept is None:
            kept = render().encode()
            cache.set(name, kept, KEPT_FOR)
        return kept

    return _respond(request, etag, content_type, body)


def _rendered_by_another(name: str) -> bytes | None:
    """The page that somebody else is rendering just now; None if nobody is, or it takes them too long."""
    kept, give_up_at = None, time.monotonic() + WAITS_FOR
    if not cache.add(f"{name}:busy", True, RENDERED_WITHIN):
        while kept is None and time.monotonic() < give_up_at:
            time.sleep(LOOKS_EVERY)
            kept = cache.get(name)
    return kept


def _respond(request: HttpRequest, etag: str, content_type: str, body: bytes | Callable[[], bytes]) -> HttpResponse:
    """The page, or 304 to who has it; `body` is not called for without need."""
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(body() if callable(body) else body, content_type=content_type)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _name_of(*parts: str) -> str:
    named = " ".join([*parts, frame.version()])
    return hashlib.blake2b(named.encode(), digest_size=16).hexdigest()
