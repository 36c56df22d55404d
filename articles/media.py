"""
The renditions of photos, given out to whoever may see them: to readers what an edition they may read shows, to the
desk all.

That is asked for every request, so that the photo of a draft is not public yet and that of a story taken down no
more. A web server in front may give out the file itself, once we said yes.
"""

import hashlib

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from . import pages, renditions
from .models import Photo, Revision

# No longer than a minute and not "immutable": a photo that is taken down is gone everywhere within a minute.
CACHE_CONTROL = "public, max-age=60, stale-if-error=3600"


@require_safe
def rendition(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """One file of the public storage; the road lets only names of renditions through."""
    shown = renditions.file_of(name)
    if not Revision.objects.readable().showing(shown).exists():
        return _gone(shown)
    response = file(request, name, kind)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _gone(shown: str) -> HttpResponse:
    """410 for what readers were shown once. Raises 404 for all else."""
    if not Photo.objects.published().filter(pk=renditions.photo_of(shown)).exists():
        raise Http404("There is no such picture.")
    told = "This picture was taken down, with every edition that showed it."
    return HttpResponse(told, status=410, content_type="text/plain", headers={"Cache-Control": pages.CACHE_CONTROL})


def file(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """The rendition of this name, to whoever may see it; or the word to the web server in front to give it out."""
    if settings.MEDIA_FROM_NGINX:
        found = {"X-Accel-Redirect": settings.MEDIA_FROM_NGINX + name}
        return HttpResponse(content_type=renditions.CONTENT_TYPES[kind], headers=found)
    try:
        with default_storage.open(name) as stored:
            content = stored.read()
    except FileNotFoundError as error:
        raise Http404("There is no such picture.") from error
    response = HttpResponse(content, content_type=renditions.CONTENT_TYPES[kind])
    response.headers["ETag"] = f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return get_conditional_response(request, etag=response.headers["ETag"], response=response)
