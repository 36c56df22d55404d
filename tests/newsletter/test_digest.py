"""Who is told what, and from where: digests are made of editions and of what each reader was last sent."""

import email
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from articles import publishing
from articles.kinds import Kind
from newsletter import digest, sending
from newsletter.models import Cadence, Delivery, Issue, LastSent, OutboxMail
from tests import make

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=3)


def send_all(now=None):
    """What a worker does that comes along `now`, or later than any time to think again."""
    digest.compose_due(now or timezone.now() + LATER)
    for issue in Issue.objects.sending():
        sending.send(issue, float("inf"))
        sending.finish(issue)


def mails_to(subscriber):
    raws = OutboxMail.objects.filter(to=subscriber.address).order_by("pk").values_list("raw", flat=True)
    return [email.message_from_bytes(bytes(raw), policy=email.policy.default) for raw in raws]


def words(mail):
    return mail.get_body(("plain",)).get_content()


def reader_of(newsletter, cadence=Cadence.EACH, **fields):
    return make.subscription(newsletter=newsletter, cadence=cadence, **fields).subscriber


def test_a_development_is_mailed_to_who_signed_up_before_it():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    make.published("Talks begin", topic=topic, lead="Talks began in Rome.")

    send_all()

    (mail,) = mails_to(reader)
    assert mail["Subject"] == "Talks begin"
    assert "Talks began in Rome." in words(mail)
    assert "Since we last wrote".upper() not in words(mail)


def test_who_was_sent_an_edition_is_told_what_changed_since():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published("Talks begin", topic=topic, lead="Five delegations came to Rome.")
    send_all()
    make.edition(story, lead="Six delegations came to Rome.", note="Norway joined the talks.")

    send_all()

    told = words(mails_to(reader)[1])
    assert "SINCE WE LAST WROTE" in told
    assert "New development: Norway joined the talks." in told
    assert "Now: Six delegations came to Rome." in told
    assert "Was: Five delegations came to Rome." in told


def test_nothing_new_is_no_letter():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    make.published(topic=topic)
    send_all()

    send_all()
    send_all(timezone.now() + timedelta(days=2))

    assert len(mails_to(reader)) == 1


def test_a_typo_is_no_reason_for_a_letter():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic, lead="Talks begn in Rome.")
    send_all()
    make.edition(story, kind=Kind.TYPO, lead="Talks began in Rome.")

    send_all()

    assert len(mails_to(reader)) == 1


def test_who_signs_up_begins_with_what_is_published_after_that():
    topic = make.topic("Ukraine")
    story = make.published(topic=topic)
    reader = reader_of(make.newsletter(topic=topic), confirmed_at=timezone.now())
    send_all()
    assert mails_to(reader) == []

    make.edition(story, lead="Norway joined.", note="Norway joined the talks.")
    send_all()

    assert len(mails_to(reader)) == 1


def test_nothing_is_mailed_within_the_time_to_think_again():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    make.published(topic=topic)

    send_all(timezone.now() + timedelta(minutes=1))

    assert mails_to(reader) == []


def due_at(story, number):
    """When there was time to think again about this edition, and not yet about the next."""
    return story.revisions.get(number=number).published_at + settings.MAIL_UNDO


def test_what_is_mended_within_it_is_mailed_mended():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic, lead="Talks begn in Rome.")
    make.edition(story, kind=Kind.TYPO, lead="Talks began in Rome.")

    send_all(due_at(story, 1))

    assert "Talks began in Rome." in words(mails_to(reader)[0])


def test_news_that_is_newer_still_waits_for_its_own_time():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic, lead="Five came.")
    make.edition(story, lead="Six came.")

    send_all(due_at(story, 1))

    assert "Five came." in words(mails_to(reader)[0])


def test_an_edition_that_is_not_to_be_mailed_is_no_reason_for_a_letter():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic)
    send_all()
    make.edition(story, lead="Another word.", note="Said more clearly.", is_mailed=False)

    send_all()

    assert len(mails_to(reader)) == 1


def test_one_person_gets_an_edition_once_however_many_letters_carry_it():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    make.subscription(reader, newsletter=make.newsletter("The whole site"), cadence=Cadence.EACH)
    story = make.published(topic=topic)
    make.subscription(
        reader, article=story, cadence=Cadence.EACH, confirmed_at=datetime(2026, 4, 15, 9, tzinfo=UTC)
    )

    send_all()

    assert len(mails_to(reader)) == 1


def test_readers_who_had_the_same_share_one_letter():
    topic = make.topic("Ukraine")
    letter = make.newsletter(topic=topic)
    old = [reader_of(letter) for _ in range(3)]
    story = make.published(topic=topic)
    send_all()
    new = [reader_of(letter) for _ in range(2)]
    make.edition(story, lead="Norway joined.", note="Norway joined the talks.")

    send_all()

    issue = Issue.objects.order_by("-pk").filter(candidates=5).get()
    assert sorted(letter.deliveries.count() for letter in issue.letters.all()) == [2, 3]
    assert all("SINCE WE LAST WROTE" in words(mails_to(reader)[-1]) for reader in old)
    assert not any("SINCE WE LAST WROTE" in words(mails_to(reader)[-1]) for reader in new)


def test_a_daily_letter_comes_once_a_day_at_its_hour_in_its_zone():
    topic = make.topic("Ukraine")
    letter = make.newsletter(topic=topic, time_zone="Europe/Kyiv")
    reader = reader_of(letter, Cadence.DAILY, confirmed_at=timezone.now() - timedelta(days=9))
    story = make.published(topic=topic)
    published_at = story.revisions.get().published_at
    morning = digest.last_slot(published_at + timedelta(days=1), "Europe/Kyiv", letter.send_time)

    send_all(morning - timedelta(minutes=1))
    assert mails_to(reader) == []

    send_all(morning + timedelta(minutes=1))
    send_all(morning + timedelta(hours=1))
    assert len(mails_to(reader)) == 1


def test_who_pauses_gets_nothing_and_is_told_it_all_afterwards():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic, lead="One came.")
    send_all()
    reader.paused_until = timezone.now() + timedelta(hours=1)
    reader.save()
    make.edition(story, lead="Two came.", note="A second came.")
    send_all()
    assert len(mails_to(reader)) == 1
    assert Delivery.objects.get(state="excluded").reason == Delivery.Reason.PAUSED

    reader.paused_until = None
    reader.save()
    make.edition(story, lead="Three came.", note="A third came.")
    send_all()

    told = words(mails_to(reader)[1])
    assert "A second came." in told and "A third came." in told
    assert "Was: One came." in told


def test_of_a_day_one_person_gets_only_so_many_developments(settings):
    settings.MAILS_A_DAY = 2
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic)
    send_all()
    for number in range(3):
        make.edition(story, lead=f"{number} came.", note=f"Now there are {number}.")
        send_all()

    assert len(mails_to(reader)) == 2
    assert Delivery.objects.filter(reason=Delivery.Reason.ENOUGH).count() == 2


def test_a_story_that_is_withdrawn_is_told_of_to_those_who_were_sent_it():
    topic = make.topic("Ukraine")
    letter = make.newsletter(topic=topic)
    reader = reader_of(letter)
    story = make.published(topic=topic, lead="Talks began.")
    send_all()
    new = reader_of(letter)
    publishing.withdraw(story, by=make.editor(), base=1, note="Our source was forged.")

    send_all()

    told = words(mails_to(reader)[1])
    assert "We withdrew this story. Our source was forged." in told
    assert "Talks began." not in told
    assert mails_to(new) == []


def test_what_was_sent_is_kept_by_story_and_person():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic)
    send_all()
    make.edition(story, lead="Norway joined.", note="Norway joined the talks.")
    send_all()

    assert LastSent.objects.get(subscriber=reader).number == 2
    assert LastSent.objects.get(subscriber=reader).article == story


def test_a_letter_to_followers_is_left_by_one_click_for_every_story(reader):
    vira = make.subscriber()
    for headline in ("Talks begin", "A bridge opens"):
        story = make.published(headline)
        early = {"cadence": Cadence.EACH, "confirmed_at": datetime(2026, 4, 15, 9, tzinfo=UTC)}
        make.subscription(vira, article=story, **early)
    send_all()
    (mail,) = mails_to(vira)
    issue = Issue.objects.get(newsletter=None)

    link = re.search("<http[^>]*(/newsletters/[^>]*)>", mail["List-Unsubscribe"])[1]
    assert link.endswith(f"?issue={issue.pk}")
    reader.post(link, {"List-Unsubscribe": "One-Click"})

    assert not vira.subscriptions.active().exists()
    assert issue.deliveries.get().left_at


def test_staff_see_in_the_history_of_a_reader_what_was_mailed(client_for):
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter("Get the Ukraine update", topic=topic))
    make.published(topic=topic)
    send_all()

    page = client_for(make.user("letters staff")).get(f"/desk/newsletter/subscriber/{reader.pk}/change/")

    assert "Letter “Digest" in page.content.decode()
