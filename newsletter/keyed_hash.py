"""What tells an address again without naming it."""

import hashlib
import hmac

from django.conf import settings


def digest_of(address: str) -> str:
    """HMAC-SHA256 under SUPPRESSION_KEY, in hexadecimal, of the address in small letters."""
    return hmac.new(settings.SUPPRESSION_KEY.encode(), address.lower().encode(), hashlib.sha256).hexdigest()
