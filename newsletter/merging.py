"""
Mail merge: a letter is written and put into MIME once, with blanks where something is one reader's own; for each
reader only these are filled.
"""

import re
import secrets
from dataclasses import asdict, dataclass, fields
from email.header import Header, decode_header, make_header
from email.quoprimime import body_encode
from email.utils import formataddr, formatdate, parseaddr

# As many characters as a line of quoted-printable has, but for the "=" that joins it to the next.
LINE = 75
_SOFT = "=\r\n"


# Another in every process: a story that had a blank in its words would get each reader's own links.
_SECRET = secrets.token_hex(8)


@dataclass(frozen=True)
class Own:
    """What is one reader's own: their address, the number of the mail for ever, and their links."""

    to: str
    message_id: str
    leave: str
    leave_mail: str
    preferences: str

    @classmethod
    def blanks(cls) -> "Own":
        """Words that stand for each of them, and that nobody can have written."""
        return cls(*(f"BLANK{_SECRET}{f.name.upper().replace('_', '')}KNALB" for f in fields(cls)))


_BLANKS = asdict(Own.blanks())
_BLANK = re.compile("|".join(_BLANKS.values()))
_NAMES = {blank: name for name, blank in _BLANKS.items()}


@dataclass(frozen=True)
class Written:
    """A letter in words, with blanks. `headers` are those that every reader's mail has beside To and Message-ID."""

    subject: str
    sender: str
    text: str
    html: str
    headers: dict[str, str]
    preheader: str = ""


def filled(words: str, own: Own) -> str:
    """
    >>> filled("Leave: " + Own.blanks().leave, Own("", "", "https://example.org/", "", ""))
    'Leave: https://example.org/'
    """
    return _BLANK.sub(lambda blank: getattr(own, _NAMES[blank[0]]), words)


class Form:
    """A letter as the bytes of a mail (RFC 5322), ready for SMTP's DATA, but for its blanks."""

    def __init__(self, written: Written):
        # What stands between the blanks, and the names of these.
        head, body = _head(written), _body(written)
        self._head = _pieces(head)
        self._body = _pieces(body)

    def bytes_for(self, own: Own) -> bytes:
        """One reader's mail, with CRLF at the end of every line; not dot-stuffed."""
        values = vars(own)
        folded = {name: _folded(value) for name, value in values.items()}
        return (_join(self._head, values) + _join(self._body, folded)).encode()


def _pieces(text: str) -> tuple[list[str], list[str]]:
    return _BLANK.split(text), [_NAMES[blank] for blank in _BLANK.findall(text)]


def _join(pieces: tuple[list[str], list[str]], values: dict[str, str]) -> str:
    constant, names = pieces
    return constant[0] + "".join(values[name] + rest for name, rest in zip(names, constant[1:], strict=True))


_BOUNDARY = "=_letter_of_one_newsroom_in_two_forms"


def _head(written: Written) -> str:
    """Words in lines as short as they should be (RFC 5322, 2.1.1); what has blanks is not torn."""
    rest = {"To": _BLANKS["to"], "Message-ID": _BLANKS["message_id"], "Date": formatdate(), **written.headers}
    return (
        f"Subject: {_encoded(written.subject, len('Subject: '))}\r\nFrom: {_sender(written.sender)}\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in rest.items())
        + f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n\r\n'
    )


def _encoded(words: str, indent: int) -> str:
    """As encoded words (RFC 2047), where it has other letters than ASCII's; `indent` is what stands before it."""
    if words.isascii():
        return words
    return Header(words, "utf-8", header_name=" " * (indent - 2)).encode(linesep="\r\n")


def _sender(sender: str) -> str:
    """Taken apart: the quotation marks of a name in other letters are not those of the header."""
    name, address = parseaddr(sender)
    name = str(make_header(decode_header(name)))
    return formataddr((name, address)) if name.isascii() else f"{_encoded(name, len('From: '))}\r\n <{address}>"


def _body(written: Written) -> str:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Type: {kind}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{_quoted(words)}\r\n"
        for kind, words in (("text/plain", written.text), ("text/html", written.html))
    ]
    return "".join(parts) + f"--{_BOUNDARY}--\r\n"


def _quoted(words: str) -> str:
    """
    Quoted-printable (RFC 2045, 6.7); each blank stands on a line of its own that is joined to those around it.
    """
    blanks = _BLANK.findall(words)
    pieces = [_quoted_piece(piece) for piece in _BLANK.split(words)]
    joined = pieces[0]
    for blank, piece in zip(blanks, pieces[1:], strict=True):
        joined += (_SOFT if joined and not joined.endswith("\r\n") else "") + blank + _SOFT + piece
    return joined


def _quoted_piece(piece: str) -> str:
    octets = re.sub("\r\n?", "\n", piece).encode().decode("latin-1")
    return body_encode(octets, LINE, "\r\n") if octets else ""


def _folded(value: str) -> str:
    """
    What fills a blank in a body: ASCII, in lines that are joined.

    >>> _folded("https://example.org/?a=b")
    'https://example.org/?a=3Db'
    """
    value = value.replace("=", "=3D")
    lines = []
    while len(value) > LINE:
        escape = value.find("=", LINE - 2, LINE)
        end = LINE if escape < 0 else escape
        lines.append(value[:end])
        value = value[end:]
    return _SOFT.join([*lines, value])
