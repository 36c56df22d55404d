"""
Whether letters go out to readers. That takes two keys: LIVE_MAIL=1, and a row that names this installation.

A copy of the database, be it a dump or of its very files, brings the row along. It names the database, the machine
and the secret key of the settings it was written with, and one of them is another where the copy runs.
"""

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from .models import LiveMail

MACHINE = Path("/etc/machine-id")
OUTBOX = "newsletter.outbox.EmailBackend"
_NAME = """
    SELECT system_identifier || ':' || (SELECT oid FROM pg_database WHERE datname = current_database())
    FROM pg_control_system()
"""


def is_on() -> bool:
    return settings.LIVE_MAIL and is_permitted()


def is_permitted() -> bool:
    """The second key by itself."""
    return LiveMail.objects.filter(database__in=_names()).exists()


def _names() -> list[str]:
    """Of this installation, under SECRET_KEY and under those that came before it."""
    what = f"{_database()} {_machine()}"
    return [
        salted_hmac("newsletter.live_mail", what, secret=key, algorithm="sha256").hexdigest()[:40]
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def _database() -> str:
    """What its server was called when it was made, and the database's number in it: no dump has them."""
    with connection.cursor() as cursor:
        cursor.execute(_NAME)
        return cursor.fetchone()[0]


def _machine() -> str:
    """What tells it from others (machine-id(5)); empty in most containers."""
    try:
        return MACHINE.read_text().strip()
    except OSError:
        return ""


def permit(by=None) -> None:
    LiveMail.objects.get_or_create(database=_names()[0], defaults={"by": by})


def forbid() -> None:
    LiveMail.objects.all().delete()


def backend() -> str:
    """By what letters are sent, as a path of Python's."""
    return settings.EMAIL_BACKEND if is_on() else OUTBOX


def to_do() -> list[str]:
    """What has to be done before letters go out; nothing if they do."""
    steps = {
        "Set LIVE_MAIL=1 where the site and its workers get their settings; start them anew.": settings.LIVE_MAIL,
        "Say “python manage.py live_mail on” on this installation.": is_permitted(),
        "Name the server that takes our mail in EMAIL_URL.": settings.EMAIL_BACKEND != OUTBOX,
    }
    return [step for step, is_done in steps.items() if not is_done]
