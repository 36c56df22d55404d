"""The nouns of the letters, one a file."""

from .consent import Consent
from .form_token import SpentToken
from .live_mail import LiveMail
from .mail_request import MailRequest
from .newsletter import Cadence, Newsletter
from .notice import Notice
from .outbox_mail import OutboxMail
from .subscriber import Subscriber
from .subscriber_import import ImportProblem, SeenAddress, SubscriberImport
from .subscription import Subscription
from .suppression import Suppression
from .wording import Wording

__all__ = [
    "Cadence",
    "Consent",
    "ImportProblem",
    "LiveMail",
    "MailRequest",
    "Newsletter",
    "Notice",
    "OutboxMail",
    "SeenAddress",
    "SpentToken",
    "Subscriber",
    "SubscriberImport",
    "Subscription",
    "Suppression",
    "Wording",
]
