"""What the log leaves out: the token of a link, with which whoever reads the log could act for somebody else."""

import logging
import re

_TOKEN = re.compile("(/newsletters/(?:confirm|leave|preferences)/|/desk/password/set/[^/]*/)[^/]+")


class WithoutTokens(logging.Filter):
    """For all that is logged, as more than one logger names the addresses of requests that went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_TOKEN.sub(r"\1…", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True
