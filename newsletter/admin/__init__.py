"""The desk of the letters: what is offered, who gets it, and who is taken in from files."""

from . import newsletter, notice, outbox, subscriber, subscriber_import

__all__ = ["newsletter", "notice", "outbox", "subscriber", "subscriber_import"]
