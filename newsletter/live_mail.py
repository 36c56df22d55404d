"""
Whether letters go out to readers. That takes two keys: LIVE_MAIL=1, and a row that names this very database.

A dump that is restored elsewhere brings the row along, and it names another database then.
"""

from django.conf import settings
from django.db import connection

from .models import LiveMail

OUTBOX = "newsletter.outbox.EmailBackend"
_NAME = """
    SELECT system_identifier || ':' || (SELECT oid FROM pg_database WHERE datname = current_database())
    FROM pg_control_system()
"""


def is_on() -> bool:
    return settings.LIVE_MAIL and is_permitted()


def is_permitted() -> bool:
    """The second key by itself."""
    return LiveMail.objects.filter(database=this_database()).exists()


def this_database() -> str:
    """What its server was called when it was made, and the database's number in it: no dump has them."""
    with connection.cursor() as cursor:
        cursor.execute(_NAME)
        return cursor.fetchone()[0]


def permit(by=None) -> None:
    LiveMail.objects.get_or_create(database=this_database(), defaults={"by": by})


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
