"""A correction reaches exactly those whom we had mailed what was wrong, once."""

import email
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from articles import publishing, withholding
from articles.kinds import Kind
from articles.models import Desk
from newsletter import correcting, digest, leaving, sending
from newsletter.models import Cadence, Consent, Delivery, Issue, LastSent, OutboxMail
from tests import make

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=3)


@pytest.fixture
def letter():
    return make.newsletter(topic=make.topic("Ukraine"))


@pytest.fixture
def story(letter):
    return make.published("Talks begin", topic=letter.topic, lead="Talks begin in Rome.")


@pytest.fixture
def editor():
    return make.editor()


def reader_of(letter, name="", **fields):
    address = f"{name}@reader.example" if name else ""
    fields = {"newsletter": letter, "cadence": Cadence.EACH, **fields}
    return make.subscription(make.subscriber(address), **fields).subscriber


def digests():
    digest.compose_due(timezone.now() + LATER)
    send()


def send():
    for issue in Issue.objects.sending():
        sending.send(issue, float("inf"))
        sending.finish(issue)


def correct(story, first_wrong, last_wrong=None, *, by=None, lead="Six came.", is_mailed=False, **box):
    """The correction, which no digest mails unless told."""
    story.refresh_from_db()
    base = Desk.objects.get(article=story).base_number
    story.lead = lead
    story.save()
    box = publishing.Box("Five came.", "Six came.", first_wrong, last_wrong or base, **box)
    said = {"note": "It was six.", "box": box, "reason": "A test.", "is_mailed": is_mailed}
    return publishing.publish(story, kind=Kind.CORRECTION, by=by or make.editor(), base=base, **said).correction


def mails_to(subscriber):
    raws = OutboxMail.objects.filter(to=subscriber.address).order_by("pk").values_list("raw", flat=True)
    return [email.message_from_bytes(bytes(raw), policy=email.policy.default) for raw in raws]


def words(mail):
    return mail.get_body(("plain",)).get_content()


def test_of_five_readers_the_two_who_were_mailed_what_was_wrong_are_told(letter, story, editor):
    before, gone = reader_of(letter, "anna"), reader_of(letter, "boris")
    digests()  # Edition 1, which had it right.
    for reader in (before, gone):
        leaving.leave(reader.subscriptions.get(), method=Consent.Method.ONE_CLICK)
    make.subscription(before, article=make.published("Another"), cadence=Cadence.WEEKLY)
    got_it = [reader_of(letter, "vira"), reader_of(letter, "dmytro")]
    make.edition(story, lead="Five came.", note="The delegations came.")
    digests()
    never = reader_of(letter, "olena")
    correction = correct(story, 2)

    assert set(correcting.recipients(correction)) == set(got_it)
    correcting.tell(correction, editor)
    OutboxMail.objects.all().delete()
    send()

    assert sorted(OutboxMail.objects.values_list("to", flat=True)) == [
        "dmytro@reader.example",
        "vira@reader.example",
    ]
    assert mails_to(never) == mails_to(before) == mails_to(gone) == []


def test_the_mail_begins_with_what_was_wrong_and_what_is_right(letter, story, editor):
    reader = reader_of(letter)
    make.edition(story, lead="Five came.", note="The delegations came.")
    digests()
    correcting.tell(correct(story, 2), editor)

    send()

    mail = mails_to(reader)[-1]
    text = words(mail)
    assert mail["Subject"] == "Correction: Talks begin"
    assert text.index("Five came.") < text.index("Six came.")
    assert "because we mailed you what was wrong" in text
    assert f"/newsletters/leave/newsletter-{letter.pk}-{reader.digest}" in mail["List-Unsubscribe"]


def test_whoever_may_have_got_it_is_told(letter, story, editor):
    reader = reader_of(letter)
    digests()
    Delivery.objects.update(state=Delivery.State.IN_DOUBT)
    LastSent.objects.all().delete()
    correction = correct(story, 1)

    correcting.tell(correction, editor)
    send()

    assert mails_to(reader)[-1]["Subject"] == "Correction: Talks begin"
    assert "Five came." in words(mails_to(reader)[-1])


def test_a_digest_does_not_repeat_it_and_it_repeats_no_digest(letter, story, editor):
    told_by_digest = reader_of(letter)
    digests()
    correction = correct(story, 1, is_mailed=True)
    digests()
    told_by_us = reader_of(letter)

    assert not correcting.reach(correction).people
    assert len(mails_to(told_by_digest)) == 2

    make.edition(story, lead="Seven came.", note="Another came.")
    digests()
    second = correct(story, 3, lead="Eight came.", is_mailed=True)
    correcting.tell(second, editor)
    send()
    digests()

    assert len(mails_to(told_by_digest)) == 4 and len(mails_to(told_by_us)) == 2
    assert set(LastSent.objects.values_list("number", flat=True)) == {4}


def test_who_has_it_on_its_way_already_is_left_to_that(letter, story, editor):
    reader_of(letter)
    digests()
    correction = correct(story, 1, is_mailed=True)
    digest.compose_due(timezone.now() + LATER)

    with pytest.raises(correcting.Refused, match="nobody to tell"):
        correcting.tell(correction, editor)


def test_it_is_mailed_once(letter, story, editor):
    reader_of(letter)
    digests()
    correction = correct(story, 1)
    correcting.tell(correction, editor)

    with pytest.raises(correcting.Refused, match="mailed already"):
        correcting.tell(correction, editor)

    assert Issue.objects.filter(made=Issue.Made.CORRECTION).count() == 1


def test_who_left_every_letter_is_counted_and_gets_nothing(letter, story, editor):
    stays, gone = reader_of(letter), reader_of(letter)
    digests()
    leaving.leave(gone.subscriptions.get(), method=Consent.Method.ONE_CLICK)
    correction = correct(story, 1)
    assert correcting.reach(correction) == correcting.Reach(people=1, gone=1)

    issue = correcting.tell(correction, editor)
    send()

    assert {d.subscriber: (d.state, d.reason) for d in issue.deliveries.all()} == {
        stays: ("sent", ""),
        gone: ("excluded", Delivery.Reason.LEFT),
    }


def test_a_story_that_was_withdrawn_is_not_corrected_by_mail(letter, story, editor):
    reader_of(letter)
    digests()
    correction = correct(story, 1)
    publishing.withdraw(story, by=editor, base=2, note="Our source was forged.")

    with pytest.raises(correcting.Refused, match="taken from them"):
        correcting.tell(correction, editor)


def test_nor_is_anything_by_a_correction_that_is_withheld(letter, story, editor):
    reader_of(letter)
    digests()
    correction = correct(story, 1)
    make.edition(story, lead="Seven came.")
    withholding.withhold(story, numbers=[2], category="law", by=make.user("chief"))

    with pytest.raises(correcting.Refused, match="taken from them"):
        correcting.tell(correction, editor)


def test_what_is_withheld_while_it_is_being_mailed_reaches_nobody_more(letter, story, editor):
    reader = reader_of(letter)
    digests()
    correction = correct(story, 1)
    make.edition(story, lead="Seven came.", kind=Kind.TIGHTENED)
    issue = correcting.tell(correction, editor)
    withholding.withhold(story, numbers=[2], category="law", by=make.user("chief"))

    send()

    assert len(mails_to(reader)) == 1
    assert issue.deliveries.get().reason == Delivery.Reason.TAKEN_BACK


def test_of_two_corrections_of_the_same_the_newer_one_is_mailed(letter, story, editor):
    reader_of(letter)
    digests()
    first = correct(story, 1)
    second = correct(story, 1, supersedes=first)

    with pytest.raises(correcting.Refused, match="newer correction"):
        correcting.tell(first, editor)
    correcting.tell(second, editor)


def test_a_clarification_is_not_mailed(letter, story, editor):
    reader_of(letter)
    digests()
    box = publishing.Box("Some came.", "Six came.", 1, 1)
    said = {"note": "Said clearly.", "box": box, "reason": "A test."}
    edition = publishing.publish(story, kind=Kind.CLARIFICATION, by=editor, base=1, **said)

    with pytest.raises(correcting.Refused, match="clarification"):
        correcting.tell(edition.correction, editor)


@pytest.mark.parametrize(("role", "may"), [("reporter", False), ("editor", True), ("letters staff", True)])
def test_who_publishes_or_looks_after_the_letters_may_mail_one(letter, story, role, may):
    reader_of(letter)
    digests()
    correction = correct(story, 1)
    user = make.user(role)

    if may:
        correcting.tell(correction, user)
    else:
        with pytest.raises(PermissionDenied):
            correcting.tell(correction, user)

    assert Issue.objects.filter(made=Issue.Made.CORRECTION).exists() == may


def test_what_waits_to_be_mailed_is_listed_until_it_is(letter, story, editor):
    assert correcting.untold() == []
    reader_of(letter)
    digests()
    correction = correct(story, 1)

    assert correcting.untold() == [(correction, correcting.Reach(people=1))]
    correcting.tell(correction, editor)
    assert correcting.untold() == []


def test_who_was_mailed_what_is_withheld_since_is_told_all_the_same(letter, story, editor):
    reader = reader_of(letter)
    digests()
    correction = correct(story, 1)
    withholding.withhold(story, numbers=[1], category="law", by=make.user("chief"))

    correcting.tell(correction, editor)
    send()

    mail = mails_to(reader)[-1]
    assert mail["Subject"] == "Correction: Talks begin"
    html = mail.get_body(("html",)).get_content()
    for told in (words(mail), html):
        assert "Five came." in told and "Six came." in told
        assert "Talks begin in Rome." not in told and "/since/" not in told
