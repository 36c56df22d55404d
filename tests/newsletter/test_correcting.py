"""A correction reaches exactly those whom we had mailed what was wrong, once."""

import email
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from articles import publishing, withholding
from articles.kinds import Kind
from articles.models import Desk
from newsletter import correcting, digest, in_hand, leaving, sending
from newsletter.models import Cadence, Consent, Delivery, Issue, LastSent, OutboxMail, Suppression
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


def tell(correction, by):
    """As the desk does, and a worker right after it."""
    issue = correcting.tell(correction, by)
    correcting.start(issue)
    return issue


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
    for name in ("vira", "dmytro"):
        reader_of(letter, name)
    make.edition(story, lead="Five came.", note="The delegations came.")
    digests()
    never = reader_of(letter, "olena")
    correction = correct(story, 2)

    assert correcting.misinformed(correction).people == 2
    tell(correction, editor)
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
    tell(correct(story, 2), editor)

    send()

    mail = mails_to(reader)[-1]
    text = words(mail)
    assert mail["Subject"] == "Correction: Talks begin"
    assert text.index("Five came.") < text.index("Six came.")
    assert "because we mailed you what was wrong" in text
    assert f"/newsletters/leave/newsletter-{letter.pk}-{reader.digest}" in mail["List-Unsubscribe"]


def test_each_reader_is_told_which_edition_they_were_mailed(letter, story, editor):
    early = reader_of(letter)
    digests()
    leaving.leave(early.subscriptions.get(), method=Consent.Method.ONE_CLICK)
    make.subscription(early, article=make.published("Another"), cadence=Cadence.WEEKLY)
    late = reader_of(letter)
    make.edition(story, lead="Five came.", note="The delegations came.")
    digests()

    tell(correct(story, 1, 2), editor)
    send()

    for reader, number in ((early, 1), (late, 2)):
        told = words(mails_to(reader)[-1])
        assert f"Edition {number} of " in told and told.count("which we mailed you") == 1


def test_whoever_may_have_got_it_is_told(letter, story, editor):
    reader = reader_of(letter)
    digests()
    Delivery.objects.update(state=Delivery.State.IN_DOUBT)
    LastSent.objects.all().delete()
    correction = correct(story, 1)

    tell(correction, editor)
    send()

    assert mails_to(reader)[-1]["Subject"] == "Correction: Talks begin"
    assert "Five came." in words(mails_to(reader)[-1])


def test_whom_a_digest_told_what_is_right_without_a_word_of_the_error_is_told(letter, story, editor):
    reader = reader_of(letter)
    digests()
    make.edition(story, lead="Five came.", note="The delegations came.")
    digest.compose_due(timezone.now() + LATER)
    Delivery.objects.queued().update(state=Delivery.State.IN_DOUBT, sent_at=timezone.now())
    correction = correct(story, 2, is_mailed=True)
    digests()  # From edition 1, which is the last that this reader surely had.
    assert "Five came." not in words(mails_to(reader)[-1])

    tell(correction, editor)
    send()

    assert "Five came." in words(mails_to(reader)[-1])


def test_whoever_is_being_sent_it_just_then_is_told_too(letter, story, editor):
    at_the_server, got_it = reader_of(letter), reader_of(letter)
    digest.compose_due(timezone.now() + LATER)
    wrong = Issue.objects.get()
    with in_hand.Hand() as hand:
        reader = next(reader for reader in hand.take(wrong.pk) if reader.subscriber == at_the_server.pk)
        assert hand.begin(reader)
        Delivery.objects.filter(subscriber=got_it).update(state=Delivery.State.SENT)
        issue = tell(correct(story, 1), editor)
        hand.is_sent(reader)

    assert {delivery.subscriber for delivery in issue.deliveries.queued()} == {at_the_server, got_it}


def test_a_digest_does_not_repeat_it_and_it_repeats_no_digest(letter, story, editor):
    told_by_digest = reader_of(letter)
    digests()
    correction = correct(story, 1, is_mailed=True)
    digests()
    told_by_us = reader_of(letter)

    assert not correcting.misinformed(correction).people
    assert len(mails_to(told_by_digest)) == 2

    make.edition(story, lead="Seven came.", note="Another came.")
    digests()
    second = correct(story, 3, lead="Eight came.", is_mailed=True)
    tell(second, editor)
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
        tell(correction, editor)


def test_it_is_mailed_once(letter, story, editor):
    reader_of(letter)
    digests()
    correction = correct(story, 1)
    tell(correction, editor)

    with pytest.raises(correcting.Refused, match="mailed already"):
        tell(correction, editor)

    assert Issue.objects.filter(made=Issue.Made.CORRECTION).count() == 1


def test_who_left_every_letter_is_counted_and_gets_nothing(letter, story, editor):
    stays, gone = reader_of(letter), reader_of(letter)
    digests()
    leaving.leave(gone.subscriptions.get(), method=Consent.Method.ONE_CLICK)
    correction = correct(story, 1)
    assert correcting.misinformed(correction) == correcting.Misinformed(people=1, others=1)

    issue = tell(correction, editor)
    send()

    assert {d.subscriber: (d.state, d.reason) for d in issue.deliveries.all()} == {
        stays: ("sent", ""),
        gone: ("excluded", Delivery.Reason.LEFT),
    }


def test_who_pauses_or_is_on_the_suppression_list_is_not_among_those_who_are_offered(letter, story, editor):
    stays, pausing, bounced = reader_of(letter), reader_of(letter), reader_of(letter)
    digests()
    type(pausing).objects.filter(pk=pausing.pk).update(paused_until=timezone.now() + timedelta(days=9))
    Suppression.objects.create(digest=bounced.digest, reason=Suppression.Reason.BOUNCED)
    correction = correct(story, 1)
    assert correcting.misinformed(correction) == correcting.Misinformed(people=1, others=2)

    issue = tell(correction, editor)
    send()

    assert [delivery.subscriber for delivery in issue.deliveries.got()] == [stays]


def test_it_is_addressed_by_whoever_sends(letter, story, editor):
    reader = reader_of(letter)
    digests()
    issue = correcting.tell(correct(story, 1), editor)
    assert not issue.deliveries.exists()

    sending.send_due()

    assert words(mails_to(reader)[-1]).count("Six came.")
    assert issue.deliveries.get().state == Delivery.State.SENT


def test_what_was_taken_from_readers_before_it_was_addressed_is_called_off(letter, story, editor):
    reader = reader_of(letter)
    digests()
    issue = correcting.tell(correct(story, 1), editor)
    publishing.withdraw(story, by=editor, base=2, note="Our source was forged.")

    correcting.start(issue)
    send()

    issue.refresh_from_db()
    assert issue.state == Issue.State.CANCELLED and "taken from them" in issue.said
    assert len(mails_to(reader)) == 1


def test_where_all_are_pausing_it_stays_to_be_told(letter, story, editor):
    reader = reader_of(letter)
    digests()
    correction = correct(story, 1)
    reader.paused_until = timezone.now() + timedelta(days=7)
    reader.save()

    with pytest.raises(correcting.Refused, match="nobody to tell"):
        tell(correction, editor)


def test_where_the_last_one_pauses_before_it_is_addressed_it_stays_to_be_told_too(letter, story, editor):
    reader = reader_of(letter)
    digests()
    correction = correct(story, 1)
    issue = correcting.tell(correction, editor)
    reader.paused_until = timezone.now() + timedelta(days=7)
    reader.save()
    correcting.start(issue)
    issue.refresh_from_db()
    assert issue.state == Issue.State.CANCELLED

    reader.paused_until = None
    reader.save()
    tell(correction, editor)
    send()

    assert "Six came." in words(mails_to(reader)[-1])


def test_one_that_was_cancelled_before_anybody_got_it_can_be_mailed_after_all(letter, story, editor):
    reader = reader_of(letter)
    digests()
    correction = correct(story, 1)
    issue = tell(correction, editor)
    sending.cancel(issue)
    assert [told for told, _ in correcting.untold()] == [correction]

    tell(correction, editor)
    send()

    assert "Six came." in words(mails_to(reader)[-1])
    with pytest.raises(correcting.Refused, match="mailed already"):
        tell(correction, editor)


def test_one_that_was_cancelled_after_somebody_got_it_is_not_mailed_anew(letter, story, editor):
    reader_of(letter), reader_of(letter)
    digests()
    correction = correct(story, 1)
    issue = tell(correction, editor)
    Delivery.objects.filter(pk=issue.deliveries.first().pk).update(state=Delivery.State.SENT)
    sending.cancel(issue)

    with pytest.raises(correcting.Refused, match="mailed already"):
        tell(correction, editor)


def test_a_story_that_was_withdrawn_is_not_corrected_by_mail(letter, story, editor):
    reader_of(letter)
    digests()
    correction = correct(story, 1)
    publishing.withdraw(story, by=editor, base=2, note="Our source was forged.")

    with pytest.raises(correcting.Refused, match="taken from them"):
        tell(correction, editor)


def test_nor_is_anything_by_a_correction_that_is_withheld(letter, story, editor):
    reader_of(letter)
    digests()
    correction = correct(story, 1)
    make.edition(story, lead="Seven came.")
    withholding.withhold(story, numbers=[2], category="law", by=make.user("chief"))

    with pytest.raises(correcting.Refused, match="taken from them"):
        tell(correction, editor)


def test_what_is_withheld_while_it_is_being_mailed_reaches_nobody_more(letter, story, editor):
    reader = reader_of(letter)
    digests()
    correction = correct(story, 1)
    make.edition(story, lead="Seven came.", kind=Kind.TIGHTENED)
    issue = tell(correction, editor)
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
        tell(first, editor)
    tell(second, editor)


def test_the_newer_one_reaches_whom_the_older_one_was_about(letter, story, editor):
    reader = reader_of(letter)
    make.edition(story, lead="Five came.", note="The delegations came.")
    digests()
    first = correct(story, 2)
    second = correct(story, 3, lead="Seven came.", supersedes=first)

    with pytest.raises(correcting.Refused, match="newer correction"):
        tell(first, editor)
    assert correcting.offer(second, 1) == "Tell the one person whom we mailed any of editions 2 to 3"
    tell(second, editor)
    send()

    assert mails_to(reader)[-1]["Subject"] == "Correction: Talks begin"
    assert "Five came." in words(mails_to(reader)[-1])


def test_a_clarification_is_not_mailed(letter, story, editor):
    reader_of(letter)
    digests()
    box = publishing.Box("Some came.", "Six came.", 1, 1)
    said = {"note": "Said clearly.", "box": box, "reason": "A test."}
    edition = publishing.publish(story, kind=Kind.CLARIFICATION, by=editor, base=1, **said)

    with pytest.raises(correcting.Refused, match="clarification"):
        tell(edition.correction, editor)


@pytest.mark.parametrize(("role", "may"), [("reporter", False), ("editor", True), ("letters staff", True)])
def test_who_publishes_or_looks_after_the_letters_may_mail_one(letter, story, role, may):
    reader_of(letter)
    digests()
    correction = correct(story, 1)
    user = make.user(role)

    if may:
        tell(correction, user)
    else:
        with pytest.raises(PermissionDenied):
            tell(correction, user)

    assert Issue.objects.filter(made=Issue.Made.CORRECTION).exists() == may


def test_what_waits_to_be_mailed_is_listed_until_it_is(letter, story, editor):
    assert correcting.untold() == []
    reader_of(letter)
    digests()
    correction = correct(story, 1)

    assert correcting.untold() == [(correction, correcting.Misinformed(people=1))]
    tell(correction, editor)
    assert correcting.untold() == []


def test_who_was_mailed_what_is_withheld_since_is_told_all_the_same(letter, story, editor):
    reader = reader_of(letter)
    digests()
    correction = correct(story, 1)
    withholding.withhold(story, numbers=[1], category="law", by=make.user("chief"))

    tell(correction, editor)
    send()

    mail = mails_to(reader)[-1]
    assert mail["Subject"] == "Correction: Talks begin"
    html = mail.get_body(("html",)).get_content()
    for told in (words(mail), html):
        assert "Five came." in told and "Six came." in told
        assert "Talks begin in Rome." not in told and "/since/" not in told
