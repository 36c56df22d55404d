"""
What readers type into our forms: kept at once, and looked at by the worker.

The page that keeps it does the same whatever we know of the address, so that its time tells nobody anything.
"""

import logging
import time
from contextlib import suppress

from django.db import transaction
from django.db.models.functions import Now
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
    """Look at those whose task was lost, or that failed and have waited."""
    until = time.monotonic() + LONGEST_SWEEP
    for request_id in MailRequest.objects.due().values_list("pk", flat=True)[:1_000]:
        if time.monotonic() > until:
            return
        _work_on(request_id)


def try_again() -> list[MailRequest]:
    """Those that failed are due at once, as if for the first time. They stay what they were asked for."""
    failing = list(MailRequest.objects.failing())
    keys = [request.pk for request in failing]
    MailRequest.objects.failing().filter(pk__in=keys).update(due_at=Now(), tries=0, said="")
    return failing


def _work_on(request_id: int) -> None:
    failed = ""
    try:
        with transaction.atomic():
            _answer(request_id)
    except Exception as error:
        failed = type(error).__name__  # Its text could name the address, and so could what is raised in here.
    if failed:
        logger.error("Request %s could not be worked off (%s).", request_id, failed)
        _put_off(request_id, failed)


@transaction.atomic
def _put_off(request_id: int, failed: str) -> None:
    """To a later try, as a mail; after the last it stays for staff, until it is too old to be answered."""
    request = MailRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        return
    request.tries, request.said = request.tries + 1, failed
    is_last = request.tries > len(notices.WAITS)
    request.due_at = None if is_last else Now() + notices.WAITS[request.tries - 1]
    request.save(update_fields=["tries", "said", "due_at"])


def _answer(request_id: int) -> None:
    """With its row goes the request: it is answered once, or stays."""
    free = MailRequest.objects.due().select_for_update(skip_locked=True, of=["self"])
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
