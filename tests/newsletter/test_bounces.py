"""Mails that came back, and complaints: who is written to no more, however often and by whom it is told."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import (
    bounces,
    digest,
    leaving,
    reporting,
    retention,
    return_addresses,
    sending,
    signing_up,
    suppressing,
)
from newsletter.bounces import Became, Kind
from newsletter.models import Bounce, Consent, Delivery, Issue, Notice, OutboxMail, Subscription, Suppression
from newsletter.return_addresses import For
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

VIRA = "vira@reader.example"
DAY = timedelta(days=1)


@pytest.fixture
def vira(letter):
    """She has got two letters for long, and follows a story."""
    vira = make.subscriber(VIRA, created_at=timezone.now() - 200 * DAY)
    make.subscription(vira, newsletter=letter)
    make.subscription(vira, newsletter=make.newsletter())
    make.subscription(vira, article=make.published())
    return vira


def mailed(letter, at=None) -> Delivery:
    """An issue that went out to all who have the letter, and the delivery to Vira."""
    issue = Issue.objects.create(newsletter=letter, subject="This week")
    digest.start(issue)
    sending.send(issue, float("inf"))
    sending.finish(issue)
    if at:
        issue.deliveries.update(sent_at=at)
    return issue.deliveries.get()


def came_back(letter, kind, at=None) -> Became:
    delivery = mailed(letter, at)
    return bounces.came_back(delivery, kind=kind, key=bounces.key_of(delivery, kind), at=at)


def reason() -> str:
    return suppressing.reason_of(VIRA)


def test_who_does_not_exist_is_written_to_no_more_by_any_letter(vira, letter):
    assert came_back(letter, Kind.HARD) == Became.NEW

    assert reason() == Suppression.Reason.BOUNCED
    assert not Subscription.objects.active().exists()
    assert {consent.method for consent in vira.consents.all()} == {Consent.Method.PROVIDER}
    assert Delivery.objects.get().bounce == Kind.HARD


def test_nothing_at_all_is_mailed_after_that_not_even_what_waited(vira, letter):
    other = Issue.objects.create(newsletter=vira.subscriptions.all()[1].newsletter, subject="On its way")
    digest.start(other)
    delivery = mailed(letter)
    vira.notices.create(kind=Notice.Kind.LINK, due_at=timezone.now())
    before = OutboxMail.objects.count()

    bounces.came_back(delivery, kind=Kind.HARD, key="1")
    sending.send(other, float("inf"))

    assert OutboxMail.objects.count() == before
    assert other.deliveries.get().reason == Delivery.Reason.LEFT
    assert not Notice.objects.due(timezone.now()).exists()


def test_a_mail_that_comes_back_for_now_says_nothing_by_itself(vira, letter):
    came_back(letter, Kind.SOFT)

    assert reason() == ""
    assert Subscription.objects.active().count() == 3
    assert Delivery.objects.get().bounce == Kind.SOFT


def test_five_within_ten_days_do(vira, letter):
    now = timezone.now()
    for days in (9, 8, 6, 3):
        came_back(letter, Kind.SOFT, now - days * DAY)
    assert reason() == ""

    came_back(letter, Kind.SOFT, now)

    assert reason() == Suppression.Reason.BOUNCED
    assert not Subscription.objects.active().exists()


def test_five_over_a_longer_time_do_not(vira, letter):
    for days in (40, 30, 20, 10, 0):
        came_back(letter, Kind.SOFT, timezone.now() - days * DAY)

    assert reason() == ""


def test_who_runs_the_site_says_how_many(vira, letter, settings):
    settings.SOFT_BOUNCES = 2

    came_back(letter, Kind.SOFT)
    came_back(letter, Kind.SOFT)

    assert reason() == Suppression.Reason.BOUNCED


def test_who_complains_leaves_everything_without_another_mail_and_is_never_written_to_again(vira, letter):
    delivery = mailed(letter)
    before = OutboxMail.objects.count()

    bounces.came_back(delivery, kind=Kind.COMPLAINT, key="1")
    signing_up.ask(VIRA, newsletter=letter, language="en-gb", page="/")

    assert reason() == Suppression.Reason.COMPLAINED
    assert not Subscription.objects.active().exists()
    assert OutboxMail.objects.count() == before


def test_a_complaint_stays_one_whatever_comes_back_later(vira, letter):
    came_back(letter, Kind.COMPLAINT)

    bounces.came_back(VIRA, kind=Kind.HARD, key="2")

    assert reason() == Suppression.Reason.COMPLAINED


def test_a_mail_that_was_complained_of_counts_as_that_whatever_is_told_of_it_later(vira, letter):
    delivery = mailed(letter)

    for kind in (Kind.SOFT, Kind.COMPLAINT, Kind.HARD, Kind.SOFT, Kind.COMPLAINT):
        bounces.came_back(delivery, kind=kind, key=bounces.key_of(delivery, kind))

    assert reporting.report(delivery.issue).complained == 1


def test_what_is_told_again_counts_once(vira, letter):
    delivery = mailed(letter)

    told = [bounces.came_back(delivery, kind=Kind.SOFT, key="one") for _ in range(7)]

    assert told == [Became.NEW] + [Became.KNOWN] * 6
    assert Bounce.objects.count() == 1
    assert reason() == ""


def test_an_address_will_do_where_nobody_knows_which_mail_it_was(vira):
    assert bounces.came_back(VIRA.upper(), kind=Kind.HARD, key="1") == Became.NEW

    assert reason() == Suppression.Reason.BOUNCED


def test_of_nobody_we_know_nothing_is_kept_and_no_address_stands_in_the_log(db, caplog):
    caplog.set_level(logging.INFO, "newsletter.bounces")

    assert bounces.came_back("stranger@reader.example", kind=Kind.HARD, key="stranger") == Became.UNKNOWN

    assert not Suppression.objects.exists() and not Bounce.objects.exists()
    assert "of nobody we know" in caplog.text
    assert "stranger" not in caplog.text


def test_a_mail_to_somebody_erased_since_is_of_nobody(vira, letter):
    delivery = mailed(letter)
    vira.delete()
    delivery.refresh_from_db()

    assert bounces.came_back(delivery, kind=Kind.HARD, key="1") == Became.UNKNOWN


def confirm_anew(letter):
    """By the outbox, as its owner does."""
    signing_up.ask(VIRA, newsletter=letter, language="en-gb", page="/")
    signing_up.confirm(Subscription.objects.get(newsletter=letter), page="/")


def test_who_is_suppressed_and_signs_up_again_gets_nothing_before_they_confirm_anew(vira, letter):
    came_back(letter, Kind.HARD)
    OutboxMail.objects.all().delete()

    signing_up.ask(VIRA, newsletter=letter, language="en-gb", page="/")

    subscription = Subscription.objects.get(newsletter=letter)
    assert [mail.subject for mail in OutboxMail.objects.all()] == [f"Please confirm: {letter.title}"]
    assert subscription.is_pending and reason()
    issue = Issue.objects.create(newsletter=letter, subject="Next week")
    digest.start(issue)
    assert issue.deliveries.count() == 0

    signing_up.confirm(subscription, page="/")

    assert reason() == ""
    assert [s.newsletter for s in Subscription.objects.active()] == [letter]
    assert vira.consents.filter(act=Consent.Act.CONFIRMED).count() == 1


def test_what_was_mailed_before_they_confirmed_anew_says_nothing_of_the_address(vira, letter):
    delivery = mailed(letter)
    bounces.came_back(delivery, kind=Kind.HARD, key="1")
    confirm_anew(letter)

    assert bounces.came_back(delivery, kind=Kind.HARD, key="1") == Became.LATE
    assert bounces.came_back(delivery, kind=Kind.HARD, key="told otherwise") == Became.LATE
    assert reason() == ""


def test_a_complaint_counts_however_late(vira, letter):
    delivery = mailed(letter)
    bounces.came_back(delivery, kind=Kind.HARD, key="1")
    confirm_anew(letter)

    bounces.came_back(delivery, kind=Kind.COMPLAINT, key="2")

    assert reason() == Suppression.Reason.COMPLAINED
    assert not Subscription.objects.active().exists()


def test_nothing_is_believed_of_longer_ago_than_we_keep_what_would_tell_it_again(vira):
    old = timezone.now() - bounces.KEPT_FOR - DAY

    assert bounces.came_back(VIRA, kind=Kind.COMPLAINT, key="1", at=old) == Became.LATE


def test_what_came_back_is_forgotten_after_ninety_days(vira):
    bounces.came_back(VIRA, kind=Kind.SOFT, key="1")

    assert retention.sweep(timezone.now() + 89 * DAY)["bounces"] == 0
    assert retention.sweep(timezone.now() + 91 * DAY)["bounces"] == 1


def test_staff_find_it_in_the_history_of_the_subscriber(client, vira):
    bounces.came_back(VIRA, kind=Kind.SOFT, key="1")
    bounces.came_back(VIRA, kind=Kind.COMPLAINT, key="2")
    client.force_login(make.user("letters staff"))

    page = client.get(f"/desk/newsletter/subscriber/{vira.pk}/change/").content.decode()

    assert "A mail came back for now" in page
    assert "Complained of our mail" in page


def test_leaving_everything_by_ones_own_button_is_still_answered_by_a_mail(vira):
    leaving.leave_everything(vira, method=Consent.Method.LINK)

    assert [mail.subject for mail in OutboxMail.objects.all()] == ["You have unsubscribed from everything"]


def test_an_address_for_returns_names_its_delivery_in_small_letters_and_is_short(settings):
    settings.LETTERS_MAILBOX = "a-name-of-thirty-characters-eh@news.example"
    delivery = 2**63 - 1

    for purpose in For:
        found = return_addresses.address(purpose, delivery)

        assert found == found.lower()
        assert len(found.rpartition("@")[0]) <= 64
        assert return_addresses.delivery_in(f"<{found}>", purpose) == delivery
        assert return_addresses.delivery_in(found.upper(), *For) == delivery


@pytest.mark.parametrize(
    "mailbox", ["letters", "letters@", "two@news.example, a@b.example", f"{'a' * 31}@b.example"]
)
def test_a_mailbox_that_takes_no_such_mail_is_said_when_a_process_starts(settings, mailbox):
    settings.LETTERS_MAILBOX = "letters@news.example"
    assert return_addresses.check() == []

    settings.LETTERS_MAILBOX = mailbox

    assert "LETTERS_MAILBOX" in return_addresses.check()[0].msg


def test_it_is_good_for_what_it_was_made_for_alone(settings):
    settings.LETTERS_MAILBOX = "letters@news.example"
    bounce = return_addresses.address(For.BOUNCE, 15)

    assert return_addresses.delivery_in(bounce, For.LEAVE) is None
    assert return_addresses.delivery_in(bounce.replace("+b15-", "+u15-"), For.LEAVE) is None
    assert return_addresses.delivery_in(bounce.replace("+b15-", "+b16-"), For.BOUNCE) is None


def test_those_of_a_former_secret_key_are_known(settings):
    settings.LETTERS_MAILBOX = "letters@news.example"
    bounce = return_addresses.address(For.BOUNCE, 15)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one", [settings.SECRET_KEY]

    assert return_addresses.delivery_in(bounce, For.BOUNCE) == 15


def test_each_mail_comes_back_to_an_address_of_its_own_and_can_be_left_by_mail(live, settings):
    settings.LETTERS_MAILBOX = "letters@news.example"
    letter = make.newsletter()
    make.subscription(newsletter=letter)

    delivery = mailed(letter)

    assert live.senders == [return_addresses.address(For.BOUNCE, delivery.pk)]
    [mail] = live.taken
    leave = return_addresses.address(For.LEAVE, delivery.pk)
    assert mail["List-Unsubscribe"].startswith("<http")
    assert mail["List-Unsubscribe"].endswith(f">, <mailto:{leave}>")
