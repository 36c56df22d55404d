import re
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Lower, Now

from ..keyed_hash import digest_of

# No white space, no control character, no list: what a header or an SMTP dialogue could be made of.
ADDRESS = r"^[^[:space:][:cntrl:]<>(),;:\"\\]+@[^[:space:][:cntrl:]<>(),;:\"\\@]+$"


# The address in small letters without its +tag: what comes to it lands in the same mailbox.
MAILBOX = Lower(
    models.Func(
        models.F("address"),
        models.Value(r"^([^@+]+)\+[^@]*@"),
        models.Value(r"\1@"),
        function="regexp_replace",
        output_field=models.TextField(),
    )
)


class DigestField(models.CharField):
    """Of the `address` of the same row; written with it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs | {"max_length": 64, "editable": False})

    def pre_save(self, model_instance, add):
        digest = digest_of(model_instance.address)
        setattr(model_instance, self.attname, digest)
        return digest


class SubscriberQuerySet(models.QuerySet):
    def at(self, address: str):
        """Whose address this is, written in whatever case; `address` as `addresses.normalised` gives it."""
        return self.annotate(address_lower=Lower("address")).filter(address_lower=address.lower())

    def sharing_mailbox(self, subscriber: "Subscriber"):
        """Those with the same address but for a +tag."""
        return self.annotate(mailbox=MAILBOX).filter(mailbox=subscriber.mailbox)

    def beginning_with(self, typed: str):
        """Those whose address begins so, in whatever case; in the order of the alphabet, which an index has."""
        lower = self.annotate(address_lower=Lower("address"))
        return lower.filter(address_lower__startswith=typed.lower()).order_by("address_lower")

    def paused(self, now):
        return self.filter(paused_until__gt=now)


class Subscriber(models.Model):
    """One address of somebody who gets letters, or asked for one and has not confirmed yet."""

    address = models.EmailField("e-mail address", max_length=254)
    digest = DigestField(help_text="By which the links of our mails know them; see `keyed_hash.digest_of`.")
    language = models.CharField(max_length=35, default=settings.LANGUAGE_CODE, help_text="BCP 47.")
    paused_until = models.DateTimeField(null=True, blank=True, help_text="Nothing is sent until then.")
    created_at = models.DateTimeField(db_default=Now())

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(Lower("address"), name="address_is_known_once_in_any_case"),
            models.UniqueConstraint(name="digest_is_of_one_address", fields=["digest"]),
            models.CheckConstraint(name="address_is_one_address", condition=models.Q(address__regex=ADDRESS)),
        ]
        indexes = [
            models.Index(OpClass(Lower("address"), "text_pattern_ops"), name="subscriber_by_address"),
            models.Index(MAILBOX, name="subscriber_by_mailbox"),
            models.Index(fields=["-id"], name="subscribers_paused", condition=models.Q(paused_until__isnull=False)),
        ]
        permissions = [("export_subscriber", "Can export subscribers")]

    def __str__(self):
        return self.address

    @property
    def links_begin_at(self) -> datetime:
        """What was mailed before opens nothing: it was to who had the address before an erasure. Clocks differ."""
        return self.created_at - timedelta(minutes=5)

    @property
    def mailbox(self) -> str:
        """
        >>> Subscriber(address="Anna+news@example.org").mailbox
        'anna@example.org'
        """
        return re.sub(r"^([^@+]+)\+[^@]*@", r"\1@", self.address).lower()
