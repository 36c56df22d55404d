"""Fields of our own: plain text without invisible trouble, and text sealed at rest."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.functional import cached_property

from .. import richtext


class Cleaned:
    """A field whose text is cleaned when it is validated and when it is saved."""

    def to_python(self, value):
        value = super().to_python(value)
        return value if value is None else self._clean(value)

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return value if value is None or not isinstance(value, str) else self._clean(value)

    def _clean(self, value):
        try:
            return self.clean_text(value)
        except richtext.RichTextRefused as refusal:
            raise ValidationError(str(refusal)) from refusal


class PlainTextField(Cleaned, models.TextField):
    """Text without markup and invisible control characters; of 5,000 characters at most, unless told."""

    clean_text = staticmethod(richtext.clean_text)

    @cached_property
    def validators(self):
        return super().validators or [MaxLengthValidator(5_000)]


class LineField(Cleaned, models.CharField):
    """One line of text without markup and invisible control characters."""

    @staticmethod
    def clean_text(value):
        return richtext.clean_text(value).replace("\n", " ")


class RichTextField(Cleaned, models.TextField):
    """HTML from the editor, cleaned by `richtext.clean`."""

    clean_text = staticmethod(richtext.clean)


class SealedTextField(models.TextField):
    """Text encrypted at rest (Fernet: AES-128-CBC and HMAC-SHA256) under `settings.CONFIDENTIAL_KEYS`."""

    def get_internal_type(self):
        return "BinaryField"

    def from_db_value(self, value, expression, connection):
        return None if value is None else _seal().decrypt(bytes(value)).decode()

    def get_db_prep_value(self, value, connection, prepared=False):
        return None if value is None else connection.Database.Binary(_seal().encrypt(value.encode()))


def _seal() -> MultiFernet:
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.CONFIDENTIAL_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
