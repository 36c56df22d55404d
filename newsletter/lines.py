"""The line to the server that takes our mail, held open from one mail to the next."""

from collections.abc import Iterator
from contextlib import suppress
from smtplib import SMTP, SMTPException, SMTPNotSupportedError, SMTPServerDisconnected, quoteaddr

from django.core.mail.backends import smtp

from . import handing_over, signature
from .emails import Mail
from .handing_over import Answer, Outcome, by_code
from .merging import Form, Own, Written, filled
from .models import Subscriber


class Unreachable(Exception):
    """No mail can be handed over now; the text is for the desk."""


class Line:
    """
    Hands over one mail after the other. Of a server that speaks SMTP the same connection is used until it fails;
    any other way of sending gets a message of Django's.
    """

    def __init__(self):
        self.backend = handing_over.connection()
        self.is_smtp = isinstance(self.backend, smtp.EmailBackend)

    def open(self) -> None:
        """Raises `Unreachable`."""
        try:
            if self.backend.open() and self.is_smtp:
                self.backend.connection.ehlo_or_helo_if_needed()
        except Exception as error:  # A carrier that is set up wrong says so in a way of its own.
            raise Unreachable(f"The mail server could not be reached ({type(error).__name__}).") from error

    def close(self) -> None:
        with suppress(SMTPException, OSError):
            self.backend.close()

    def hand_over(self, form: Form, written: Written, own: Own, envelope: str) -> Answer:
        """Raises `Unreachable`, before the mail was begun."""
        self.open()
        if not self.is_smtp:
            return _hand_over(_message(written, own))
        mail = form.bytes_for(own)
        signed = signature.header(mail, written.sender) + mail
        return self._speak(self.backend.connection, signed, own.to, envelope)

    def _speak(self, server: SMTP, mail: bytes, to: str, envelope: str) -> Answer:
        is_given = False
        try:
            code, said = _announce(server, envelope, to)
            if code != 354:
                return self._refused(server, code, said)
            is_given = True  # From here on it may have it, whatever it answers.
            server.send(mail.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            code, said = server.getreply()
            return Answer(Outcome.TAKEN) if code == 250 else self._refused(server, code, said)
        except SMTPNotSupportedError:
            return Answer(Outcome.REFUSED, "The mail server takes no address with these letters.")
        except (SMTPServerDisconnected, OSError) as error:
            self.close()
            if is_given:
                return Answer(Outcome.IN_DOUBT, f"The mail server gave no answer ({type(error).__name__}).")
            return Answer(Outcome.LATER, f"The line was cut before the mail was on it ({type(error).__name__}).")

    def _refused(self, server: SMTP, code: int, said: bytes) -> Answer:
        if code == 421:  # It closes the line.
            self.close()
        else:
            with suppress(SMTPException, OSError):
                server.rset()
        return by_code(code, said)


def _announce(server: SMTP, envelope: str, to: str) -> tuple[int, bytes]:
    """
    What the server answers to all that comes before the mail: 354, or its first refusal.

    Said at one go to a server that takes that (RFC 2920), and word by word to any other.
    """
    words = [f"MAIL FROM:{quoteaddr(envelope)}{_options(server, to)}", f"RCPT TO:{quoteaddr(to)}", "DATA"]
    if server.has_extn("pipelining"):
        server.send("".join(f"{word}\r\n" for word in words))
        answers = [server.getreply() for _ in words]
    else:
        answers = [*_until_refused(server, words)]
    refusal = next(filter(_refuses, answers), None)
    if refusal and answers[-1][0] == 354:  # It waits for a mail that nobody is to get.
        server.send(b".\r\n")
        server.getreply()
    return refusal or answers[-1]


def _until_refused(server: SMTP, words: list[str]) -> Iterator[tuple[int, bytes]]:
    for word in words:
        answer = server.docmd(word)
        yield answer
        if _refuses(answer):
            return


def _refuses(answer: tuple[int, bytes]) -> bool:
    return answer[0] >= 300 and answer[0] != 354


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
