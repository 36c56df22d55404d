"""The outbox at the desk: where mail goes that is not to leave."""

from datetime import timedelta

from django.core.mail.backends.base import BaseEmailBackend

from .models import OutboxMail

KEPT_FOR = timedelta(days=7)


class EmailBackend(BaseEmailBackend):
    """Keeps every mail as a row, and sends none."""

    def send_messages(self, messages):
        return len(OutboxMail.objects.bulk_create(map(_kept, messages)))


def _kept(message) -> OutboxMail:
    longest = OutboxMail._meta.get_field("to").max_length
    return OutboxMail(
        # Of the letters' mails alone: such a row goes with them, and cannot come once they are erased.
        subscriber=getattr(message, "subscriber", None),
        to=", ".join(message.recipients())[:longest],
        subject=str(message.subject),
        raw=message.message().as_bytes(linesep="\r\n"),
    )
