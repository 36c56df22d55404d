"""Our signature of a mail (DKIM, RFC 6376): mail servers see that it is from us, and that nobody changed it."""

from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path

import dkim
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.core.checks import Error

# Those of them that a mail has.
HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "Auto-Submitted"),
]


def is_on() -> bool:
    return bool(settings.DKIM_KEY)


def header(mail: bytes, sender: str) -> bytes:
    """
    The DKIM-Signature of a mail (RFC 5322), as the line to stand before it; empty where there is no key.

    It is of the domain of `sender`, so that both are the same to whoever looks (DMARC).
    """
    if not is_on():
        return b""
    signer = dkim.DKIM(mail)
    has = {name.lower() for name, _ in signer.headers}
    return signer.sign(
        settings.DKIM_SELECTOR.encode(),
        parseaddr(sender)[1].rpartition("@")[2].encode(),
        _pem(settings.DKIM_KEY),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name.encode() for name in HEADERS if name.lower().encode() in has],
    )


@lru_cache(maxsize=1)
def _key(setting: str) -> RSAPrivateKey:
    """An RSA key from its file, or as the setting has it. Raises `ValueError` or `OSError`."""
    is_text = setting.lstrip().startswith("-----BEGIN")
    pem = setting.replace("\\n", "\n").encode() if is_text else Path(setting).read_bytes()
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("It is no RSA key.")
    return key


@lru_cache(maxsize=1)
def _pem(setting: str) -> bytes:
    """In the one form that dkimpy reads."""
    return _key(setting).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def _by_openssl(hashed, _) -> bytes:
    return _key(settings.DKIM_KEY).sign(hashed.digest(), PKCS1v15(), Prehashed(SHA256()))


# dkimpy does the arithmetic in Python, in which time we write several mails.
dkim.RSASSA_PKCS1_v1_5_sign = _by_openssl


def check(**asked) -> list[Error]:
    """For Django's system check: whoever starts a process with a key that does not sign is told at once."""
    if not is_on():
        return []
    try:
        _key(settings.DKIM_KEY)
    except (OSError, ValueError, TypeError) as error:
        hint = "Name a file with an RSA key in PEM, unencrypted, that this user may read; or unset it."
        return [Error(f"DKIM_KEY cannot be used ({type(error).__name__}).", hint=hint, id="newsletter.E001")]
    if not settings.DKIM_SELECTOR:
        return [Error("DKIM_KEY is set without DKIM_SELECTOR.", hint="Set both.", id="newsletter.E002")]
    return []
