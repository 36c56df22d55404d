"""A mailbox that is worked off: what was taken goes, all else stays for a person and is marked as read."""

import imaplib
import mailbox
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

Take = Callable[[bytes], bool]
# Seconds that a server may take to answer.
TIMEOUT = 30


class NoMailbox(Exception):
    """It cannot be read; says to a person why."""


def work_off(where: str, take: Take, longest: int) -> None:
    """
    Show each unread mail, or the first `longest` octets of it, to `take`, which says whether it is done with.

    `where` is `imaps://user:password@host/INBOX`, or the path of a Maildir or an mbox. Raises `NoMailbox`.
    """
    try:
        if where.startswith(("imap://", "imaps://")):
            _over_imap(where, take, longest)
        elif Path(where, "new").is_dir():
            _in_maildir(Path(where), take, longest)
        else:
            _in_mbox(Path(where), take, longest)
    except (imaplib.IMAP4.error, mailbox.Error, OSError) as error:
        # Its own words could have the password in them.
        raise NoMailbox(f"The mailbox could not be read ({type(error).__name__}).") from None


def _over_imap(url: str, take: Take, longest: int) -> None:
    with _folder(url) as server:
        for number in _unread(server):
            _, answer = server.uid("FETCH", number, f"(BODY.PEEK[]<0.{longest}>)")
            raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
            flags = r"(\Seen \Deleted)" if take(raw) else r"(\Seen)"
            server.uid("STORE", number, "+FLAGS", flags)
        server.expunge()


@contextmanager
def _folder(url: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(url)
    kind, port = (imaplib.IMAP4_SSL, 993) if parts.scheme == "imaps" else (imaplib.IMAP4, 143)
    with kind(parts.hostname or "", parts.port or port, timeout=TIMEOUT) as server:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        status, _ = server.select(unquote(parts.path.strip("/")) or "INBOX")
        if status != "OK":
            raise NoMailbox("The mailbox has no such folder.")
        yield server


def _unread(server: imaplib.IMAP4) -> list[str]:
    _, (found,) = server.uid("SEARCH", None, "UNSEEN")
    return (found or b"").decode().split()


def _in_maildir(path: Path, take: Take, longest: int) -> None:
    for file in sorted((path / "new").iterdir()):
        with file.open("rb") as mail:
            is_done = take(mail.read(longest))
        if is_done:
            file.unlink()
        else:
            file.rename(path / "cur" / f"{file.name}:2,S")


def _in_mbox(path: Path, take: Take, longest: int) -> None:
    """What stays is shown again the next time: to mark a mail would be to write all of the file anew."""
    with closing(mailbox.mbox(path, create=False)) as box:
        box.lock()
        for key in list(box.iterkeys()):
            with closing(box.get_file(key)) as mail:
                is_done = take(mail.read(longest))
            if is_done:
                box.remove(key)
        box.flush()
