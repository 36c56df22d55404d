"""The nouns of the letters, one a file."""

from .bounce import Bounce
from .consent import Consent
from .delivery import Delivery
from .form_token import SpentToken
from .issue import Issue, IssueStory
from .last_sent import LastSent
from .letter import Letter, LetterStory
from .live_mail import LiveMail
from .mail_request import MailRequest
from .newsletter import Cadence, Newsletter
from .notice import Notice
from .outbox_mail import OutboxMail
from .pace import Pace
from .subscriber import Subscriber
from .subscriber_import import ImportProblem, SeenAddress, SubscriberImport
from .subscription import Subscription
from .suppression import Suppression
from .wording import Wording
from .worker import Worker

__all__ = [
    "Bounce",
    "Cadence",
    "Consent",
    "Delivery",
    "ImportProblem",
    "Issue",
    "IssueStory",
    "LastSent",
    "Letter",
    "LetterStory",
    "LiveMail",
    "MailRequest",
    "Newsletter",
    "Notice",
    "OutboxMail",
    "Pace",
    "SeenAddress",
    "SpentToken",
    "Subscriber",
    "SubscriberImport",
    "Subscription",
    "Suppression",
    "Wording",
    "Worker",
]
