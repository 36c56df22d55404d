"""What becomes of a reader's report: it is answered, dismissed, or turned into a correction."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.cache import cache
from django.core.mail import get_connection, send_mail
from django.db import transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from . import frame
from .models import Correction, ErrorReport

# For how long an answer is tried to be mailed, and in seconds how long is waited after it could not.
TRIED_FOR, WAITS = timedelta(days=2), 60
# For how long the address of a reader is kept whose report waits.
ADDRESS_KEPT_FOR = timedelta(days=90)
PAUSED = "error-reports:paused"
GIVEN_UP = "The answer could not be mailed; the address is forgotten."

logger = logging.getLogger(__name__)


class HandledAlready(Exception):
    """Somebody else has dealt with the report meanwhile; nothing was written."""


def answer(report: ErrorReport, *, text: str, by) -> None:
    """Keep the answer, and mail it if the reader left an address."""
    _handle(report, by, state=ErrorReport.State.ANSWERED, answer=text)


def dismiss(report: ErrorReport, *, by) -> None:
    """Leave it unanswered; the reader's address is forgotten at once."""
    _handle(report, by, state=ErrorReport.State.DISMISSED, address="")


def correct(reports: Iterable[ErrorReport], correction: Correction, *, by) -> None:
    """Tell that `correction` came of these reports, of those that still wait; also to who left an address."""
    for report in reports:
        with suppress(HandledAlready):
            _handle(report, by, state=ErrorReport.State.CORRECTED, correction=correction)


@transaction.atomic
def _handle(report: ErrorReport, by, **became) -> None:
    waiting = ErrorReport.objects.waiting().filter(pk=report.pk)
    if not waiting.update(handled_by=by, handled_at=Now(), **became):
        raise HandledAlready
    if ErrorReport.objects.to_be_mailed().filter(pk=report.pk).exists():
        mail_answer.enqueue(report.pk)


def mail_due() -> None:
    """Mail the answers whose task was lost, or that could not be mailed before."""
    for report_id in ErrorReport.objects.to_be_mailed().values_list("pk", flat=True):
        if cache.get(PAUSED):
            return
        if not cache.get(_paused(report_id)):
            send_answer(report_id)


def forget_addresses() -> None:
    """Nobody waits for ever: of a report that was not dealt with the address goes."""
    old = ErrorReport.objects.waiting().filter(reported_at__lt=Now() - ADDRESS_KEPT_FOR)
    old.exclude(address="").update(address="")


@task()
def mail_answer(report_id: int) -> None:
    send_answer(report_id)


def send_answer(report_id: int) -> None:
    """
    Mail a reader what became of the report. What cannot be mailed now waits.

    The address is forgotten before the letter is handed over: whoever ends us in between leaves one answer that may
    not have gone, and none that goes twice.
    """
    report = _take(report_id)
    if report is None:
        return
    correction = report.correction
    if correction and correction.revision.is_withheld:
        correction = None
    shown = {
        "report": report,
        "correction": correction,
        "link": frame.absolute(report.article.get_absolute_url()),
    }
    words = render_to_string("mail/report_answered.txt", {**shown, "site_name": settings.SITE_NAME})
    try:
        subject = f"{settings.SITE_NAME}: what came of your report"
        send_mail(subject, words, None, [report.address], connection=_connection())
    except (SMTPException, OSError) as error:
        # Not with its message, which may have the address in it.
        logger.warning("The answer to report %s was not mailed: %s", report_id, type(error).__name__)
        if not _is_final(error) and timezone.now() < report.handled_at + TRIED_FOR:
            ErrorReport.objects.filter(pk=report_id).update(address=report.address)
            cache.set(_paused(report_id) if _is_about_the_letter(error) else PAUSED, True, WAITS)
            return
        _tell_the_desk(report)


def _connection():
    """By which readers are written to: a copy of the site writes to nobody."""
    return get_connection(import_string(settings.READERS_MAIL)())


@transaction.atomic
def _take(report_id: int) -> ErrorReport | None:
    """The report with its address, which is forgotten from here on; None if another worker has it."""
    due = ErrorReport.objects.to_be_mailed().select_for_update(skip_locked=True, of=["self"])
    report = due.filter(pk=report_id).select_related("article__topic", "correction__revision").first()
    if report is not None:
        ErrorReport.objects.filter(pk=report_id).update(address="")
    return report


def _is_about_the_letter(error: OSError) -> bool:
    """Whether the server took the call and not this letter; others may still go."""
    return isinstance(error, (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError))


def _is_final(error: OSError) -> bool:
    """Whether the address is refused for good (RFC 5321: 5xx), not just for now."""
    return isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _ in error.recipients.values())


def _paused(report_id: int) -> str:
    return f"{PAUSED}:{report_id}"


def _tell_the_desk(report: ErrorReport) -> None:
    """In the report's own history."""
    if report.handled_by_id:
        LogEntry.objects.log_actions(
            report.handled_by_id, [report], CHANGE, change_message=GIVEN_UP, single_object=True
        )
