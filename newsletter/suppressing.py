"""The addresses that no file may bring back, of which we keep only what tells them again."""

from .keyed_hash import digest_of
from .models import Suppression


def suppress(address: str, reason: Suppression.Reason) -> None:
    """Put it on the list; a complaint stays a complaint."""
    digest = digest_of(address)
    kept, is_new = Suppression.objects.get_or_create(digest=digest, defaults={"reason": reason})
    if not is_new and kept.reason != Suppression.Reason.COMPLAINED:
        Suppression.objects.filter(digest=digest).update(reason=reason)


def release(address: str) -> None:
    """Take it off the list, as its owner confirmed anew; who complained stays on it."""
    Suppression.objects.filter(digest=digest_of(address)).exclude(reason=Suppression.Reason.COMPLAINED).delete()


def reason_of(address: str) -> str:
    """Why it is on the list; empty if it is not."""
    return Suppression.objects.filter(digest=digest_of(address)).values_list("reason", flat=True).first() or ""
