"""The second key of live mail, turned by whoever runs the installation."""

from django.conf import settings
from django.core.management import BaseCommand

from newsletter import live_mail


class Command(BaseCommand):
    help = "Let letters go out to readers from this database, forbid it, or say how it stands."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["on", "off", "status"])

    def handle(self, *, what, **options):
        if what == "on":
            live_mail.permit()
        elif what == "off":
            live_mail.forbid()
        self.stdout.write(_status())


def _status() -> str:
    steps = live_mail.to_do()
    if not steps:
        return f"Live mail is on: letters go out to readers, by {settings.EMAIL_BACKEND}."
    return "\n  - ".join(["Live mail is off: letters stay in the outbox at the desk. To send them:", *steps])
