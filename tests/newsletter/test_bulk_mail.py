"""Every mail that goes to many, as the large providers of mailboxes want it: looked at raw, as it left."""

import email
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import dkim
import pytest
from django.utils import timezone

from articles.kinds import Kind
from articles.publishing import Box, publish
from newsletter import correcting, digest, emails, sending
from newsletter.handing_over import hand_over
from newsletter.models import Cadence, Issue, Notice
from tests import make

from .test_signature import dns, key, signing, tags  # noqa: F401 - as fixtures

SITE = "https://news.example"
MAILBOX = "letters@news.example"
VIRA = "vira@reader.example"
LATER = timedelta(minutes=3)


@pytest.fixture(autouse=True)
def elsewhere(settings, signing):  # noqa: F811
    settings.SITE_URL, settings.LETTERS_MAILBOX = SITE, MAILBOX


@pytest.fixture
def vira():
    return make.subscriber(VIRA)


def send_all() -> None:
    digest.compose_due(timezone.now() + LATER)
    for issue in Issue.objects.sending():
        sending.send(issue, float("inf"))
        sending.finish(issue)


def by_staff(vira, topic) -> None:
    letter = make.newsletter("Новини гавані", topic=topic, sender_name="Гавань, щодня")
    make.subscription(vira, newsletter=letter)
    issue = Issue.objects.create(newsletter=letter, subject="Ж" * 150, intro="<p>Hello.</p>")
    issue.stories.create(article=make.published(topic=topic), position=1)
    digest.start(issue, timezone.now() + LATER)


def by_digest(vira, topic) -> None:
    make.subscription(vira, newsletter=make.newsletter(topic=topic), cadence=Cadence.EACH)
    make.published("Italy weighs a deal " + "😀" * 50, topic=topic)


def to_who_follows(vira, topic) -> None:
    story = make.published(topic=topic)
    make.subscription(vira, article=story, cadence=Cadence.EACH, confirmed_at=datetime(2026, 4, 15, 9, tzinfo=UTC))


def since_they_were_mailed(vira, topic) -> None:
    by_digest(vira, topic)
    send_all()
    make.edition(topic.stories.get(), lead="Six came.", note="Six came, not five.")


def by_correction(vira, topic) -> None:
    by_digest(vira, topic)
    send_all()
    article, chief = topic.stories.get(), make.user("chief")
    box = Box("Five came.", "Six came.", 1, 1)
    said = {"note": "Six.", "box": box, "reason": "A test.", "is_mailed": False}
    publish(article, kind=Kind.CORRECTION, by=chief, base=1, **said)
    correcting.start(correcting.tell(article.corrections.get(), chief))


KINDS = [by_staff, by_digest, to_who_follows, since_they_were_mailed, by_correction]


def newest(live) -> tuple[bytes, email.message.EmailMessage]:
    return live.raw[-1], live.taken[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_what_it_must_have_once_and_correctly(live, vira, topic, kind, dns):  # noqa: F811
    kind(vira, topic)

    send_all()

    _, mail = newest(live)
    assert live.recipients[-1] == mail["To"] == VIRA
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id", "Feedback-ID"):
        assert len(mail.get_all(name)) == 1, name
    [leave] = mail.get_all("List-Unsubscribe")
    https, mailto = r"https://news\.example/newsletters/leave/[^>]+", r"mailto:letters\+u[^>]+@news\.example"
    assert re.fullmatch(f"<{https}>, <{mailto}>", leave)
    assert mail.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    assert mail["Precedence"] == "bulk"
    written_at = parsedate_to_datetime(mail["Date"]).replace(tzinfo=UTC)
    assert abs(written_at - timezone.now()) < timedelta(minutes=2)


@pytest.mark.parametrize("kind", KINDS)
def test_its_sender_its_signature_and_where_it_comes_back_are_of_one_domain(live, vira, topic, kind, dns):  # noqa: F811
    kind(vira, topic)

    send_all()

    raw, mail = newest(live)
    assert dkim.verify(raw, dnsfunc=dns)
    sender = mail["From"].addresses[0].domain
    assert tags(raw)["d"] == sender == live.senders[-1].partition("@")[2] == "news.example"
    assert {"list-unsubscribe", "list-unsubscribe-post", "from"} <= set(tags(raw)["h"].split(":"))


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_the_same_in_text_and_in_html_in_lines_that_every_server_takes(live, vira, topic, kind):
    kind(vira, topic)

    send_all()

    raw, mail = newest(live)
    text, html = (part.get_content() for part in mail.iter_parts())
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_content_type() == "multipart/alternative"
    assert len(text) > 100 and len(html.encode()) <= 90_000
    [leave] = re.findall(r"<(https://\S+)>", mail["List-Unsubscribe"])
    assert leave in text and leave in html
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_it_has_the_same_number_however_often_it_is_tried_and_every_other_another(live, vira, topic):
    by_staff(vira, topic)
    live.answers = {"end": "451 4.3.0 later"}
    send_all()
    live.answers = {}
    first = {mail["To"]: mail["Message-ID"] for mail in live.taken}
    issue = Issue.objects.get(made=Issue.Made.STAFF)
    issue.deliveries.update(due_at=timezone.now())

    send_all()
    make.subscription(make.subscriber("boris@reader.example"), newsletter=issue.newsletter)
    again = make.issue(issue.newsletter, subject="Next week")
    digest.start(again)
    send_all()

    assert {mail["Message-ID"] for mail in live.to(VIRA)[:2]} == {first[VIRA]}
    assert len({mail["Message-ID"] for mail in live.taken}) == 3


def test_without_a_mailbox_nobody_is_told_to_leave_by_mail(live, vira, topic, settings):
    settings.LETTERS_MAILBOX = ""
    by_staff(vira, topic)

    send_all()

    _, mail = newest(live)
    assert re.fullmatch(r"<https://[^>]+>", mail["List-Unsubscribe"])
    assert live.senders[-1] == mail["From"].addresses[0].addr_spec


@pytest.mark.parametrize("kind", list(Notice.Kind))
def test_a_mail_about_ones_subscription_says_that_a_machine_wrote_it(live, vira, letter, kind):
    subscription = make.subscription(vira, newsletter=letter)
    about = None if kind == Notice.Kind.LINK else subscription

    hand_over(emails.message(Notice.objects.create(subscriber=vira, subscription=about, kind=kind)))

    raw, mail = newest(live)
    assert mail.get_all("Auto-Submitted") == ["auto-generated"]
    assert len(mail.get_all("Message-ID")) == len(mail.get_all("Date")) == 1
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def stories_on(topic, count: int) -> list:
    lead = "The lead of a story that has much to say. " * 6
    points = [f"Point {number}: {'words ' * 20}" for number in range(4)]
    titles = [f"Story {number}" for number in range(1, count + 1)]
    return [make.published(title, topic=topic, lead=lead[:240], key_points=points) for title in titles]


def test_of_fifty_stories_the_first_are_told_whole_and_of_the_others_the_headline(live, vira, topic):
    letter = make.newsletter(topic=topic)
    make.subscription(vira, newsletter=letter)
    issue = Issue.objects.create(newsletter=letter, subject="All of it")
    for position, story in enumerate(stories_on(topic, 50), start=1):
        issue.stories.create(article=story, position=position)
    digest.start(issue, timezone.now() + LATER)

    send_all()

    _, mail = newest(live)
    text, html = (part.get_content() for part in mail.iter_parts())
    assert 70_000 < len(html.encode()) <= 90_000
    for words in (text, html):
        whole = words.count("Point 0")
        assert 5 < whole < 45
        told = [int(number) for number in re.findall(r"Story (\d+)\b", words)]
        assert sorted(set(told)) == list(range(1, 51))
        assert words.lower().index("more stories") < words.index(f"Story {whole + 1}")
    assert html.count("<h2") == whole
    assert "List-Unsubscribe" in mail and "/newsletters/leave/" in html[-3_000:]


def test_a_letter_that_is_short_enough_is_told_whole(live, vira, topic):
    letter = make.newsletter(topic=topic)
    make.subscription(vira, newsletter=letter)
    issue = Issue.objects.create(newsletter=letter, subject="All of it")
    for position, story in enumerate(stories_on(topic, 3), start=1):
        issue.stories.create(article=story, position=position)
    digest.start(issue, timezone.now() + LATER)

    send_all()

    _, mail = newest(live)
    assert "more stories" not in mail.get_body(["plain"]).get_content().lower()
