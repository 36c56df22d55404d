"""At the desk: who publishes a correction is offered to mail it, and it is mailed once, after one look."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from articles import publishing
from articles.kinds import Kind
from articles.models import Correction
from newsletter import correcting, digest, sending
from newsletter.models import Cadence, Issue, OutboxMail
from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db

LIST = "/desk/newsletter/newsletter/corrections/"


@pytest.fixture
def letter():
    return make.newsletter(topic=make.topic("Ukraine"))


@pytest.fixture
def story(letter):
    """Mailed to two, with an error in it."""
    for _ in range(2):
        make.subscription(newsletter=letter, cadence=Cadence.EACH)
    story = make.published("Talks begin", topic=letter.topic, lead="Five came.")
    digest.compose_due(timezone.now() + timedelta(minutes=3))
    for issue in Issue.objects.all():
        sending.send(issue, float("inf"))
        sending.finish(issue)
    assert OutboxMail.objects.count() == 2
    return story


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


def corrected(story, **said) -> Correction:
    box = publishing.Box("Five came.", "Six <came>.", 1, 1)
    said = {"note": "It was six.", "box": box, "reason": "A test.", **said}
    return publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=1, **said).correction


def published(client, story, **said) -> str:
    """What the desk says after publishing."""
    answer = Form(client, road(story, "publish")).send(reason="A test.", **said)
    assert answer.status_code == 302
    return client.get(answer["Location"]).text


def test_who_publishes_a_correction_is_offered_to_mail_it(desk, story):
    page = published(desk, story, kind="correction", note="It was six.", wrong="Five came.", right="Six came.",
                     first_wrong="1", last_wrong="1")  # fmt: skip

    [href] = re.findall(rf'<a href="({LIST}[^"]+)">Tell the 2 people whom we mailed edition 1…</a>', page)
    assert desk.get(href).status_code == 200


def test_the_storys_page_leads_to_it_until_it_is_mailed(desk, client_for, story):
    correction, never_mailed = corrected(story), make.published("Rain", topic=story.topic)
    corrected(never_mailed)
    way = f'<a href="{LIST}{correction.pk}/">Mail the correction in edition 2…</a>'

    assert way in desk.get(road(story)).text
    assert LIST not in desk.get(road(never_mailed)).text
    assert LIST not in client_for(make.user("reporter")).get(road(story)).text

    desk.post(f"{LIST}{correction.pk}/")
    assert LIST not in desk.get(road(story)).text


def test_nothing_is_offered_where_nobody_was_mailed_it(desk, letter):
    story = make.published("Talks begin", topic=letter.topic)

    page = published(desk, story, kind="correction", note="It was six.", wrong="Five came.", right="Six came.",
                     first_wrong="1", last_wrong="1")  # fmt: skip

    assert LIST not in page


def test_the_page_shows_whom_it_reaches_and_how_the_mail_looks_and_sends_nothing(desk, story):
    correction = corrected(story)

    page = desk.get(f"{LIST}{correction.pk}/").text

    assert "Tell the 2 people whom we mailed edition 1" in page
    assert "<b>What was wrong:</b> <bdi>Five came.</bdi>" in page
    text = unescape(re.search("<pre.*?</pre>", page, re.DOTALL)[0])
    assert "Five came." in text and "Six <came>." in text
    html = desk.get(f"{LIST}{correction.pk}/mail/").text
    assert "Six &lt;came&gt;." in html and "/leave/sample/" in html
    assert OutboxMail.objects.count() == 2 and not Issue.objects.filter(made="correction").exists()


def test_one_press_mails_it_and_the_next_says_that_it_is_mailed(desk, story):
    correction = corrected(story)
    page = f"{LIST}{correction.pk}/"

    assert "It is mailed to them within seconds." in desk.post(page, follow=True).text
    assert "mailed already" in desk.post(page, follow=True).text

    issue = Issue.objects.get(made="correction")
    assert issue.correction == correction
    correcting.start(issue)
    assert issue.deliveries.queued().count() == 2
    shown = desk.get(page).text
    assert "mailed already" in shown and "<iframe" not in shown and "Tell the" not in shown
    assert desk.get(f"{page}mail/").status_code == 404


def test_letters_staff_find_what_waits_and_mail_it_too(client_for, story):
    correction = corrected(story)
    desk = client_for(make.user("letters staff"))
    assert LIST in desk.get("/desk/").text

    page = desk.get(LIST).text
    assert "Talks begin" in page and f"{LIST}{correction.pk}/" in page

    desk.post(f"{LIST}{correction.pk}/")
    assert Issue.objects.filter(made="correction").exists()
    assert "There is nobody to tell" in desk.get(LIST).text


def test_a_reporter_mails_nobody(client_for, story):
    correction = corrected(story)
    desk = client_for(make.user("reporter"))

    for page in (LIST, f"{LIST}{correction.pk}/", f"{LIST}{correction.pk}/mail/"):
        assert desk.get(page).status_code == 403
    assert desk.post(f"{LIST}{correction.pk}/").status_code == 403
    assert not Issue.objects.filter(made="correction").exists()


def test_a_story_that_readers_have_no_more_is_not_shown(desk, story):
    correction = corrected(story)
    publishing.withdraw(story, by=make.editor(), base=2, note="Our source was forged.")

    assert desk.get(f"{LIST}{correction.pk}/").status_code == 404
    assert "Six" not in desk.get(LIST).text


def test_who_publishes_is_told_until_when_it_can_be_thought_over(desk, story):
    story.lead = "Six came."
    story.save()

    page = published(desk, story, kind="development", note="A sixth came.")

    at = story.revisions.get(number=2).published_at + timedelta(minutes=2)
    assert f'Mailed from <time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">' in page


def test_or_that_it_is_not_mailed(desk, story):
    story.lead = "Six came."
    story.save()

    assert "It is not mailed." in published(desk, story, kind="development", note="A sixth came.", no_mail="on")


def test_of_what_no_letter_carries_nothing_is_said(desk, story):
    story.lead = "Fiv came."
    story.save()

    page = published(desk, story, kind="typo")

    assert "ailed from" not in page and "not mailed" not in page
