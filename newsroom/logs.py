"""What the log leaves out: the token of a link, with which one could act for its reader, and how we refused."""

import logging
import re

from django.core.exceptions import PermissionDenied

_TOKEN = re.compile("(/newsletters/(?:confirm|leave|preferences)/|/desk/password/set/[^/]*/)[^/]+")


class WithoutTokens(logging.Filter):
    """For all that is logged, as more than one logger names the addresses of requests that went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_TOKEN.sub(r"\1…", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


class RefusalsInOneLine(logging.Filter):
    """That somebody may not do something is no fault of ours: its traceback would hide one that is."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = None
        return True
