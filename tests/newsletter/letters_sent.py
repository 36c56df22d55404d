"""A letter of staff that is sent to readers, in this process."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from newsletter import digest, sending
from tests import make

READERS = ["anna@reader.example", "boris@reader.example", "vira@reader.example"]


def issue_to(*addresses, stories=(), **fields):
    """An issue of staff with these stories that is being sent to readers with these addresses."""
    letter = make.newsletter(topic=make.topic())
    for address in addresses:
        make.subscription(make.subscriber(address), newsletter=letter)
    issue = make.issue(letter, stories=stories, **fields)
    digest.start(issue, timezone.now() + timedelta(minutes=3))
    issue.refresh_from_db()
    return issue


def send(issue):
    sending.send(issue, float("inf"))
    sending.finish(issue)
    issue.refresh_from_db()


def send_and_close(issue):
    sending.send(issue, float("inf"))
    connection.close()


def states(issue):
    return list(issue.deliveries.order_by("pk").values_list("state", flat=True))
