"""
The mails about one's own subscription, as they are sent.

Their words are in `templates/newsletter/mail/`, a folder a language; the first line of each .txt is the subject.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from css_inline import CSSInliner
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac

from articles.frame import absolute
from articles.languages import direction
from articles.models import Revision

from . import signature
from .addresses import NotAnAddress, normalised
from .models import Newsletter, Notice, Subscriber, Subscription
from .tokens import Purpose, token

_FOLDER = "newsletter/mail"
# Those that our mails are written in.
LANGUAGES = sorted(path.name for path in Path(settings.BASE_DIR, "templates", _FOLDER).iterdir() if path.is_dir())

# It keeps what no attribute can say: how the mail looks in the dark.
_inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Subject:
    """The letter or the story that a mail is about, with the newest headline that readers have."""

    title: str
    link: str
    list_id: str
    is_story: bool = False
    promise: str = ""
    cadence: str = ""


@dataclass(frozen=True)
class Links:
    confirm: str
    preferences: str
    leave: str


class Mail(EmailMultiAlternatives):
    """To one subscriber; a sample is to none."""

    subscriber: Subscriber | None = None

    def message(self):
        mail = super().message()
        signed = signature.header(mail.as_bytes(linesep="\r\n"), self.from_email)
        if signed:
            name, _, value = signed.decode().partition(":")
            mail[name] = " ".join(value.split())
        return mail


# Stands for a token in the links of mails that are tried out; whoever follows one is told so.
SAMPLE = "sample"


def confirm_link(subscription: Subscription) -> str:
    return _link("confirm", token(Purpose.CONFIRM, subscription.name_in_links))


def preferences_link(subscriber: Subscriber) -> str:
    return preferences_link_of(subscriber.digest)


def preferences_link_of(digest: str) -> str:
    return _link("preferences", token(Purpose.PREFERENCES, digest))


def leave_link(subscription: Subscription) -> str:
    """It works for ever; programs may POST to it (RFC 8058)."""
    return leave_link_of(subscription.name_in_links)


def leave_link_of(name: str, issue: int | None = None) -> str:
    """Of a subscription by its name in links; `issue` is the one it stands in."""
    return _link("leave", token(Purpose.LEAVE, name)) + (f"?issue={issue}" if issue else "")


def _link(road: str, token: str) -> str:
    return absolute(_road(road).replace(SAMPLE, token))


@cache
def _road(road: str) -> str:
    """With the sample in it; to ask for the road of each token takes longer than to sign it."""
    return reverse(f"newsletter:{road}", args=[SAMPLE])


def title_of(subscription: Subscription) -> str:
    """Of the letter, or the headline that readers have; empty if they have the story no more."""
    if subscription.newsletter:
        return subscription.newsletter.title
    public = Revision.objects.public().filter(article=subscription.article_id)
    return public.values_list("headline", flat=True).first() or ""


def message(notice: Notice) -> Mail:
    """The mail of a notice: the same one, under the same Message-ID, however often it is tried."""
    subscriber, subscription = notice.subscriber, notice.subscription
    links = Links(
        confirm=confirm_link(subscription) if subscription else "",
        preferences=preferences_link(subscriber),
        leave=leave_link(subscription) if subscription else "",
    )
    mail = _mail(notice.kind, subscriber.language, subscription, links)
    mail.to, mail.subscriber = [subscriber.address], subscriber
    mail.extra_headers["Message-ID"] = message_id("newsletter.notice", str(notice.pk), mail.from_email)
    return mail


def sample(kind: Notice.Kind, language: str, newsletter: Newsletter) -> Mail:
    """What a subscriber of `newsletter` would get, to nobody and with links that do nothing."""
    about = (
        None if kind == Notice.Kind.LINK else Subscription(newsletter=newsletter, cadence=newsletter.cadences[0])
    )
    return _mail(kind, language, about, dead_links())


def dead_links() -> Links:
    """Those of no one."""
    return Links(*(_link(road, SAMPLE) for road in ("confirm", "preferences", "leave")))


def _mail(kind: str, language: str, subscription: Subscription | None, links: Links) -> Mail:
    language = _nearest(language)
    subject = _subject(subscription) if subscription else None
    shown = {"about": subject, "links": links, "language": language, "direction": direction(language)}
    first, _, text = render_to_string(f"{_FOLDER}/{language}/{kind}.txt", shown).partition("\n")
    line = one_line(first)
    html = render_to_string(f"{_FOLDER}/{language}/{kind}.html", {**shown, "subject": line})
    mail = Mail(line, text.strip() + "\n", _sender(subscription), headers=_headers(subject))
    if kind in (Notice.Kind.KNOWN, Notice.Kind.WELCOME):
        mail.extra_headers["List-Unsubscribe"] = f"<{links.leave}>"
        mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.attach_alternative(inlined(html), "text/html")
    return mail


def inlined(html: str) -> str:
    """With the styles in the elements, as mail programs want them."""
    return _inliner.inline(html)


def _nearest(language: str) -> str:
    """The language of ours that is most like this one; English if none is."""
    own = language.lower()
    return next((known for known in (own, own.split("-")[0]) if known in LANGUAGES), "en")


def _subject(subscription: Subscription) -> Subject:
    newsletter, article = subscription.newsletter, subscription.article
    host = urlsplit(settings.SITE_URL).hostname
    if newsletter is None:
        return Subject(
            title=title_of(subscription),
            link=absolute(article.get_absolute_url()),
            list_id=f"<{article.slug}.stories.{host}>",
            is_story=True,
            cadence=subscription.cadence,
        )
    return Subject(
        title=newsletter.title,
        link=absolute(newsletter.get_absolute_url()),
        list_id=f"<{newsletter.slug}.letters.{host}>",
        promise=newsletter.promise,
        cadence=subscription.cadence,
    )


def _headers(subject: Subject | None) -> dict[str, str]:
    """What tells programs that no person wrote this (RFC 3834), and of which list it is (RFC 2919)."""
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    return {**headers, "List-Id": subject.list_id} if subject else headers


def _sender(subscription: Subscription | None) -> str:
    newsletter = subscription.newsletter if subscription else None
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if newsletter:
        name = newsletter.sender_name or name
        # The form refuses what is no address; a row that has one all the same is to burn no mail.
        with suppress(NotAnAddress):
            address = normalised(newsletter.sender_address) if newsletter.sender_address else address
    return formataddr((one_line(name or settings.SITE_NAME), address))


def message_id(salt: str, subject: str, sender: str) -> str:
    """The same for the same mail, however often it is tried."""
    host = address_in(sender).rpartition("@")[2] or "localhost"
    return f"<{salted_hmac(salt, subject).hexdigest()[:32]}@{host}>"


@lru_cache
def address_in(sender: str) -> str:
    return parseaddr(sender)[1]


def one_line(text: str) -> str:
    """
    As the value of a header may be.

    >>> one_line("Ukraine\\r\\nBcc: all@example.org\\x00")
    'Ukraine Bcc: all@example.org'
    """
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())
