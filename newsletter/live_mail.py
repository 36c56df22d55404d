"""
Whether letters go out to readers. That takes two keys: LIVE_MAIL=1, and a row that names this very database.

A dump that is restored elsewhere brings the row along, and names another database with it.
"""

from django.conf import settings
from django.db import connection

from .models import LiveMail

_NAME = """
    SELECT system_identifier || ':' || (SELECT oid FROM pg_database WHERE datname = current_database())
    FROM pg_control_system()
"""


def is_on() -> bool:
    return settings.LIVE_MAIL and is_permitted()


def is_permitted() -> bool:
    """Whether this database may send; the other key aside."""
    return LiveMail.objects.filter(database=this_database()).exists()


def this_database() -> str:
    """The name its server was given when it was made, and the database's number in it: no dump has them."""
    with connection.cursor() as cursor:
        cursor.execute(_NAME)
        return cursor.fetchone()[0]


def permit(by=None) -> None:
    LiveMail.objects.get_or_create(database=this_database(), defaults={"by": by})


def forbid() -> None:
    LiveMail.objects.all().delete()
