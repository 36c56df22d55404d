"""
What readers type into our forms: kept at once, and looked at by the worker.

The page that keeps it does the same whatever we know of the address, so that its time tells nobody anything.
"""

import logging
import time
from contextlib import suppress

from django.db import transaction
from django_tasks import task

from . import notices, signing_up
from .models import MailRequest, Notice, Subscriber

# A sweep ends after so many seconds, so that a worker that is told to stop can.
LONGEST_SWEEP = 4

logger = logging.getLogger(__name__)


@transaction.atomic
def keep(address: str, **asked) -> None:
    """
    Have this looked at; `asked` are fields of a request, and without any it asks for one's link.

    `address` is as `addresses.normalised` gives it.
    """
    request = MailRequest.objects.create(address=address, **asked)
    work_on.enqueue(request.pk)


@task()
def work_on(request_id: int) -> None:
    _work_on(request_id)


def work_on_due() -> None:
    """Look at those whose task was lost."""
    until = time.monotonic() + LONGEST_SWEEP
    for request_id in MailRequest.objects.values_list("pk", flat=True)[:1_000]:
        if time.monotonic() > until:
            return
        _work_on(request_id)


def _work_on(request_id: int) -> None:
    try:
        with transaction.atomic():
            _answer(request_id)
    except Exception as error:
        # Its text could name the address. The sweep tries again.
        logger.error("Request %s could not be worked off (%s).", request_id, type(error).__name__)


def _answer(request_id: int) -> None:
    """With its row goes the request: it is answered once, or stays."""
    free = MailRequest.objects.select_for_update(skip_locked=True, of=["self"])
    request = free.select_related("newsletter", "article").filter(pk=request_id).first()
    if request is None:
        return
    request.delete()
    if request.newsletter or request.article:
        _sign_up(request)
    else:
        _send_link(request)


def _sign_up(request: MailRequest) -> None:
    # What readers cannot have any more they need no mail about.
    with suppress(signing_up.NotOffered):
        signing_up.ask(
            request.address,
            newsletter=request.newsletter,
            article=request.article,
            cadence=request.cadence,
            language=request.language,
            page=request.page,
            wording=request.wording,
            network=request.network,
            at=request.at,
        )


def _send_link(request: MailRequest) -> None:
    for subscriber in Subscriber.objects.at(request.address):
        notices.post(subscriber, Notice.Kind.LINK)
