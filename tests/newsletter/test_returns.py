"""What comes to the mailbox of the letters: reports, complaints, mail that asks to leave, and anything else."""

import email
import io
import mailbox
import socketserver
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from newsletter import digest, return_addresses, returns, sending, suppressing
from newsletter.models import Bounce, Consent, Delivery, Issue, OutboxMail, Subscription, Suppression
from newsletter.return_addresses import For
from newsletter.returned_mail import LONGEST
from newsletter.returns import Taken
from tests import make

from . import returned

pytestmark = pytest.mark.django_db

VIRA = "vira@reader.example"


@pytest.fixture(autouse=True)
def letters_mailbox(settings):
    settings.LETTERS_MAILBOX = "letters@news.example"


@pytest.fixture
def delivery(letter) -> Delivery:
    """To Vira, who gets nothing else."""
    make.subscription(make.subscriber(VIRA), newsletter=letter)
    return mailed(Issue.objects.create(newsletter=letter, subject="This week"))


def mailed(issue) -> Delivery:
    digest.start(issue)
    sending.send(issue, float("inf"))
    return issue.deliveries.get()


def to_bounce(delivery) -> str:
    return return_addresses.address(For.BOUNCE, delivery.pk)


def to_leave(delivery) -> str:
    return return_addresses.address(For.LEAVE, delivery.pk)


def the_mail() -> str:
    """The header of what Vira got."""
    return returned.header_of(bytes(OutboxMail.objects.get().raw))


def reason() -> str:
    return suppressing.reason_of(VIRA)


def bounce_of(delivery) -> str:
    delivery.refresh_from_db()
    return delivery.bounce


@pytest.mark.parametrize("status", ["5.1.1", "5.1.10", "5.2.1", "5.4.1", "5.4.4"])
def test_an_address_that_does_not_exist_gets_no_more(delivery, status):
    assert returns.take(returned.report(to_bounce(delivery), status=status, diagnostic="none")) == Taken.BOUNCE

    assert bounce_of(delivery) == "hard"
    assert reason() == Suppression.Reason.BOUNCED
    assert not Subscription.objects.active().exists()


@pytest.mark.parametrize("status", ["4.4.7", "4.2.2", "5.2.2", "5.0.0"])
def test_what_may_be_well_tomorrow_is_noted(delivery, status):
    returns.take(returned.report(to_bounce(delivery), status=status, diagnostic="none"))

    assert bounce_of(delivery) == "soft"
    assert reason() == ""


@pytest.mark.parametrize("status", ["5.7.1", "5.6.0", "5.1.8", "5.3.4", "2.0.0", "none"])
def test_what_says_more_of_us_than_of_the_address_is_not_held_against_it(delivery, status):
    returns.take(returned.report(to_bounce(delivery), status=status, diagnostic="none"))

    assert bounce_of(delivery) == ""
    assert not Bounce.objects.exists()


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_that_nothing_was_given_up_says_nothing(delivery, action):
    returns.take(returned.report(to_bounce(delivery), action=action))

    assert bounce_of(delivery) == ""


def test_a_server_that_knows_no_better_quotes_the_one_that_does(delivery):
    returns.take(returned.report(to_bounce(delivery), status="5.0.0", diagnostic="smtp; 550 5.1.1 No such user"))

    assert bounce_of(delivery) == "hard"


def test_the_number_of_a_machine_is_no_status(delivery):
    diagnostic = "smtp; host mx.reader.example[10.5.1.20] said: 550 blocked by policy"

    returns.take(returned.report(to_bounce(delivery), status="5.0.0", diagnostic=diagnostic))

    assert bounce_of(delivery) == "soft"
    assert reason() == ""


def test_an_internationalised_report_is_read_as_any_other(letter):
    address = "vira@xn--80a1acn3a.example"
    make.subscription(make.subscriber(address), newsletter=letter)
    delivery = mailed(make.issue(letter))
    original = f"Return-Path: <{to_bounce(delivery)}>\nSubject: Привіт\n"
    report = returned.report("newsroom@news.example", recipient=address, original=original)

    returns.take(returned.internationalised(report))

    assert bounce_of(delivery) == "hard"


@pytest.mark.parametrize("cte", ["base64", "quoted-printable"])
@pytest.mark.parametrize("written", [returned.internationalised, bytes])
def test_a_report_may_come_encoded(letter, written, cte):
    address = "vira@xn--80a1acn3a.example"
    make.subscription(make.subscriber(address), newsletter=letter)
    delivery = mailed(make.issue(letter))
    original = f"Return-Path: <{to_bounce(delivery)}>\nSubject: Привіт\n"
    report = returned.report("newsroom@news.example", recipient=address, original=original)

    returns.take(returned.encoded(written(report), cte))

    assert bounce_of(delivery) == "hard"


COLLEAGUE = """\
Final-Recipient: rfc822; old-colleague@team.example
Original-Recipient: rfc822; old-colleague@team.example
Action: failed
Status: 5.1.1

"""


@pytest.mark.parametrize(
    ("told", "bounce"),
    [
        ({"others": COLLEAGUE, "action": "delivered", "status": "2.0.0"}, ""),
        ({"others": COLLEAGUE, "status": "4.2.2"}, "soft"),
        ({"others": COLLEAGUE.replace("failed", "delivered"), "recipient": VIRA.upper()}, "hard"),
        ({"recipient": "old-colleague@team.example"}, "soft"),
        ({"recipient": "not an address"}, "soft"),
    ],
)
def test_of_an_address_that_several_are_behind_nobody_gone_takes_the_others_along(delivery, told, bounce):
    returns.take(returned.report(to_bounce(delivery), **told))

    assert bounce_of(delivery) == bounce


def test_a_report_that_comes_again_changes_nothing(delivery):
    for _ in range(6):
        returns.take(returned.report(to_bounce(delivery), status="4.4.7"))

    assert Bounce.objects.count() == 1
    assert reason() == ""


@pytest.mark.parametrize("encoded", [returned.with_encoded_headers, bytes])
def test_a_report_to_another_address_is_half_believed_by_the_number_of_our_mail(delivery, encoded, settings):
    settings.LETTERS_MAILBOX = ""
    number = f"Message-ID: {email.message_from_string(the_mail())['Message-ID']}\n"

    taken = returns.take(encoded(returned.report("newsroom@news.example", original=number)))

    assert taken == Taken.BOUNCE
    assert bounce_of(delivery) == "soft"
    assert reason() == ""


@pytest.mark.parametrize(
    "forged",
    [
        {"to": "letters+b{}-000000000000@news.example"},
        {"to": "letters@news.example", "original": "Message-ID: <made-up@news.example>\n"},
        {"to": "letters@news.example", "original": "To: vira@reader.example\n"},
        {"to": "letters@news.example", "recipient": "stranger@reader.example"},
        {"to": "letters@news.example", "recipient": '"no"address@@'},
    ],
)
def test_what_anybody_could_make_up_is_left_alone(delivery, forged):
    forged = {**forged, "to": forged["to"].format(delivery.pk)}

    assert returns.take(returned.report(**forged)) == Taken.UNKNOWN

    assert bounce_of(delivery) == ""
    assert Subscription.objects.active().exists()


def test_a_complaint_ends_everything_for_good(delivery):
    """The mail in it says where it comes back to; whom it went to many providers take out."""
    mail = f"Return-Path: <{to_bounce(delivery)}>\n" + the_mail().replace(VIRA, "redacted@reader.example")

    assert returns.take(returned.complaint(mail)) == Taken.COMPLAINT

    assert bounce_of(delivery) == "complaint"
    assert reason() == Suppression.Reason.COMPLAINED
    assert not Subscription.objects.active().exists()


def test_a_complaint_is_known_by_where_the_mail_came_from_too(delivery):
    fields = f"Original-Mail-From: <{to_bounce(delivery)}>\n"

    assert returns.take(returned.complaint("Subject: This week\n", fields=fields)) == Taken.COMPLAINT
    assert bounce_of(delivery) == "complaint"


def test_whoever_has_a_copy_of_a_mail_can_do_no_more_than_leave_by_it(delivery):
    other = make.subscription(delivery.subscriber)

    assert returns.take(returned.complaint(the_mail())) == Taken.LEFT

    assert list(Subscription.objects.active()) == [other]
    assert reason() == bounce_of(delivery) == ""


def test_a_stranger_who_knows_the_number_of_a_mail_blocks_nobody(delivery):
    """It stands in every answer to the mail."""
    number = f"To: {VIRA}\nMessage-ID: {email.message_from_string(the_mail())['Message-ID']}\n"

    assert returns.take(returned.complaint(number)) == Taken.UNKNOWN

    assert bounce_of(delivery) == reason() == ""
    assert Subscription.objects.active().exists()


@pytest.mark.parametrize("kind", ["not-spam", "virus", "auth-failure", ""])
def test_only_who_complains_has_complained(delivery, kind):
    returns.take(returned.complaint(the_mail(), kind=kind))

    assert bounce_of(delivery) == ""
    assert Subscription.objects.active().exists()


def test_the_address_for_leaving_by_mail_does_that_and_answers_nothing(delivery):
    [leave] = [part for part in the_mail().split() if part.startswith("<mailto:")]
    before = OutboxMail.objects.count()

    taken = returns.take(returned.words(leave.removeprefix("<mailto:").rstrip(">,").upper(), subject="unsubscribe"))

    assert taken == Taken.LEFT
    assert not Subscription.objects.active().exists()
    assert Consent.objects.first().method == Consent.Method.MAIL
    delivery.refresh_from_db()
    assert delivery.left_at
    assert OutboxMail.objects.count() == before
    assert reason() == ""


def test_it_ends_the_letter_that_it_stood_in_and_no_other(delivery):
    other = make.subscription(delivery.subscriber)

    returns.take(returned.words(to_leave(delivery)))

    assert list(Subscription.objects.active()) == [other]


@pytest.mark.parametrize(
    "headers",
    ["Auto-Submitted: auto-replied (vacation)\n", "Auto-Submitted: Auto-Replied\nPrecedence: bulk\n"],
)
@pytest.mark.parametrize("purpose", list(For))
def test_one_who_is_on_holiday_has_not_left(delivery, headers, purpose):
    to = return_addresses.address(purpose, delivery.pk)

    assert returns.take(returned.words(to, subject="Out of office", headers=headers)) == Taken.ANSWER

    assert Subscription.objects.active().exists()


def test_what_a_person_writes_is_left_for_a_person(delivery):
    assert returns.take(returned.words("letters@news.example", subject="I liked it")) == Taken.OTHER
    assert not Taken.OTHER.is_done and not Taken.UNKNOWN.is_done and Taken.LEFT.is_done


def deep(levels: int) -> bytes:
    """Parts in parts in parts."""
    opening = [f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels)]
    return "".join(opening).encode()


JUNK = {
    "nothing": b"",
    "zeros": b"\0" * 10_000,
    "every octet": bytes(range(256)) * 100,
    "no end": b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nAct",
    "no parts": b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\nwords",
    "words for a status": b"Content-Type: multipart/report; boundary=x\n\n--x\n"
    b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n!!!!\n--x--\n",
    "no such charset": b'Content-Type: text/plain; charset="klingon"\nSubject: =?klingon?q?=ff?=\n\n\xff\xfe',
    "wrong charset": "Subject: Привіт\nTo: =?utf-16?b?////?= <letters@news.example>\n\n".encode("koi8-u") + b"\xff",
    "no boundary": b"Content-Type: multipart/report\n\n",
    "deep": deep(5_000),
    "a header without an end": b"To: " + b"a" * 900_000,
    "many recipients": b"To: " + b"letters+u1-000000000000@news.example, " * 20_000,
    "many parts": b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n" * 100_000,
    "many headers": b"X: y\n" * 150_000,
}


@pytest.mark.parametrize("raw", JUNK.values(), ids=JUNK.keys())
def test_junk_is_junk_and_takes_no_time(db, raw):
    start = time.monotonic()

    assert returns.take(raw) in (Taken.OTHER, Taken.UNKNOWN)

    assert time.monotonic() - start < 10


def test_of_a_mail_of_ten_megabytes_the_report_is_read(delivery, monkeypatch, capsys):
    big = returned.report(to_bounce(delivery), original="Subject: Big\n\n" + "A picture.\n" * 1_000_000)
    assert len(big) > 10_000_000
    pipe = io.BytesIO(big)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))

    call_command("read_returns", "pipe")

    assert bounce_of(delivery) == "hard"
    assert capsys.readouterr().out == "The mail came back.\n"
    assert pipe.tell() == len(big), "Or its server would think that we had died of it."


def filled(add) -> list[bytes]:
    """A report, a word of a person, and somebody who leaves, put in by `add`."""
    delivery = Delivery.objects.get()
    mails = [
        returned.report(to_bounce(delivery), status="4.4.7"),
        returned.words("letters@news.example", subject="I liked it"),
        returned.words(to_leave(delivery)),
    ]
    for raw in mails:
        add(raw)
    return mails


def test_a_maildir_is_worked_off_and_what_people_wrote_stays(delivery, tmp_path, settings, capsys):
    settings.LETTERS_RETURNS = str(tmp_path / "Maildir")
    box = mailbox.Maildir(settings.LETTERS_RETURNS)
    filled(box.add)

    call_command("read_returns", "mailbox")
    call_command("read_returns", "mailbox")

    said = "1 asked to leave.\n1 came back.\n1 is none of these.\nNothing new.\n"
    assert capsys.readouterr().out == said
    assert [mail["Subject"] for mail in box] == ["I liked it"]
    assert not Subscription.objects.active().exists()


def test_an_mbox_is_too(delivery, tmp_path, settings):
    settings.LETTERS_RETURNS = str(tmp_path / "letters")
    with closing(mailbox.mbox(settings.LETTERS_RETURNS)) as box:
        filled(box.add)

    call_command("read_returns", "mailbox")

    with closing(mailbox.mbox(settings.LETTERS_RETURNS)) as box:
        assert [mail["Subject"] for mail in box] == ["I liked it"]
    assert bounce_of(delivery) == "soft"


class Imap(socketserver.StreamRequestHandler):
    """As much of a server (RFC 3501) as a mailbox needs to be worked off."""

    def handle(self):
        self.say("* OK ready")
        for line in self.rfile:
            tag, command, *words = line.decode().split()
            name = (words[0] if command == "UID" else command).lower()
            getattr(self, f"on_{name}", lambda *_: None)(*words[1:] if command == "UID" else words)
            self.say(
                f"{tag} OK done" if name != "login" or self.server.may_in else f"{tag} NO {line.decode().strip()}"
            )
            if name == "logout":
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def on_capability(self):
        self.say("* CAPABILITY IMAP4rev1")

    def on_select(self, folder):
        self.say(f"* {len(self.server.mails)} EXISTS")

    def on_search(self, *_):
        unread = [number for number in self.server.mails if "Seen" not in self.server.flags.get(number, "")]
        self.say("* SEARCH " + " ".join(map(str, unread)))

    def on_fetch(self, number, what):
        assert what == f"(BODY.PEEK[]<0.{LONGEST}>)"
        raw = self.server.mails[int(number)][:LONGEST]
        self.wfile.write(f"* 1 FETCH (UID {number} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")

    def on_store(self, number, *flags):
        self.server.flags[int(number)] = " ".join(flags)

    def on_expunge(self):
        for number, flags in self.server.flags.items():
            if "Deleted" in flags:
                self.server.mails.pop(number, None)


@contextmanager
def imap(may_in=True):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Imap) as server:
        server.daemon_threads = True
        server.mails, server.flags, server.may_in = {}, {}, may_in
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def test_a_mailbox_elsewhere_is_worked_off_over_imap(delivery, settings, capsys):
    with imap() as server:
        settings.LETTERS_RETURNS = f"imap://letters:p%40ss@127.0.0.1:{server.server_address[1]}/INBOX"
        filled(lambda raw: server.mails.update({len(server.mails) + 1: raw}))

        call_command("read_returns", "mailbox")
        call_command("read_returns", "mailbox")

    assert "1 came back.\n" in capsys.readouterr().out
    assert list(server.mails) == [2]
    assert bounce_of(delivery) == "soft"
    assert not Subscription.objects.active().exists()


@pytest.mark.parametrize("where", ["", "/no/such/mailbox", "imap://letters:secret@127.0.0.1:1/", "imap"])
def test_a_mailbox_that_cannot_be_read_is_one_clear_sentence_without_the_password(db, settings, where):
    with imap(may_in=False) as server:
        port = server.server_address[1]
        settings.LETTERS_RETURNS = f"imap://letters:secret@127.0.0.1:{port}/" if where == "imap" else where

        with pytest.raises(CommandError) as error:
            call_command("read_returns", "mailbox")

    assert "mailbox" in str(error.value)
    assert "secret" not in str(error.value)


def test_no_mail_is_lost_when_the_database_is_gone(delivery, tmp_path, settings, monkeypatch):
    settings.LETTERS_RETURNS = str(tmp_path / "Maildir")
    box = mailbox.Maildir(settings.LETTERS_RETURNS)
    filled(box.add)
    monkeypatch.setattr(returns, "take", lambda raw: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        call_command("read_returns", "mailbox")

    assert len(list(Path(settings.LETTERS_RETURNS, "new").iterdir())) == 3
