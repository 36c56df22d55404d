"""Whose requests are counted together, where one client may ask only so often."""

import ipaddress

from django.conf import settings


def network_of(peer: str, forwarded: str) -> str:
    """
    The network of a client: of IPv4 one address, of IPv6 the /64, as one client has all of it.

    `peer` is who holds the connection, `forwarded` the X-Forwarded-For of the request, whose last address our own
    proxy put there, if we have one.

    >>> network_of("192.0.2.1", "")
    '192.0.2.1/32'
    >>> network_of("2001:db8::1", "")
    '2001:db8::/64'
    >>> network_of("::ffff:192.0.2.1", "")
    '192.0.2.1/32'
    """
    address = peer
    if settings.BEHIND_TLS_PROXY:
        address = forwarded.rpartition(",")[2].strip() or peer
    try:
        client = ipaddress.ip_address(address)
        client = getattr(client, "ipv4_mapped", None) or client
        return str(ipaddress.ip_network((client, 32 if client.version == 4 else 64), strict=False))
    except ValueError:
        return address
