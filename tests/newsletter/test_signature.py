"""Our signature under every mail to a reader, checked as a mail server checks it (RFC 6376)."""

import base64
import re

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from newsletter import digest, emails, sending, signature, trying_out
from newsletter.handing_over import hand_over
from newsletter.models import Issue, Notice, OutboxMail
from tests import make

PKCS8, PKCS1 = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key, how=PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, how, NoEncryption()).decode()


@pytest.fixture
def signing(settings, key):
    settings.DKIM_KEY, settings.DKIM_SELECTOR = pem(key), "news"
    settings.DEFAULT_FROM_EMAIL = "newsroom@news.example"


@pytest.fixture
def dns(key):
    """What stands in the DNS of news.example."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    return lambda name, timeout=5: record if name.rstrip(b".") == b"news._domainkey.news.example" else b""


def tags(raw: bytes) -> dict[str, str]:
    """Of the signature, without the white space in it."""
    [header] = [value for name, value in dkim.rfc822_parse(raw)[0] if name.lower() == b"dkim-signature"]
    pairs = (tag.split("=", 1) for tag in re.sub(r"\s", "", header.decode()).split(";") if tag)
    return dict(pairs)


def letter_from(sender: str = "") -> bytes:
    """A letter to one reader, as the outbox has it."""
    newsletter = make.newsletter(sender_name="Новини, щодня", sender_address=sender)
    make.subscription(newsletter=newsletter)
    issue = Issue.objects.create(newsletter=newsletter, subject="Гавань", intro="<p>. Привіт = 1 </p>")
    digest.start(issue)
    sending.send(issue, float("inf"))
    newest = OutboxMail.objects.order_by("-pk").first()
    return bytes(newest.raw) if newest else b""


def test_a_letter_on_its_way_is_signed_by_the_domain_it_is_from(live, signing, dns):
    letter_from()

    [raw] = live.raw
    assert dkim.verify(raw, dnsfunc=dns)
    told = tags(raw)
    assert (told["d"], told["s"], told["c"], told["a"]) == ("news.example", "news", "relaxed/relaxed", "rsa-sha256")
    covered = set(told["h"].split(":"))
    assert covered >= {
        *("from", "to", "subject", "date", "message-id", "mime-version", "content-type"),
        *("list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id"),
    }


@pytest.mark.parametrize(
    "words", [b"To: ", b"Subject: ", b"One-Click", b"Unsubscribe: <http", b"Feedback-ID: ", b"</p>"]
)
def test_who_changes_it_breaks_the_signature(live, signing, dns, words):
    letter_from()
    [raw] = live.raw
    assert words in raw

    assert not dkim.verify(raw.replace(words, words + b"a"), dnsfunc=dns)


def test_each_letter_is_signed_by_the_domain_of_its_own_sender(live, signing, dns):
    letter_from("harbour@harbour.example")

    [raw] = live.raw
    assert tags(raw)["d"] == "harbour.example"
    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: dns(b"news._domainkey.news.example"))


@pytest.mark.parametrize("kind", list(Notice.Kind))
def test_mails_about_ones_subscription_are_signed_too(live, signing, dns, kind):
    subscription = make.subscription(newsletter=make.newsletter("Щодня", sender_name="Новини, щодня"))
    about = None if kind == Notice.Kind.LINK else subscription
    mail = emails.message(Notice.objects.create(subscriber=subscription.subscriber, subscription=about, kind=kind))

    hand_over(mail)

    [raw] = live.raw
    assert dkim.verify(raw, dnsfunc=dns)
    covered = set(tags(raw)["h"].split(":"))
    assert {"from", "to", "subject", "date", "message-id", "auto-submitted"} <= covered
    assert ("list-unsubscribe" in covered) == ("List-Unsubscribe" in live.taken[0])


def test_a_letter_that_is_tried_out_is_signed_too(live, signing, dns):
    issue = make.issue(make.newsletter())

    trying_out.send_test(trying_out.sample(issue, {}, "en"), "me@desk.example")

    assert dkim.verify(live.raw[0], dnsfunc=dns)


def test_what_the_outbox_keeps_is_signed_like_what_leaves(db, signing, dns):
    assert dkim.verify(letter_from(), dnsfunc=dns)


def test_without_a_key_nothing_is(live):
    letter_from()

    assert b"DKIM" not in live.raw[0]


@pytest.mark.parametrize("how", ["a file", "one line", PKCS1, PKCS8])
def test_the_key_is_a_file_or_stands_in_the_setting(db, signing, dns, key, settings, tmp_path, how):
    file = tmp_path / "key.pem"
    file.write_text(pem(key))
    one_line = pem(key).replace("\n", "\\n")
    settings.DKIM_KEY = {"a file": str(file), "one line": one_line}.get(how) or pem(key, how)

    assert signature.check() == []
    assert dkim.verify(letter_from(), dnsfunc=dns)


@pytest.mark.parametrize("setting", ["/no/such/key.pem", "-----BEGIN", "another kind", "no selector"])
def test_a_key_that_does_not_sign_is_said_when_a_process_starts(setting, signing, settings):
    curve = pem(ec.generate_private_key(ec.SECP256R1()))
    if setting == "no selector":
        settings.DKIM_SELECTOR = ""
    else:
        settings.DKIM_KEY = curve if setting == "another kind" else setting

    [error] = signature.check()

    assert "DKIM_" in error.msg
    assert error.hint
    assert "BEGIN" not in f"{error.msg}{error.hint}"
