"""What is corrected, withheld or withdrawn while letters are on their way goes to nobody more in these."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles import publishing, withholding
from articles.kinds import Kind
from newsletter import correcting, digest, in_hand, mending, resending, sending
from newsletter.models import Delivery, Issue, LastSent
from tests import make

from .letters_sent import READERS

pytestmark = pytest.mark.usefixtures("live")
LATER, State = timedelta(minutes=3), Delivery.State


@pytest.fixture
def letter():
    letter = make.newsletter(topic=make.topic("Ukraine"))
    for address in READERS:
        make.subscription(make.subscriber(address), newsletter=letter, cadence="each")
    return letter


@pytest.fixture
def story(letter):
    return make.published("Five signed", topic=letter.topic, lead="Five signed in Rome.")


def by_staff(letter, story, **fields) -> Issue:
    issue = make.issue(letter, stories=[story], **fields)
    digest.start(issue, timezone.now() + LATER)
    return issue


def by_digest(letter, story) -> Issue:
    digest.compose_due(timezone.now() + LATER)
    return Issue.objects.get()


def correct(story, base=1, is_mailed=False):
    story.headline, story.lead = "Six signed", "Six signed in Rome."
    story.save()
    box = publishing.Box("Five signed.", "Six signed.", 1, base)
    said = {"note": "Six signed, not five.", "box": box, "reason": "A test.", "is_mailed": is_mailed}
    return publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=base, **said).correction


def sweep(issue) -> Issue:
    sending.mend(timezone.now() + LATER)
    sending.send(Issue.objects.get(pk=issue.pk), float("inf"))
    sending.finish(issue)
    issue.refresh_from_db()
    return issue


@pytest.mark.parametrize("made", [by_staff, by_digest])
def test_who_has_not_got_an_error_gets_what_is_right(live, letter, story, made):
    issue = made(letter, story)
    early = issue.deliveries.order_by("pk").first()
    Delivery.objects.filter(pk=early.pk).update(state=State.SENT, sent_at=timezone.now())
    correction = correct(story)

    issue = sweep(issue)

    assert [to for mail in live.taken for to in mail["To"].split(", ")] == READERS[1:]
    assert all(
        "Six signed in Rome." in text and "Five signed in Rome." not in text for text in map(words, live.taken)
    )
    assert set(LastSent.objects.values_list("number", flat=True)) == {2}
    assert issue.state == Issue.State.SENT
    assert correcting.misinformed(correction).people == 1


def words(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def test_the_worker_that_has_it_in_hand_begins_none_of_the_wrong_ones(live, letter, story):
    issue = by_staff(letter, story)
    correct(story)

    sending.send(issue, float("inf"))

    assert live.taken == []
    assert set(issue.deliveries.values_list("state", "worker")) == {(State.QUEUED, None)}


def test_one_that_was_written_before_it_was_put_right_is_taken_anew(live, letter, story, monkeypatch):
    issue = by_staff(letter, story)
    put_right, announce = [], sending.SmtpLine.announce

    def corrected_meanwhile(line, *about):
        if not put_right:
            put_right.append(correct(story))
            sending.mend(timezone.now())
        announce(line, *about)

    monkeypatch.setattr(sending.SmtpLine, "announce", corrected_meanwhile)
    sending.send(issue, float("inf"))
    sweep(issue)

    assert len(live.taken) == len(READERS)
    assert all("Six signed in Rome." in text for text in map(words, live.taken))


@pytest.mark.parametrize("how", ["withheld", "withdrawn"])
def test_a_story_that_is_gone_is_left_out_of_what_has_more_to_say(live, letter, story, how):
    other = make.published("Talks begin", topic=letter.topic)
    issue = make.issue(letter, stories=[story, other], intro="")
    digest.start(issue, timezone.now() + LATER)
    take_away(story, how)

    issue = sweep(issue)

    assert len(live.taken) == len(READERS) and issue.state == Issue.State.SENT
    assert all("Talks begin" in text and "Five signed" not in text for text in map(words, live.taken))


@pytest.mark.parametrize("how", ["withheld", "withdrawn"])
@pytest.mark.parametrize("made", [by_staff, by_digest])
def test_where_nothing_is_left_nothing_is_sent(live, letter, story, made, how):
    issue = made(letter, story, **({"intro": ""} if made is by_staff else {}))
    take_away(story, how)

    issue = sweep(issue)

    assert live.taken == [] and issue.state == Issue.State.SENT
    assert set(issue.deliveries.values_list("reason", flat=True)) == {Delivery.Reason.TAKEN_BACK}


def take_away(story, how) -> None:
    if how == "withheld":
        withholding.withhold(story, numbers=None, category="safety", by=make.user("chief"))
    else:
        publishing.withdraw(story, by=make.editor(), base=1, note="It was staged.")


def test_that_a_story_is_gone_is_told_to_who_had_it(live, letter, story):
    by_digest(letter, story)
    sweep(Issue.objects.get())
    live.taken.clear()
    make.edition(story, lead="Six signed in Rome.", note="A sixth signed.")
    digest.compose_due(timezone.now() + LATER)
    publishing.withdraw(story, by=make.editor(), base=2, note="It was staged.")

    sweep(Issue.objects.latest("pk"))

    assert len(live.taken) == len(READERS)
    assert all("It was staged." in text and "Six signed" not in text for text in map(words, live.taken))


def test_the_page_of_the_issue_has_it_right_too(letter, story, reader):
    issue = by_staff(letter, story)
    correct(story)

    issue = sweep(issue)

    assert "Six signed in Rome." in reader.get(issue.web_address).text


def test_one_that_a_server_put_off_meanwhile_goes_out_as_it_was_put_right(live, letter, story, monkeypatch):
    issue = by_staff(letter, story)
    live.answers["end"] = ["451 4.3.0 later", *["250 taken"] * 4]
    put_right, give = [], sending.SmtpLine.give

    def corrected_meanwhile(line, *about):
        if not put_right:
            put_right.append(correct(story))
            sending.mend(timezone.now() + LATER)
        give(line, *about)

    monkeypatch.setattr(sending.SmtpLine, "give", corrected_meanwhile)
    sweep(issue)
    issue.deliveries.update(due_at=timezone.now())
    sweep(issue)

    assert sorted(mail["To"] for mail in live.taken[1:]) == READERS
    assert all("Six signed in Rome." in text for text in map(words, live.taken[1:]))
    assert issue.letters.count() == 2


def test_one_that_failed_is_sent_again_as_it_was_put_right(live, letter, story):
    issue = by_staff(letter, story)
    early = issue.deliveries.order_by("pk").first()
    Delivery.objects.filter(pk=early.pk).update(state=State.FAILED, sent_at=timezone.now())
    correct(story)
    sweep(issue)
    resending.resend(issue, [early.pk])

    sweep(issue)

    assert len(live.taken) == len(READERS)


def test_what_another_letter_has_told_is_not_repeated(live, letter, story):
    other = make.published("Talks begin", topic=letter.topic)
    first = by_digest(letter, story)
    Delivery.objects.update(due_at=timezone.now() + timedelta(hours=1), tries=1)
    make.edition(other, lead="Talks went on.", note="They went on.")
    digest.compose_due(timezone.now() + LATER)
    sending.send(Issue.objects.latest("pk"), float("inf"))
    correct(story)
    Delivery.objects.update(due_at=timezone.now())

    sweep(first)

    assert len([text for text in map(words, live.taken) if "Talks went on." in text]) == len(READERS)


def test_what_another_letter_is_just_telling_is_not_repeated(letter, story):
    issue = by_digest(letter, story)
    correct(story)
    other = by_staff(letter, story)
    with in_hand.Hand() as hand:
        for reader in hand.take(other.pk):
            hand.begin(reader)
            hand.is_sent(reader)

        sending.mend(timezone.now() + LATER)

        assert not issue.deliveries.queued().exists()


def test_a_paused_digest_is_put_right_before_another_is_made(live, letter, story):
    first = by_digest(letter, story)
    sending.pause(first)
    correct(story, is_mailed=True)
    sending.mend(timezone.now() + LATER)
    digest.compose_due(timezone.now() + LATER)
    for issue in Issue.objects.sending():
        sending.send(issue, float("inf"))

    sending.resume(first)
    sweep(first)

    assert len(live.taken) == len(READERS)
    assert all("Six signed in Rome." in text for text in map(words, live.taken))


def test_a_correction_is_told_once_though_a_digest_was_paused(live, letter, story):
    sweep(by_digest(letter, story))
    make.edition(story, lead="Five signed in Milan.", note="In Milan.")
    digest.compose_due(timezone.now() + LATER)
    second = Issue.objects.latest("pk")
    sending.pause(second)
    story.refresh_from_db()
    correction = correct(story, base=2)
    sending.mend(timezone.now() + LATER)
    live.taken.clear()

    with pytest.raises(correcting.Refused, match="nobody to tell"):
        correcting.tell(correction, make.user("chief"))
    sending.resume(second)
    sweep(second)

    assert [mail["Subject"] for mail in live.taken] == ["Correction: Six signed"] * len(READERS)


def test_what_nobody_waits_for_is_not_looked_at(letter, story):
    issue = by_staff(letter, story)
    correct(story)
    sending.mend(timezone.now() + LATER)

    assert issue.letters.count() == 2 and mending.to_put_right() == []


def test_one_that_cannot_be_put_right_keeps_no_other_from_going(live, letter, story, monkeypatch, caplog):
    by_staff(letter, story)
    correct(story)
    fine = make.issue(letter)
    digest.start(fine)
    monkeypatch.setattr(mending, "put_right", lambda letter, now: 1 / 0)

    sending.send_due()

    assert len(live.taken) == len(READERS)
    assert "could not be sent" in caplog.text


def test_nobody_is_told_that_they_have_what_a_cancelled_digest_would_have_brought(live, letter, story):
    first = by_digest(letter, story)
    sending.pause(first)
    staff = by_staff(letter, story)
    sending.cancel(first)

    sweep(staff)

    assert all("Five signed in Rome." in text for text in map(words, live.taken))
