"""Who is told what, and from where: digests are made of editions and of what each reader was last sent."""

import email
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
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
    sending.mend(timezone.now())
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


def test_a_typo_mended_in_news_that_waits_does_not_mail_the_news():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic, lead="Talks go on.")
    make.edition(story, lead="The president is dead.")
    make.edition(story, kind=Kind.TYPO, lead="The President is dead.")

    send_all(due_at(story, 1))
    assert "Talks go on." in words(mails_to(reader)[0])

    send_all(due_at(story, 2))
    assert "The President is dead." in words(mails_to(reader)[1])


def test_an_error_corrected_in_news_that_waits_is_not_mailed():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic, lead="Five came.")
    make.edition(story, lead="Six came, and one is dead.")
    make.edition(story, kind=Kind.TIGHTENED, lead="Six came; one is dead.")
    story.refresh_from_db()
    story.lead = "Six came; none is dead."
    story.save()
    box = publishing.Box("One is dead.", "None is.", 2, 3)
    publishing.publish(
        story, kind=Kind.CORRECTION, by=make.editor(), base=3, note="None is dead.", box=box, reason="A test."
    )

    send_all(due_at(story, 1))

    assert "Six came; none is dead." in words(mails_to(reader)[0])


def test_a_newsletter_that_cannot_be_composed_keeps_no_other_from_going_out(caplog):
    topic = make.topic("Ukraine")
    broken = make.newsletter("A broken one", time_zone="Europe/Nowhere", topic=make.topic())
    reader_of(broken, Cadence.DAILY)
    reader = reader_of(make.newsletter("Zaporizhzhia", topic=topic))
    make.published(topic=topic)

    send_all()

    assert len(mails_to(reader)) == 1
    assert "The daily digest of A broken one could not be made." in caplog.text


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


def follower_of(*stories, cadence=Cadence.EACH):
    follower = make.subscriber()
    for story in stories:
        early = datetime(2026, 4, 15, 9, tzinfo=UTC)
        make.subscription(follower, article=story, cadence=cadence, confirmed_at=early)
    return follower


def test_who_follows_a_quiet_story_is_told_of_it_while_much_else_moves(monkeypatch):
    monkeypatch.setattr(digest, "MOST_STORIES", 2)
    vira = follower_of(make.published("A quiet story"))
    others = follower_of(*[make.published(f"Story {n}") for n in range(2)])

    send_all()

    assert [mail["Subject"] for mail in mails_to(vira)] == ["A quiet story"]
    assert len(mails_to(others)) == 1


def test_who_follows_many_stories_is_told_the_newest_first_and_then_the_rest(monkeypatch):
    monkeypatch.setattr(digest, "MOST_STORIES", 2)
    vira = follower_of(*[make.published(f"Story {n}") for n in range(3)], cadence=Cadence.DAILY)

    send_all(timezone.now() + timedelta(days=1))
    send_all(timezone.now() + timedelta(days=2))

    first, second = (words(mail) for mail in mails_to(vira))
    assert "Story 2" in first and "Story 1" in first and "Story 0" not in first
    assert "Story 0" in second and "Story 2" not in second


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


def test_what_was_over_the_most_of_a_day_is_told_a_day_later(settings):
    settings.MAILS_A_DAY = 1
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic)
    send_all()
    make.edition(story, lead="Two came.", note="Now there are two.")
    send_all()
    send_all(timezone.now() + timedelta(hours=23))
    assert len(mails_to(reader)) == 1

    a_day_ago = timezone.now() - timedelta(hours=25)
    Delivery.objects.filter(sent_at__isnull=False).update(sent_at=a_day_ago)
    Issue.objects.update(started_at=a_day_ago, until=F("until") - timedelta(hours=25))
    send_all()
    send_all()

    assert "Now there are two." in words(mails_to(reader)[1])
    assert len(mails_to(reader)) == 2


def test_two_workers_tell_it_later_once(settings):
    settings.MAILS_A_DAY = 0
    newsletter = make.newsletter(topic=make.topic("Ukraine"))
    reader_of(newsletter)
    make.published(topic=newsletter.topic)
    digest.compose_due(timezone.now() + LATER)
    settings.MAILS_A_DAY = 10
    now = timezone.now() + LATER + timedelta(hours=24, minutes=1)
    a_moment_later = now + timedelta(seconds=1)

    untils = [digest._due(newsletter, Cadence.EACH, at) for at in (now, a_moment_later)]
    made = [digest.compose(newsletter, Cadence.EACH, until, now) for until in untils]

    assert made[0].deliveries.queued().count() == 1
    assert made[1] is None


def test_what_was_corrected_while_it_waited_is_told_as_it_is_right():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic)
    send_all()
    make.edition(story, lead="Five came.", note="The delegations came.")
    digest.compose_due(timezone.now() + LATER)
    box = publishing.Box("Five came.", "Six came.", 2, 2)
    story.lead = "Six came."
    story.save()
    said = {"note": "It was six.", "box": box, "reason": "A test.", "is_mailed": False}
    publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=2, **said)

    send_all()
    send_all(timezone.now() + LATER)

    assert "Six came." in words(mails_to(reader)[1])
    assert "Five came." not in words(mails_to(reader)[1])
    assert len(mails_to(reader)) == 2


def test_what_still_waits_to_be_sent_counts_for_the_most_of_a_day(settings):
    settings.MAILS_A_DAY = 1
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic))
    story = make.published(topic=topic)
    digest.compose_due(timezone.now() + LATER)
    make.edition(story, lead="Two came.", note="Now there are two.")

    digest.compose_due(timezone.now() + LATER)

    assert [d.state for d in reader.deliveries.order_by("pk")] == ["queued", "excluded"]


def test_news_of_months_ago_is_told_nobody():
    topic = make.topic("Ukraine")
    reader = reader_of(make.newsletter(topic=topic), Cadence.DAILY)
    make.published(topic=topic)

    send_all(timezone.now() + timedelta(days=93))

    assert mails_to(reader) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_digest():
    letter = make.newsletter(topic=make.topic("Ukraine"))
    reader_of(letter, Cadence.DAILY)
    now = timezone.now()

    def compose():
        try:
            return digest.compose(letter, Cadence.DAILY, now, now)
        finally:
            connection.close()

    with ThreadPoolExecutor() as workers, transaction.atomic():
        digest.one_at_a_time()
        waiting = [workers.submit(compose) for _ in range(2)]
        time.sleep(0.5)
    made = [worker.result() for worker in waiting]

    assert len(list(filter(None, made))) == 1


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

    assert "Letter “Each development, up to" in page.content.decode()
