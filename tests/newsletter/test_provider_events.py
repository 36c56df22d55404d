"""What a provider tells us over HTTP of the mails that it carried: believed if it knows the secret."""

import hashlib
import hmac
import json
import warnings
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from anymail.exceptions import AnymailInsecureWebhookWarning
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.test import Client
from django.utils import timezone

from newsletter import digest, emails, provider_events, sending, signing_up, suppressing
from newsletter.models import Bounce, Delivery, Issue, OutboxMail, Subscription, Suppression
from tests import make

pytestmark = pytest.mark.django_db

VIRA = "vira@reader.example"
POSTMARK, MAILGUN = (f"/newsletters/events/{name}/" for name in ("postmark", "mailgun"))
SECRET = "provider:a-secret"
HOUR = timedelta(hours=1)
LEFT = {"Recipient": VIRA, "SuppressSending": True, "SuppressionReason": "ManualSuppression"}


@pytest.fixture(autouse=True)
def known_secret(settings):
    settings.ANYMAIL_WEBHOOK_SECRET = SECRET


@pytest.fixture
def delivery(letter) -> Delivery:
    make.subscription(make.subscriber(VIRA), newsletter=letter)
    issue = Issue.objects.create(newsletter=letter, subject="This week")
    digest.start(issue)
    sending.send(issue, float("inf"))
    return issue.deliveries.get()


def told(kind="HardBounce", record="Bounce", **fields) -> dict:
    """As Postmark tells it."""
    event = {
        "RecordType": record,
        "ID": 42,
        "Type": kind,
        "TypeCode": 1,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Description": "The server was unable to deliver your message.",
        "Details": "Test bounce details",
        "Email": VIRA,
        "BouncedAt": timezone.now().isoformat(),
    }
    return {**event, **fields}


def tell(event, secret=SECRET, road=POSTMARK):
    """Without a cookie, and however strictly these are asked for."""
    provider = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
    return provider.post(road, json.dumps(event), "application/json", headers=headers)


def bounce_of(delivery) -> str:
    delivery.refresh_from_db()
    return delivery.bounce


def reason() -> str:
    return suppressing.reason_of(VIRA)


def test_who_does_not_exist_is_written_to_no_more(delivery):
    answer = tell(told())

    assert (answer.status_code, answer.cookies) == (200, {})
    assert reason() == Suppression.Reason.BOUNCED
    assert bounce_of(delivery) == "hard"
    assert not Subscription.objects.active().exists()


def test_who_complains_is_never_written_to_again(delivery):
    before = OutboxMail.objects.count()

    tell(told("SpamComplaint", "SpamComplaint"))

    assert reason() == Suppression.Reason.COMPLAINED
    assert bounce_of(delivery) == "complaint"
    assert OutboxMail.objects.count() == before


def test_what_is_told_again_counts_once(delivery, settings):
    event = told("SoftBounce")

    for _ in range(settings.SOFT_BOUNCES + 1):
        assert tell(event).status_code == 200

    assert Bounce.objects.count() == 1
    assert bounce_of(delivery) == "soft"
    assert reason() == ""


def test_each_that_is_another_counts(delivery, settings):
    for number in range(settings.SOFT_BOUNCES):
        tell(told("SoftBounce", ID=number))

    assert reason() == Suppression.Reason.BOUNCED


def test_who_leaves_by_the_link_of_the_provider_has_left(delivery):
    tell(told(record="SubscriptionChange", ChangedAt=timezone.now().isoformat(), **LEFT))

    assert not Subscription.objects.active().exists()
    assert reason() == ""


def test_told_of_it_again_it_ends_nothing_that_they_asked_for_since(delivery):
    event = told(record="SubscriptionChange", ChangedAt=(timezone.now() - HOUR).isoformat(), **LEFT)
    Subscription.objects.update(asked_at=timezone.now() - 2 * HOUR)
    tell(event)
    assert not Subscription.objects.active().exists()
    signing_up.ask(VIRA, newsletter=delivery.issue.newsletter, language="en-gb", page="/")

    tell(event)
    signing_up.confirm(Subscription.objects.pending().get(), page="/")
    tell(event)

    assert Subscription.objects.active().exists()


@pytest.mark.parametrize("secret", ["", "provider:another", "a-secret", f"{SECRET} "])
def test_who_does_not_know_the_secret_is_not_believed(delivery, secret, caplog):
    caplog.set_level("CRITICAL", "django")

    assert tell(told(), secret).status_code == 403

    assert reason() == ""


def test_without_a_secret_nobody_is(delivery, settings):
    settings.ANYMAIL_WEBHOOK_SECRET = ""

    with warnings.catch_warnings():
        warnings.simplefilter("error", AnymailInsecureWebhookWarning)
        assert tell(told()).status_code == 404
        assert tell(told(), ":").status_code == 404

    assert reason() == ""


def signed(event: dict, key: str) -> dict:
    """As Mailgun signs what it tells."""
    at, token = str(int(timezone.now().timestamp())), "a" * 50
    signature = hmac.new(key.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": at, "token": token, "signature": signature}, "event-data": event}


def test_of_one_that_signs_the_signature_has_to_be_right_too(delivery, settings, caplog):
    caplog.set_level("CRITICAL", "django")
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": "the-key"}
    event = {"event": "failed", "severity": "permanent", "reason": "bounce", "recipient": VIRA, "id": "a"}
    event |= {"timestamp": timezone.now().timestamp(), "delivery-status": {"code": 550, "message": "5.1.1 nobody"}}

    assert tell(signed(event, "another"), road=MAILGUN).status_code == 403
    assert reason() == ""

    assert tell(signed(event, "the-key"), road=MAILGUN).status_code == 200
    assert reason() == Suppression.Reason.BOUNCED


def test_one_whose_key_nobody_has_set_is_not_there(delivery, caplog):
    assert tell(signed({}, "a key"), road=MAILGUN).status_code == 404
    assert "Events of mailgun are not taken" in caplog.text


def test_of_several_mails_it_is_the_one_whose_number_is_told(delivery, letter):
    newer = Issue.objects.create(newsletter=letter, subject="Again")
    digest.start(newer)
    sending.send(newer, float("inf"))
    number = emails.message_id("newsletter.issue", f"{delivery.issue_id}:{delivery.subscriber_id}", "a@b.example")

    tell(told(MessageID=number))

    assert bounce_of(delivery) == "hard"
    assert bounce_of(newer.deliveries.get()) == ""


def event(type_=EventType.BOUNCED, reason=None, said="", esp=None) -> AnymailTrackingEvent:
    return AnymailTrackingEvent(
        event_type=type_,
        reject_reason=reason,
        mta_response=said,
        esp_event=esp or {},
        recipient=VIRA,
        timestamp=datetime(2026, 4, 15, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (event(reason=RejectReason.BOUNCED), "hard"),
        (event(reason=RejectReason.INVALID), "hard"),
        (event(reason=RejectReason.TIMED_OUT), "soft"),
        (event(reason=RejectReason.BOUNCED, esp={"event": "soft_bounce"}), "soft"),
        (event(reason=RejectReason.BOUNCED, esp={"bounce": {"bounceType": "Transient"}}), "soft"),
        (event(reason=RejectReason.BOUNCED, said="smtp; 452 4.2.2 mailbox full"), "soft"),
        (event(reason=RejectReason.OTHER, said="550 5.1.1 nobody"), "hard"),
        (event(reason=RejectReason.BLOCKED, said="550 5.7.1 blocked"), None),
        (event(reason=RejectReason.OTHER, said="550 nobody (#5.1.1)."), "hard"),
        (event(reason=RejectReason.OTHER, said="421 try again later (mx1.example.org[10.5.1.20])"), "soft"),
        (event(reason=RejectReason.OTHER, said="host a.example[203.5.2.1] said: 450 greylisted"), "soft"),
        (event(EventType.REJECTED, RejectReason.BOUNCED), "hard"),
        (event(EventType.REJECTED, RejectReason.SPAM), "complaint"),
        (event(EventType.REJECTED, RejectReason.BLOCKED), None),
        (event(EventType.COMPLAINED), "complaint"),
        (event(EventType.DEFERRED), None),
        (event(EventType.DELIVERED), None),
        (event(EventType.OPENED), None),
        (event(EventType.AUTORESPONDED), None),
    ],
)
def test_each_event_is_taken_for_what_it_means(event, kind):
    assert provider_events.kind_of(event) == kind


@pytest.mark.parametrize("address", ["", "nobody", "stranger@reader.example", "a@b.example\r\nBcc: c@d.example"])
def test_of_nobody_we_know_nothing_is_kept(delivery, address):
    assert tell(told(Email=address)).status_code == 200
    assert not Bounce.objects.exists()


@pytest.mark.parametrize(("method", "status"), [("get", 404), ("put", 405), ("head", 200)])
def test_nothing_is_told_but_by_post(method, status, caplog):
    caplog.set_level("CRITICAL", "django")

    assert getattr(Client(), method)(POSTMARK).status_code == status
