"""The numbers of a large letter, as the desk shows them."""

import re

import pytest
from django.db.models import Value
from django.utils import timezone

from newsletter import digest, growth, reporting, scheduling
from newsletter.admin import issue_preview
from newsletter.models import SubscriberImport
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff"))


def test_a_report_has_commas_in_its_numbers(desk, monkeypatch):
    issue = make.issue(state="sending", started_at=timezone.now(), candidates=1_234_567)
    states = {"sent": 800_000, "queued": 400_000, "failed": 30_000, "in doubt": 4_567}
    told = reporting.Report(issue.candidates - 1, False, states, {}, bounced=1_001, complained=1_002, left=1_003)
    monkeypatch.setattr(reporting, "report", lambda _: told)
    monkeypatch.setattr(reporting, "over_time", lambda _: (1, [reporting.Slice(timezone.now(), 7_777)]))

    page = desk.get(f"/desk/newsletter/issue/{issue.pk}/change/").text

    for said in ("800,000", "400,000", "1,234,567", "1,234,566 whom", "1,001", "1,002", "1,003", "4,567 in doubt"):
        assert said in page
    assert "30,000 failed" in page and "7,777 sent</text>" in page and "<td>7,777</td>" in page


def test_the_question_before_a_letter_is_sent_has_commas_in_its_numbers(desk, monkeypatch):
    issue = make.issue()
    reach = scheduling.Reach(active=1_234_567, suppressed=1_001, paused=1_002)
    monkeypatch.setattr(scheduling, "reach", lambda *_: reach)

    page = desk.get(f"/desk/newsletter/issue/{issue.pk}/send/").text

    assert "to 1,232,564 readers?" in page and "Send it to 1,232,564 readers now" in page
    assert re.findall(r"<td>(.*?)</td>", page) == ["1,234,567", "1,002", "1,001", "1,232,564"]


def test_the_forms_of_a_letter_have_commas_in_the_number_of_their_readers(desk, monkeypatch):
    letter = make.newsletter()
    make.subscription(newsletter=letter)
    issue = make.issue(letter)
    digest.start(issue)
    monkeypatch.setattr(issue_preview, "Count", lambda _: Value(1_234))

    assert "To 1,234 readers" in desk.get(f"/desk/newsletter/issue/{issue.pk}/preview/").text


def test_an_import_has_commas_in_its_numbers(desk):
    counts = {"added": 1_234, "known": 1_001, "repeated": 1_002, "suppressed": 1_003, "refused": 1_004}
    by = make.user("chief")
    source = SubscriberImport.objects.create(newsletter=make.newsletter(), by=by, state="done", **counts)

    page = desk.get(f"/desk/newsletter/subscriberimport/{source.pk}/change/").text

    assert re.findall(r"<dd>\s*(.*?)\s*</dd>", page) == ["1,234", "1,001", "1,002", "1,003", "1,004"]


def test_the_chart_of_a_newsletter_has_commas_in_its_numbers(desk, monkeypatch):
    week = growth.Week(timezone.now().date(), signed_up=1_234, imported=56_789, left=1_001)
    monkeypatch.setattr(growth, "weeks", lambda *_: [week])

    page = desk.get(f"/desk/newsletter/newsletter/{make.newsletter().pk}/change/").text

    assert re.findall("<td>(.*?)</td>", page) == ["1,234", "56,789", "1,001"]
    assert ">+56,789</text>" in page
