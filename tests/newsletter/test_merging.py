"""Mail merge: whatever the words and whoever the reader, the mail that arrives says what was written."""

import email
import re
from email.header import decode_header, make_header

from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.emails import one_line
from newsletter.merging import LINE, Form, Own, Written, filled

# What PostgreSQL keeps; with more of what mail has a meaning for.
ODD = st.sampled_from(
    [
        *(".", "..", "\n.", "\n.\n", "=", "=\n", "=3D", "=\r\n", " ", " \n", "\t", "\t\n", "\r", "\r\n", "\n\n"),
        *("From ", "--", "é", "😀", "Привіт", "👩‍👩‍👧", "\u2028", "\x85", "\x0b", "\u200b"),
        *("a" * 74, "a" * 75, "a" * 76, "я" * 200, " " * 80),
    ]
)  # fmt: skip
CHARACTER = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
BLANK = st.sampled_from([Own.blanks().leave, Own.blanks().preferences])
WORDS = st.lists(st.one_of(ODD, BLANK, st.text(CHARACTER, max_size=100)), max_size=20).map("".join)
LINK = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=400)
LETTER = "https://news.example/newsletters/leave/" + "a=b" * 80


def mail_of(written: Written, own: Own) -> bytes:
    return Form(written).bytes_for(own)


def written(subject="This week", text="Words.\n", html="<p>Words.</p>\n", sender="News <news@news.example>"):
    blanks = Own.blanks()
    headers = {
        "List-Unsubscribe": f"<{blanks.leave}>, <mailto:{blanks.leave_mail}>",
        "List-Id": f"<{'a-long-slug-' * 5}.letters.{'news.' * 10}example>",
    }
    return Written(subject, sender, text, html, headers)


def own(leave=LETTER, preferences="https://news.example/p/") -> Own:
    return Own("anna@reader.example", "<1@news.example>", leave, "letters+u1-a@news.example", preferences)


def as_shown(header: str) -> str:
    """Decoded (RFC 2047, 6.2)."""
    return str(make_header(decode_header(header)))


def as_read(words: str) -> str:
    return re.sub("\r\n?", "\n", words)


@given(WORDS, WORDS, LINK, LINK)
@example(".\n..\n. \nfoo = bar  \n\t\n", "=", "", "=" * 300)
def test_what_arrives_is_what_was_written_with_the_blanks_filled(text, html, leave, preferences):
    reader = own(leave, preferences)

    raw = mail_of(written(text=text, html=html), reader)

    parts = email.message_from_bytes(raw, policy=email.policy.SMTP).get_payload()
    arrived = [as_read(part.get_payload(decode=True).decode()) for part in parts]
    assert arrived == [as_read(filled(words, reader)) for words in (text, html)]


@given(WORDS, LINK)
def test_no_line_is_longer_than_a_mail_may_have_and_all_is_ascii(text, leave):
    raw = mail_of(written(text=text), own(leave))
    head, _, body = raw.partition(b"\r\n\r\n")

    assert raw.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= LINE + 1
    assert b"\r" not in raw.replace(b"\r\n", b"") and b"\n" not in raw.replace(b"\r\n", b"")
    assert not re.search(rb"[ \t]\r\n", body)


@given(st.text(CHARACTER, min_size=1, max_size=150).map(one_line), st.text(CHARACTER, max_size=80).map(one_line))
@example("😀" * 150, "Ж" * 80)
@example("a" * 150, "a" * 80)
@example("“Гавань”", 'Новини, "Гавань" \\')
@example("0", "0" + "ࠀ" * 14 + " ¡")
def test_every_subject_and_every_name_of_a_sender_arrive(subject, name):
    sender = email.utils.formataddr((name, "news@news.example"))

    raw = mail_of(written(subject=subject, sender=sender), own())

    mail = email.message_from_bytes(raw)
    assert as_shown(mail["Subject"]).split() == subject.split()
    shown, address = email.utils.parseaddr(mail["From"].replace("\r\n", ""))
    assert as_shown(shown).split() == name.split()
    assert address == "news@news.example"
    head = raw.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 for line in re.findall(rb"=\?.*", head))


def test_what_names_the_list_is_never_broken_however_long():
    mail = email.message_from_bytes(mail_of(written(), own()), policy=email.policy.SMTP)

    assert mail["List-Unsubscribe"] == f"<{LETTER}>, <mailto:letters+u1-a@news.example>"
    assert mail["List-Id"] == written().headers["List-Id"]
