"""Mails as mail servers send them back, as people complain of them, and as programs answer them."""

import base64
import quopri
from email import message_from_string


def report(
    to: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    diagnostic: str = "smtp; 550 5.1.1 <vira@reader.example>: Recipient address rejected: User unknown",
    recipient: str = "vira@reader.example",
    original: str = "Subject: This week\n",
    others: str = "",
) -> bytes:
    """As Postfix writes it (RFC 3464); `others` is what it tells of recipients before this one."""
    return f"""\
Return-Path: <>
Delivered-To: {to}
Date: Mon, 23 Nov 2026 14:00:00 +0000 (UTC)
From: MAILER-DAEMON@mx.reader.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="1F2E3D.1/mx.reader.example"
Content-Transfer-Encoding: 8bit

This is a MIME-encapsulated message.

--1F2E3D.1/mx.reader.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

This is the mail system at host mx.reader.example.

--1F2E3D.1/mx.reader.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reader.example
X-Postfix-Queue-ID: 1F2E3D
Arrival-Date: Mon, 23 Nov 2026 13:59:59 +0000 (UTC)

{others}Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.reader.example
Diagnostic-Code: {diagnostic}

--1F2E3D.1/mx.reader.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

{original}
The words.
--1F2E3D.1/mx.reader.example--
""".encode()


def complaint(original: str, *, kind: str = "abuse", fields: str = "", to: str = "fbl@news.example") -> bytes:
    """As a provider of mailboxes writes it (RFC 5965)."""
    return f"""\
From: <abusedesk@reader.example>
Date: Mon, 23 Nov 2026 14:00:00 +0000
Subject: FW: This week
To: <{to}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part"

--part
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.
--part
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
{fields}
--part
Content-Type: message/rfc822
Content-Disposition: inline

{original}
The words.
--part--
""".encode()


def words(to: str, *, subject: str = "", headers: str = "") -> bytes:
    """A mail without anything to it."""
    return f"From: vira@reader.example\nTo: {to}\nSubject: {subject}\n{headers}\nHello.\n".encode()


def header_of(raw: bytes) -> str:
    """Of a mail of ours as it came there: its header."""
    return raw.decode().replace("\r\n", "\n").partition("\n\n")[0] + "\n"


def with_encoded_headers(raw: bytes) -> bytes:
    """The same, as some gateways write it: of the mail it has only the header, and that in base64."""
    mail = message_from_string(raw.decode())
    *parts, original = mail.get_payload()
    header = original.get_payload()[0].as_string().partition("\n\n")[0]
    del original["Content-Type"]
    original["Content-Type"] = "text/rfc822-headers"
    original["Content-Transfer-Encoding"] = "base64"
    original.set_payload(base64.encodebytes(header.encode()).decode())
    mail.set_payload([*parts, original])
    return mail.as_bytes()


def encoded(raw: bytes, cte: str) -> bytes:
    """The same, every part of it in base64 or quoted-printable, as RFC 6533 lets servers write it."""
    head, *parts, end = raw.decode().split("--1F2E3D.1/mx.reader.example")
    encode = base64.encodebytes if cte == "base64" else quopri.encodestring
    for place, part in enumerate(parts):
        header, _, words = part.partition("\n\n")
        words = encode(words.encode()).decode()
        parts[place] = f"{header}\nContent-Transfer-Encoding: {cte.upper()}\n\n{words}\n"
    return "--1F2E3D.1/mx.reader.example".join([head, *parts, end]).encode()


def internationalised(raw: bytes) -> bytes:
    """The same in UTF-8 (RFC 6533), as a server writes it that takes addresses in any letters."""
    words = raw.decode().replace("rfc822;", "utf-8;").replace("xn--80a1acn3a.example", "пошта.example")
    words = words.replace("message/delivery-status", "message/Global-Delivery-Status")
    return words.replace("message/rfc822", "message/global-headers").encode()
