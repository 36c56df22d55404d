"""What is kept with a consent of where it came from: nothing, or half of a network address."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from articles.networks import network_of

_KEPT_BITS = {4: 24, 6: 48}


def kept_network(request: HttpRequest) -> str:
    """As 192.0.2.0/24 or 2001:db8::/48, if CONSENT_KEEPS_NETWORK is set."""
    if not settings.CONSENT_KEEPS_NETWORK:
        return ""
    network = network_of(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))
    try:
        known = ipaddress.ip_network(network)
    except ValueError:
        return ""
    return str(known.supernet(new_prefix=_KEPT_BITS[known.version]))
