"""The desk of the letters: what is offered, who gets it, and who is taken in from files."""

from . import issue, newsletter, notice, outbox, subscriber, subscriber_import

__all__ = ["issue", "newsletter", "notice", "outbox", "subscriber", "subscriber_import"]
