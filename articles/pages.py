"""A page that depends on editions and on the frame around them, and on nothing else."""

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from . import frame

# A takedown holds everywhere within s-maxage + stale-while-revalidate seconds; readers' own browsers always ask.
CACHE_CONTROL = "public, max-age=0, s-maxage=10, stale-while-revalidate=20, stale-if-error=3600"
KEPT_FOR = 24 * 3600


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
    named = f"{request.path} {editions} {frame.version()}"
    name = hashlib.blake2b(named.encode(), digest_size=16).hexdigest()
    etag = f'W/"{name}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        body = cache.get(name)
        if body is None:
            body = render().encode()
            cache.set(name, body, KEPT_FOR)
        response = HttpResponse(body, content_type=content_type)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response
