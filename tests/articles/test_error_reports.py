"""A reader tells the desk of an error, and what becomes of it there."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from smtplib import SMTPRecipientsRefused
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from articles import error_reports, publishing, working_copy
from articles.kinds import Kind
from articles.models import Desk, ErrorReport
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

ROAD = "/ukraine/drone-deal/report-an-error/"
RECEIVED = f"{ROAD}received/"
TEXT = "Six signed, not five; it is in the treaty."


@pytest.fixture(autouse=True)
def nobody_has_sent_anything():
    cache.clear()


@pytest.fixture
def story():
    story = make.published("Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal")
    make.edition(story, headline="Italy signs a deal")
    return story


def send(client, road=ROAD, headers=None, **said):
    return client.post(road, {"text": TEXT, "edition": "1", **said}, headers=headers or {})


def test_every_story_and_every_edition_leads_to_the_form(reader, story):
    for road, number in (("/ukraine/drone-deal/", 2), ("/ukraine/drone-deal/revisions/1/", 1)):
        assert f'href="{ROAD}?edition={number}"' in reader.get(road).text


def test_a_report_reaches_the_desk_with_the_edition_the_reader_saw(reader, story):
    form = Form(reader, f"{ROAD}?edition=1")

    answer = form.send(text=TEXT, address="vira@reader.example")

    assert (answer.status_code, answer["Location"]) == (303, RECEIVED)
    report = ErrorReport.objects.get()
    assert (report.article, report.edition, report.text) == (story, 1, TEXT)
    assert (report.address, report.state) == ("vira@reader.example", "waiting")
    assert "Thank you" in reader.get(RECEIVED).text


def test_neither_page_sets_a_cookie_nor_wants_one(reader, story):
    answers = [reader.get(ROAD), send(reader), reader.get(RECEIVED), send(reader, text="")]

    assert not any(answer.cookies for answer in answers)
    assert not reader.cookies
    assert "csrf" not in answers[0].text


def test_looking_writes_nothing_and_is_kept_by_caches(reader, story):
    answer = reader.get(ROAD)

    assert not ErrorReport.objects.exists()
    assert "s-maxage" in answer["Cache-Control"]
    assert reader.get(ROAD, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert answer["X-Robots-Tag"] == "noindex"


def test_what_is_sent_is_kept_by_no_cache(reader, story):
    assert [send(reader, text=text)["Cache-Control"] for text in ("", TEXT)] == ["no-store", "no-store"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"text": "  \n "}, "Tell us what is wrong; this was empty."),
        ({"address": "vira@"}, "Enter a valid email address."),
        ({"address": "a@b.example\r\nBcc: c@d.example"}, "Enter a valid email address."),
        ({"address": f"{'a' * 250}@b.example"}, "at most 254 characters"),
        ({"text": "NUL \x00 inside"}, "Null characters are not allowed."),
        ({"text": "x" * 5_001}, "at most 5000 characters (it has 5001)"),
        ({"text": "<div>" * 600_000}, "at most 5000 characters (it has 3000000)"),
    ],
)
def test_what_cannot_be_taken_is_said_so_and_stays_in_the_form(reader, story, said, told):
    answer = send(reader, **{"address": "vira@reader.example", **said})

    assert answer.status_code == 200
    assert told in answer.text
    assert not ErrorReport.objects.exists()
    kept = Form(reader, ROAD, answer)
    assert kept["edition"] == ["1"]
    if "\x00" not in said.get("text", ""):
        assert kept["text"] == [said.get("text", TEXT).replace("\r\n", "\n")]


def test_what_nobody_can_see_is_taken_out(reader, story):
    send(reader, text="Six \u202esigned\u202c, not\u200b five.")

    assert ErrorReport.objects.get().text == "Six signed, not five."


def test_half_a_character_does_no_harm(reader, story):
    body = b"text=Six %ED%A0%80 signed&edition=1"

    answer = reader.post(ROAD, body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 303
    assert ErrorReport.objects.get().text.startswith("Six ")


@pytest.mark.parametrize("edition", ["", "0", "-1", "3", "9" * 30, "abc", "１", "\x00", "1.5"])
def test_an_edition_that_is_none_is_taken_as_the_newest(reader, story, edition):
    assert send(reader, edition=edition).status_code == 303
    assert ErrorReport.objects.get().edition == 2
    assert reader.get(ROAD, {"edition": edition}).status_code == 200


def test_a_machine_that_fills_in_every_field_is_thanked_and_not_listened_to(reader, story):
    answer = send(reader, website="https://spam.example")

    assert (answer.status_code, answer["Location"]) == (303, RECEIVED)
    assert not ErrorReport.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"origin": "http://testserver"}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://testserver"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
    ],
)
def test_a_form_on_another_site_cannot_send_it(reader, story, headers, status):
    answer = send(reader, headers=headers)

    assert answer.status_code == status
    assert ErrorReport.objects.count() == (status == 303)
    assert status == 303 or "sent from another site" in answer.text


def test_a_report_to_a_former_address_goes_along(reader, story):
    story.slug = "drones"
    story.save()

    answer = send(reader)

    assert (answer.status_code, answer["Location"]) == (308, "/ukraine/drones/report-an-error/")


def test_of_a_withdrawn_story_nothing_can_be_reported(reader, story):
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=2)

    assert [reader.get(ROAD).status_code, send(reader).status_code, reader.get(RECEIVED).status_code] == [410] * 3
    assert not ErrorReport.objects.exists()


def test_nor_of_a_draft(reader, story):
    draft = make.story(topic=story.topic)

    assert send(reader, f"{draft.get_absolute_url()}report-an-error/").status_code == 404


# How often.


@pytest.fixture
def two_an_hour(settings):
    settings.REPORTS_PER_HOUR = 2


def test_who_sends_too_much_is_asked_to_wait_and_keeps_the_text(reader, story, two_an_hour):
    with patch("articles.public_post.time.time", return_value=3600 * 500_000 + 600):
        first = [send(reader).status_code for _ in range(2)]
        answer = send(reader, address="vira@reader.example")

    assert first == [303, 303]
    assert (answer.status_code, answer["Retry-After"]) == (429, "3000")
    assert "send it again in 50 minutes" in " ".join(answer.text.split())
    assert TEXT in answer.text and "vira@reader.example" in answer.text
    assert ErrorReport.objects.count() == 2


def test_an_hour_later_there_is_room_again(reader, story, two_an_hour):
    now = 3600 * 500_000
    for seconds, status in ((0, 303), (3599, 303), (3599, 429), (3600, 303)):
        with patch("articles.public_post.time.time", return_value=now + seconds):
            assert send(reader).status_code == status


@pytest.mark.parametrize(
    ("one", "other", "is_one_client"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "unix:", False),
    ],
)
def test_clients_are_counted_by_their_network(reader, story, settings, one, other, is_one_client):
    settings.REPORTS_PER_HOUR = 1

    reader.post(ROAD, {"text": TEXT}, REMOTE_ADDR=one)

    assert reader.post(ROAD, {"text": TEXT}, REMOTE_ADDR=other).status_code == (429 if is_one_client else 303)


@pytest.mark.parametrize("is_behind_proxy", [True, False])
def test_what_a_client_says_of_its_address_counts_for_nothing(reader, story, settings, is_behind_proxy):
    settings.REPORTS_PER_HOUR, settings.BEHIND_TLS_PROXY = 1, is_behind_proxy
    proxy = ", 192.0.2.7" if is_behind_proxy else ""

    answers = [send(reader, headers={"x-forwarded-for": f"198.51.100.{n}{proxy}"}).status_code for n in (1, 2)]

    assert answers == [303, 429]


def test_the_address_of_a_client_is_kept_nowhere(reader, story, caplog, monkeypatch):
    caplog.set_level("DEBUG")
    kept = []
    monkeypatch.setattr(cache, "add", lambda key, *_: kept.append(key) or True)

    reader.post(ROAD, {"text": TEXT}, REMOTE_ADDR="192.0.2.77")

    assert len(kept) == 1 and "192.0.2" not in kept[0]
    assert "192.0.2.77" not in caplog.text
    assert "192.0.2.77" not in str(ErrorReport.objects.values())


# At the desk.

INBOX = "/desk/articles/errorreport/"


@pytest.fixture(autouse=True)
def at_once(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


@pytest.fixture
def report(story):
    return reported(story, address="vira@reader.example")


def reported(story, text=TEXT, **fields):
    return ErrorReport.objects.create(article=story, edition=1, text=text, **fields)


def page_of(report) -> str:
    return f"{INBOX}{report.pk}/change/"


def rows(client, query="") -> list[str]:
    return re.findall(r'<th class="field-said"><a [^>]*>(.*?)</a>', client.get(f"{INBOX}{query}").text)


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", page)).split())


def deal_with(client, report, button, **said):
    return Form(client, page_of(report)).send(**{button: "1", **said})


def test_what_waits_stands_first_and_is_counted_on_the_front_page(desk, story):
    done = reported(story, "Dealt with.")
    error_reports.dismiss(done, by=make.editor())
    reported(story, "The older.", reported_at=timezone.now() - timedelta(days=2))
    reported(story, "The newer.")

    assert rows(desk) == ["The newer.", "The older.", "Dealt with."]
    assert rows(desk, "?state__exact=waiting") == ["The newer.", "The older."]
    assert "2 readers report errors" in words_of(desk.get("/desk/").text)


def test_it_is_read_beside_the_edition_the_reader_saw(desk, story, report):
    page = desk.get(page_of(report)).text

    assert TEXT in page and "The reader wants an answer by mail." in page
    assert "Italy weighs a deal" in page
    assert 'href="/ukraine/drone-deal/revisions/1/"' in page


def test_an_answer_is_mailed_and_the_address_forgotten(desk, report):
    deal_with(desk, report, "_answer", answer="The treaty has five signatures.")

    [letter] = mail.outbox
    assert letter.to == ["vira@reader.example"]
    assert TEXT in letter.body and "The treaty has five signatures." in letter.body
    assert "http://127.0.0.1:8000/ukraine/drone-deal/" in letter.body
    report.refresh_from_db()
    assert (report.state, report.address, report.answer) == ("answered", "", "The treaty has five signatures.")
    assert report.handled_by and report.handled_at
    assert "The treaty has five signatures." in desk.get(page_of(report)).text


def test_an_answer_to_nobody_is_kept_at_the_desk(desk, story):
    report = reported(story)

    deal_with(desk, report, "_answer", answer="It was five.")

    assert mail.outbox == []
    assert ErrorReport.objects.get().state == "answered"


def test_an_answer_has_words(desk, report):
    answer = deal_with(desk, report, "_answer", answer="  ")

    assert "Write an answer, or dismiss the report." in answer.content.decode()
    assert ErrorReport.objects.get().state == "waiting"


def test_what_is_dismissed_is_answered_by_nobody_and_the_address_forgotten(desk, report):
    deal_with(desk, report, "_dismiss")

    assert mail.outbox == []
    report.refresh_from_db()
    assert (report.state, report.address) == ("dismissed", "")


def test_a_report_becomes_a_correction(desk, story, report):
    other = reported(story, "Another error.")
    make.edition(story, kind=Kind.TYPO, headline="Italy signs a deal!")
    with working_copy.saving(story, by=make.editor(), version=Desk.objects.get(article=story).version):
        story.refresh_from_db()
        story.lead = "Rome wants to build boats with Kyiv, the president said on Wednesday."
        story.save()
    [road] = re.findall(r'href="(/desk/[^"]+/publish/[?]report=\d+)"', desk.get(page_of(report)).text)

    form = Form(desk, road)
    assert (form["kind"], form["first_wrong"], form["last_wrong"]) == (["correction"], ["1"], ["3"])
    assert form["reports"] == [str(report.pk)] and TEXT in form.html
    form.send(note="It is boats.", wrong="They build drones.", right="They build boats.")

    report.refresh_from_db()
    assert (report.state, report.correction, report.address) == ("corrected", story.corrections.get(), "")
    assert "They build boats." in mail.outbox[0].body and "Edition 4 carries a correction" in mail.outbox[0].body
    other.refresh_from_db()
    assert other.state == "waiting"
    assert "They build boats." in desk.get(page_of(report)).text


def test_a_correction_that_is_refused_settles_no_report(desk, report):
    road = f"/desk/articles/article/{report.article_id}/publish/?report={report.pk}"

    Form(desk, road).send(note="It is boats.", wrong="Drones.", right="Boats.", first_wrong="99")

    assert ErrorReport.objects.get().state == "waiting"
    assert mail.outbox == []


@pytest.mark.parametrize("chosen", ["0", "abc", "9" * 30])
def test_a_report_that_is_none_leads_to_an_ordinary_page(desk, story, chosen):
    assert desk.get(f"/desk/articles/article/{story.pk}/publish/", {"report": chosen}).status_code == 200


def test_a_report_on_another_story_cannot_be_ticked(desk, story):
    theirs = reported(make.published("Another"))
    road = f"/desk/articles/article/{story.pk}/publish/"

    answer = Form(desk, f"{road}?report={theirs.pk}").send(
        kind="correction", note="N.", wrong="W.", right="R.", first_wrong="1", reports=[theirs.pk]
    )

    assert answer.status_code == 200
    theirs.refresh_from_db()
    assert theirs.state == "waiting"


def test_who_comes_second_is_told_so(desk, report, client_for):
    form = Form(desk, page_of(report))
    deal_with(client_for(make.editor()), report, "_answer", answer="Five.")

    answer = form.send(_dismiss="1")

    assert "Somebody else has dealt with this report meanwhile" in desk.get(answer.url).text
    assert ErrorReport.objects.get().state == "answered"
    assert len(mail.outbox) == 1


def test_a_reporter_reads_what_is_of_own_topics_and_deals_with_nothing(client_for, story, report):
    member, stranger = make.user("reporter"), make.user("reporter")
    story.topic.members.add(member)
    own, other = client_for(member), client_for(stranger)

    assert rows(own) == [TEXT] and rows(other) == []
    assert own.get(page_of(report)).status_code == 200
    assert "Dismiss" not in own.get(page_of(report)).text
    assert own.post(page_of(report), {"answer": "Mine.", "_answer": "1"}).status_code == 403
    assert other.get(page_of(report)).status_code == 404
    assert "reports an error" in words_of(own.get("/desk/").text)
    assert "reports an error" not in words_of(other.get("/desk/").text)
    assert ErrorReport.objects.get().state == "waiting"


def test_nobody_at_the_desk_sees_a_readers_address(client_for, report):
    desk = client_for(make.user("chief"))

    pages = [desk.get(road).text for road in (INBOX, page_of(report), f"{INBOX}{report.pk}/history/")]

    assert not any("vira@" in page for page in pages)
    for asked in ("address", "address__startswith"):
        assert desk.get(INBOX, {asked: "vira@reader.example"}).status_code in (302, 400, 404)


class Down:
    """A mail server that takes nothing."""

    def __init__(self, error):
        self.error = error

    def __call__(self, *args, **kwargs):
        raise self.error


def test_an_answer_that_cannot_be_mailed_now_is_mailed_later(desk, report, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        patched.setattr("articles.error_reports.send_mail", Down(ConnectionRefusedError("vira@reader.example")))
        deal_with(desk, report, "_answer", answer="Five.")
        error_reports.mail_due()
    assert "The answer waits to be mailed." in desk.get(page_of(report)).text
    assert "vira@" not in caplog.text and caplog.text.count("was not mailed") == 1

    cache.clear()
    error_reports.mail_due()
    error_reports.mail_due()

    assert [letter.to for letter in mail.outbox] == [["vira@reader.example"]]
    assert ErrorReport.objects.get().address == ""


@pytest.mark.parametrize("age", [0, 3])
def test_an_answer_that_is_refused_or_too_late_is_given_up_and_the_desk_told(desk, report, monkeypatch, age):
    refused = SMTPRecipientsRefused({"vira@reader.example": (550, b"no")})
    error = OSError() if age else refused
    monkeypatch.setattr("articles.error_reports.send_mail", Down(error))
    with monkeypatch.context() as patched:
        patched.setattr("articles.error_reports.timezone.now", lambda: datetime.now(UTC) + timedelta(days=age))
        deal_with(desk, report, "_answer", answer="Five.")

    assert ErrorReport.objects.get().address == ""
    history = desk.get(f"{INBOX}{report.pk}/history/").text
    assert "The answer could not be mailed" in history and "vira@" not in history
