"""The renditions of photos, given out by the site itself wherever no web server in front does."""

import hashlib

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from .renditions import CONTENT_TYPES

# No longer than a minute and not "immutable": a photo that is taken down is gone everywhere within a minute.
CACHE_CONTROL = "public, max-age=60, stale-if-error=3600"


@require_safe
def rendition(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """One file of the public storage; the road lets only names of renditions through."""
    try:
        with default_storage.open(name) as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404("There is no such picture.") from error
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    response.headers["ETag"] = f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return get_conditional_response(request, etag=response.headers["ETag"], response=response)
