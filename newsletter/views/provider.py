"""Where the provider that carries our mail tells what became of it."""

import logging

from anymail import urls as anymail_urls
from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

logger = logging.getLogger(__name__)

_OF = "_tracking_webhook"
_VIEWS = {
    pattern.name.removesuffix(_OF): pattern.callback
    for pattern in anymail_urls.urlpatterns
    if pattern.name.endswith(_OF)
}


# It knows the secret, and signs what it sends if it is one that does; some ask by HEAD whether we are there.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def events(request: HttpRequest, provider: str) -> HttpResponse:
    view = _VIEWS.get(provider)
    if view is None or request.method == "GET" or not settings.ANYMAIL_WEBHOOK_SECRET:
        raise Http404
    try:
        return view(request)
    except AnymailWebhookValidationFailure:
        return HttpResponseForbidden("This is not known to be from the provider.\n", content_type="text/plain")
    except AnymailConfigurationError as error:
        # Such as the key that its events are signed with.
        logger.error("Events of %s are not taken: %s", provider, error)
        raise Http404 from error


roads = [path("events/<str:provider>/", events, name="events")]
