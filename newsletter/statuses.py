"""PURE. The status (RFC 3463) in what a mail server says: `5.1.1` for one who does not exist."""

import re

# Not a piece of the number of a machine or of a version.
_STATUS = re.compile(r"(?<![\w.])([45]\.\d{1,3}\.\d{1,3})(?!\w|\.\d)", re.ASCII)


def first_in(said: str) -> str:
    """
    The first in a text; empty if there is none.

    >>> first_in("450 4.2.2 Mailbox full"), first_in("421 Try later (mx.example.org[10.5.1.20])")
    ('4.2.2', '')
    """
    found = _STATUS.search(said)
    return found[1] if found else ""


def begins(said: str) -> str:
    """
    The one that a text begins with, as an answer of a server does after its code (RFC 2034); or empty.

    >>> begins("5.1.1 Nobody"), begins("Nobody (5.1.1)"), begins("5.1.20.3 is on a list")
    ('5.1.1', '', '')
    """
    found = _STATUS.match(said.strip())
    return found[1] if found else ""
