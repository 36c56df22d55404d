"""What becomes of readers' reports at the desk: answered, dismissed, or turned into a correction."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from articles import error_reports, working_copy
from articles.kinds import Kind
from articles.models import Desk, ErrorReport
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

INBOX = "/desk/articles/errorreport/"
TEXT = "Six signed, not five; it is in the treaty."


@pytest.fixture(autouse=True)
def nothing_is_paused(monkeypatch):
    cache.clear()
    monkeypatch.setattr("newsletter.live_mail.is_on", lambda: True)


@pytest.fixture
def story():
    story = make.published("Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal")
    make.edition(story, headline="Italy signs a deal")
    return story


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


def test_the_address_of_a_report_that_waits_too_long_is_forgotten(story, report):
    old = reported(story, address="old@reader.example", reported_at=timezone.now() - timedelta(days=91))

    error_reports.forget_addresses()

    old.refresh_from_db()
    report.refresh_from_db()
    assert (old.address, report.address, old.state) == ("", "vira@reader.example", "waiting")


def test_an_answer_is_mailed_once_at_most_even_if_we_are_ended_as_it_goes(desk, report, monkeypatch):
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("articles.error_reports.send_mail", Down(KeyboardInterrupt()))
        ErrorReport.objects.update(state="answered", handled_at=timezone.now())
        error_reports.send_answer(report.pk)

    error_reports.mail_due()

    assert mail.outbox == []


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
