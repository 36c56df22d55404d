"""A mail server of the tests: it takes what it is given, or answers as it is told to."""

import re
import socketserver
import threading
import time
from contextlib import contextmanager
from email import message_from_bytes, policy

USUAL = {"connect": "220 sink", "data": "354 go on", "end": "250 taken", "quit": "221 bye"}


class Sink(socketserver.ThreadingTCPServer):
    """
    `answers` replaces what it says to a command, to `connect`, or at the `end` of a mail. None cuts the line; of a
    list one is said after the other.

    `may_answer` can be cleared: then it has taken a mail, and does not say so.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers, self.taken, self.taken_at, self.raw = {}, [], [], []
        self.calls, self.goodbyes = 0, 0
        self.senders, self.recipients = [], []
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def to(self, address: str) -> list:
        return [mail for mail in self.taken if mail["To"] == address]


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.calls += 1
        if not self.say("connect"):
            return
        for line in self.rfile:
            command = line[:4].decode().strip().lower()
            if command == "mail":
                self.server.senders.append(re.search(r"<(.*?)>", line.decode())[1])
            if command == "rcpt":
                self.server.recipients.append(re.search(r"<(.*)>", line.decode())[1])
            said = self.say(command)
            self.server.goodbyes += command == "quit"
            if not said or command == "quit":
                return
            if command == "data" and said.startswith("354") and not (self.take() and self.say("end")):
                return

    def take(self) -> bool:
        """False if the line was cut before the end of the mail."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b"."))  # RFC 5321, 4.5.2.
        raw = b"".join(lines)
        self.server.raw.append(raw)
        self.server.taken_at.append(time.monotonic())
        self.server.taken.append(message_from_bytes(raw, policy=policy.default))
        self.server.may_answer.wait()
        return True

    def say(self, command) -> str | None:
        answer = {**USUAL, **self.server.answers}.get(command, "250 well")
        if isinstance(answer, list):
            answer = answer.pop(0)
        if answer:
            self.wfile.write(f"{answer}\r\n".encode())
        return answer


@contextmanager
def listening():
    with Sink() as sink:
        threading.Thread(target=sink.serve_forever, args=[0.02], daemon=True).start()
        try:
            yield sink
        finally:
            sink.may_answer.set()
            sink.shutdown()
