"""The line to the server that takes our mail, held open from one mail to the next."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from smtplib import SMTP, SMTPNotSupportedError, SMTPServerDisconnected

from django.core.mail.backends import smtp

from . import handing_over, signature
from .emails import Mail
from .handing_over import Answer, Outcome, by_code
from .merging import Form, Own, Written, filled
from .models import Subscriber

# What is said before a mail, in this order.
WORDS = ("MAIL", "RCPT", "DATA")
# What servers say of an address that does not exist (RFC 5321, 4.2.3), some without a status.
_NOBODY = {550, 551, 553}
_CUT = {
    Outcome.LATER: "The line was cut before the mail was on it",
    Outcome.IN_DOUBT: "The mail server gave no answer",
}


class Unreachable(Exception):
    """No mail can be handed over now; the text is for the desk."""


@dataclass(frozen=True)
class Envelope:
    """Where to a mail comes back, and whom it is for (RFC 5321, 2.3.1): addresses, without names or brackets."""

    sender: str
    to: str


class _Line:
    """
    Hands over one mail after the other: `announce`, then `give` and `hear`, or `take_back`.

    Between any two of them we may do something else, while the server is at work.
    """

    def __init__(self, backend):
        self.backend = backend
        self.answer: Answer | None = None  # What is known of the mail that is being handed over.
        self.announced: Envelope | None = None  # The server waits for this mail.

    def open(self) -> None:
        """Raises `Unreachable`."""
        try:
            self._open()
        except Exception as error:  # A carrier that is set up wrong says so in a way of its own.
            raise Unreachable(f"The mail server could not be reached ({type(error).__name__}).") from error

    def _open(self) -> None:
        self.backend.open()

    def close(self) -> None:
        with suppress(OSError):
            self.backend.close()


class SmtpLine(_Line):
    """To a server that speaks SMTP: the same connection is used until it fails."""

    def _open(self) -> None:
        super()._open()
        self.backend.connection.ehlo_or_helo_if_needed()

    def mail(self, form: Form, written: Written, own: Own) -> bytes:
        mail = form.bytes_for(own)
        return signature.header(mail, written.sender) + mail

    def announce(self, envelope: Envelope) -> None:
        """
        Say whom a mail is for, without waiting for the answer. Raises `Unreachable`.

        Both addresses are said at one go to a server that takes that (RFC 2920), and word by word to any other.
        """
        if self.announced not in (envelope, None):
            self.close()
        self.open()
        self.answer = None
        if self.announced is None:
            self._try(lambda server: self._announce(server, envelope), Outcome.LATER)

    def take_back(self) -> None:
        """What was announced is not to be sent now."""
        if self.answer is None:
            self._try(self._take_back, Outcome.LATER)

    def give(self, mail: bytes, following: Envelope | None = None) -> None:
        """
        All of the mail that was announced, without waiting for the answer; the one after it is announced in the
        same breath to a server that takes that.
        """
        if self.answer is None:
            self._try(self._get_leave, Outcome.LATER)
        if self.answer is None:  # From here on the server may have it, whatever it answers.
            self._try(lambda server: self._give(server, mail, following), Outcome.IN_DOUBT)

    def hear(self) -> Answer:
        """What became of the mail."""
        if self.answer is None:
            self._try(self._hear, Outcome.IN_DOUBT)
        return self.answer

    def close(self) -> None:
        """Without a word to a server that waits for a mail: it would take it for one."""
        if self.announced is None:
            super().close()
        else:
            self.backend.connection.close()
            self.backend.connection = self.announced = None

    def _try(self, step: Callable[[SMTP], None], cut: Outcome) -> None:
        """`cut` is what becomes of the mail where the line is cut meanwhile."""
        try:
            step(self.backend.connection)
        except SMTPNotSupportedError:
            self.answer = Answer(Outcome.REFUSED, "The mail server takes no address with these letters.")
        except OSError as error:
            self.close()
            self.answer = Answer(cut, f"{_CUT[cut]} ({type(error).__name__}).")

    def _announce(self, server: SMTP, envelope: Envelope) -> None:
        words = _words(server, envelope)
        self._say(server, envelope, words, 2 if server.has_extn("pipelining") else 1)

    def _say(self, server: SMTP, envelope: Envelope, words: list[str], count: int, before: bytes = b"") -> None:
        """So many of these words about a mail at one go, after the rest of the one before."""
        self.announced, self.said, self.unsaid = envelope, words[:count], words[count:]
        server.send(before + "".join(f"{word}\r\n" for word in self.said).encode())

    def _take_back(self, server: SMTP) -> None:
        if not self.unsaid:  # The server waits for the mail: only without a line does it get none.
            self.close()
            return
        self.announced = None
        for _ in self.said:
            _reply(server)
        server.rset()

    def _get_leave(self, server: SMTP) -> None:
        answers = [_reply(server) for _ in self.said]
        for word in self.unsaid:
            if not any(map(_refuses, answers)):
                server.putcmd(word)
                answers.append(_reply(server))
        refusals = ((answer, word) for word, answer in zip(WORDS, answers, strict=False) if _refuses(answer))
        if refusal := next(refusals, None):
            self._refused(*refusal)
            if self.announced:
                self.announced = None
                _begin_anew(server, answers[-1])

    def _give(self, server: SMTP, mail: bytes, following: Envelope | None) -> None:
        self.announced = None
        rest = mail.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        if following and following.to.isascii() and server.has_extn("pipelining"):
            self._say(server, following, _words(server, following), len(WORDS), rest)
        else:
            server.send(rest)

    def _hear(self, server: SMTP) -> None:
        answer = _reply(server)
        if answer[0] == 250:
            self.answer = Answer(Outcome.TAKEN)
        else:
            self._refused(answer)

    def _refused(self, answer: tuple[int, bytes], word: str = "") -> None:
        self.answer = _refusal(*answer, word)
        if answer[0] == 421:  # It closes the line.
            self.close()


class OtherLine(_Line):
    """Any other way of sending gets a message of Django's."""

    def mail(self, form: Form, written: Written, own: Own) -> Mail:
        return _message(written, own)

    def announce(self, envelope: Envelope) -> None:
        """Raises `Unreachable`."""
        self.open()

    def take_back(self) -> None:
        pass

    def give(self, mail: Mail, following: Envelope | None = None) -> None:
        self.answer = _hand_over(mail)

    def hear(self) -> Answer:
        return self.answer


def line() -> SmtpLine | OtherLine:
    backend = handing_over.connection()
    return SmtpLine(backend) if isinstance(backend, smtp.EmailBackend) else OtherLine(backend)


def _refusal(code: int, said: bytes, word: str) -> Answer:
    """What it means that a server refused this word, or the mail itself."""
    answer = by_code(code, said)
    if word == "MAIL" and answer.outcome is Outcome.REFUSED:
        return Answer(Outcome.UNREACHABLE, f"The mail server did not take our sender ({code}).")
    if word == "RCPT" and code in _NOBODY and not answer.status:
        return replace(answer, status="5.1.1")
    return answer


def _refuses(answer: tuple[int, bytes]) -> bool:
    return answer[0] >= 300 and answer[0] != 354


def _words(server: SMTP, envelope: Envelope) -> list[str]:
    return [f"MAIL FROM:<{envelope.sender}>{_options(server, envelope.to)}", f"RCPT TO:<{envelope.to}>", "DATA"]


def _reply(server: SMTP) -> tuple[int, bytes]:
    """Raises `SMTPServerDisconnected` for what is none: then nothing that it says can be understood."""
    code, said = server.getreply()
    if code < 0:
        raise SMTPServerDisconnected
    return code, said


def _begin_anew(server: SMTP, last: tuple[int, bytes]) -> None:
    """After a refusal; who waits for a mail to nobody all the same gets an empty one (RFC 2920, 3.1)."""
    with suppress(OSError):
        if last[0] == 354:
            server.docmd(".")
        server.rset()


def _options(server: SMTP, to: str) -> str:
    if to.isascii():
        return ""
    if not server.has_extn("smtputf8"):
        raise SMTPNotSupportedError
    server.command_encoding = "utf-8"
    return " SMTPUTF8 BODY=8BITMIME"


def _hand_over(mail: Mail) -> Answer:
    """With its reader, as the outbox shows staff the mails to readers alone."""
    mail.subscriber = Subscriber.objects.at(mail.to[0]).first()
    if mail.subscriber is None:
        return Answer(Outcome.REFUSED, "They were erased meanwhile.")
    return handing_over.hand_over(mail)


def _message(written: Written, own: Own) -> Mail:
    headers = {name: filled(value, own) for name, value in written.headers.items()}
    mail = Mail(
        written.subject,
        filled(written.text, own),
        written.sender,
        [own.to],
        headers={**headers, "Message-ID": own.message_id},
    )
    mail.attach_alternative(filled(written.html, own), "text/html")
    return mail
