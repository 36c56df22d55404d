"""Mail that came back, complaints, and mail that asks to leave: read by whoever takes mail for LETTERS_MAILBOX."""

import sys
from collections import Counter

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from newsletter import mailboxes, returns
from newsletter.returned_mail import LONGEST


class Command(BaseCommand):
    help = "Read one mail from a pipe, or all that is unread in the mailbox of LETTERS_RETURNS."

    def add_arguments(self, parser):
        parser.add_argument("where", choices=["pipe", "mailbox"])

    def handle(self, *, where, **options):
        if where == "pipe":
            self.stdout.write(f"The mail {returns.take(_piped())}.")
        else:
            self.stdout.write(_worked_off())


def _piped() -> bytes:
    """All of it is taken, or the mail server would hold that something went wrong."""
    raw = sys.stdin.buffer.read(LONGEST)
    while sys.stdin.buffer.read(LONGEST):
        pass
    return raw


def _worked_off() -> str:
    if not settings.LETTERS_RETURNS:
        raise CommandError("Set LETTERS_RETURNS to the mailbox: imaps://user:password@host/INBOX, or a path.")
    counted = Counter()

    def take(raw: bytes) -> bool:
        taken = returns.take(raw)
        counted[taken] += 1
        return taken.is_done

    try:
        mailboxes.work_off(settings.LETTERS_RETURNS, take, LONGEST)
    except mailboxes.NoMailbox as error:
        raise CommandError(str(error)) from error
    return "\n".join(f"{count} {taken}." for taken, count in sorted(counted.items())) or "Nothing new."
