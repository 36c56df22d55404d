"""A letter of staff as it is looked at and tried out before it is sent."""

import email
import re
from datetime import timedelta

import pytest

from newsletter import digest, sending
from newsletter.models import Delivery, LastSent, OutboxMail
from tests import make

from ..test_desk_issues import road
from .acts import readers

pytestmark = pytest.mark.django_db


def test_a_preview_tells_each_story_from_the_edition_that_is_chosen(desk, letter):
    story = make.published("Talks begin", lead="Five delegations came.")
    make.edition(story, lead="Six delegations came.", note="Norway joined.")
    make.edition(story, lead="Seven delegations came.", note="Italy joined.")
    issue = make.issue(letter, stories=[story])

    new = desk.get(road(issue, "preview/html")).text
    second = desk.get(road(issue, "preview/html"), {f"had-{story.pk}": 2}).text

    assert "Seven delegations came." in new and "Since we last wrote" not in new
    assert "Since we last wrote" in second and "Italy joined." in second and "Norway joined." not in second
    page = desk.get(road(issue, "preview"), {f"had-{story.pk}": 2})
    assert page.text.count(f"preview/html/?had-{story.pk}=2") == 2 and "On a phone" in page.text
    assert "SINCE WE LAST WROTE" in page.text
    assert desk.get(road(issue, "preview"), {f"had-{story.pk}": 4}).status_code == 404


def test_a_preview_shows_the_preheader_that_its_mail_has(desk, letter):
    story = make.published("Talks begin", lead="Five delegations came.")
    make.edition(story, lead="Six delegations came.", note="Norway joined.")
    typed = make.issue(letter, preheader="What Rome wants.", stories=[story])
    derived = make.issue(letter, stories=[story])

    for issue, had, preheader in [
        (typed, "", "What Rome wants."),
        (derived, "", "Six delegations came."),
        (derived, "1", "Norway joined."),
    ]:
        reader = {f"had-{story.pk}": had}
        page, mail = (desk.get(road(issue, name), reader).text for name in ("preview", "preview/html"))
        assert f"<b>Preheader:</b> <bdi>{preheader}</bdi>" in page
        assert re.search(rf'<div class="preview"[^>]*>\s*{re.escape(preheader)}', mail)
    assert "none; mail programs show its first words" in desk.get(road(make.issue(letter), "preview")).text


def test_the_links_of_a_preview_and_of_a_test_are_nobodys(desk, reader, letter):
    readers(letter, 1)
    issue = make.issue(letter)
    desk.post(road(issue, "preview"))
    mail = email.message_from_bytes(bytes(OutboxMail.objects.get().raw), policy=email.policy.default)

    for words in (desk.get(road(issue, "preview/html")).text, mail.get_body(("html",)).get_content()):
        links = re.findall(r'href="[^"]*?(/newsletters/(?:preferences|leave)/[^"]*)"', words)
        assert len(links) == 2
        answers = [reader.get(link) for link in links]
        assert {answer.status_code for answer in answers} == {404}
        assert all("It is from a test of a mail" in answer.text for answer in answers)
    assert "List-Unsubscribe" not in mail


def test_a_test_goes_to_whoever_asks_and_is_seen_by_nobody_else(desk, client_for, letter):
    story = make.published("Talks begin", lead="Five delegations came.")
    make.edition(story, lead="Six delegations came.", note="Norway joined.")
    readers(letter, 2)
    issue = make.issue(letter, stories=[story])

    answer = desk.post(f"{road(issue, 'preview')}?had-{story.pk}=1", {"to": "boss@newsroom.example"}, follow=True)

    assert "the test is kept in the outbox" in answer.text
    kept = OutboxMail.objects.get()
    assert (kept.to, kept.subject) == ("sofia@newsroom.example", "Test: This week")
    assert b"Since we last wrote" in bytes(kept.raw)
    assert "Test: This week" in desk.get("/desk/newsletter/outboxmail/").text
    other = client_for(make.user("letters staff", username="other"))
    assert "Test: This week" not in other.get("/desk/newsletter/outboxmail/").text
    issue.refresh_from_db()
    assert issue.state == "draft" and not Delivery.objects.exists() and not LastSent.objects.exists()


def test_the_way_to_its_page_on_the_web_is_in_it_once_that_is_there(desk, reader, letter):
    readers(letter, 1)
    issue = make.issue(letter)
    desk.post(road(issue, "preview"))
    digest.start(issue)
    sending.send_due()

    test, mail = (bytes(kept.raw).decode() for kept in OutboxMail.objects.order_by("pk"))
    assert "on the web" not in test and "Read this issue on the web" in mail
    assert "Read this issue on the web" in desk.get(road(issue, "preview/html")).text
    assert f'href="{issue.web_address}"' in desk.get(road(issue)).text
    assert reader.get(issue.web_address).status_code == 200


def test_who_has_no_address_is_told_so(client_for, letter):
    issue = make.issue(letter)
    client = client_for(make.user("letters staff", email=""))

    assert "no e-mail address" in client.post(road(issue, "preview"), follow=True).text
    assert not OutboxMail.objects.exists()


def test_a_digest_is_looked_at_as_each_of_its_groups_of_readers_got_it(desk, letter):
    story = make.published("Talks begin", topic=letter.topic)
    issue = make.issue(letter, stories=[story])
    old = readers(letter, 1)[0]
    LastSent.objects.create(subscriber=old, article=story, number=1)
    make.edition(story, lead="Six came.", note="Norway joined.")
    readers(letter, 2)
    digest.start(issue)

    page = desk.get(road(issue, "preview")).text

    ways = re.findall(r'href="(\?letter=\d+)"[^>]*>To (\d) reader', page)
    assert [count for _, count in ways] == ["2", "1"]
    html = [desk.get(road(issue, "preview/html") + way).text for way, _ in ways]
    assert ["Since we last wrote" in words for words in html] == [False, True]
    assert old.address not in "".join(html)
    had = [" ".join(desk.get(road(issue, "preview") + way).text.split()) for way, _ in ways]
    assert ["</bdi>: edition 1 </li>" in words for words in had] == [False, True]
    assert ["</bdi>: nothing of it </li>" in words for words in had] == [True, False]


def test_a_preview_shows_no_edition_that_would_not_be_mailed_yet(desk, letter, settings):
    settings.MAIL_UNDO = timedelta(minutes=2)
    issue = make.issue(letter, stories=[make.published("A minute old")])

    for name in ("preview", "send"):
        page = desk.get(road(issue, name)).text
        assert "The story “A minute old” is too new to be mailed" in page
    assert "A minute old" not in desk.get(road(issue, "preview/html")).text
