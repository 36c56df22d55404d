"""Past issues on the web: what staff sent, and of its stories no more than readers may have."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles import publishing, withholding
from articles.kinds import Kind
from newsletter import digest, sending
from newsletter.models import Issue
from tests import make

pytestmark = pytest.mark.django_db

ARCHIVE = "/newsletters/ukraine/issues/"


def sent(letter, *stories, **fields):
    """An issue of staff that went to one reader."""
    make.subscription(newsletter=letter)
    issue = make.issue(letter, stories=stories, **{"subject": "The week", **fields})
    digest.start(issue, timezone.now() + timedelta(minutes=3))
    sending.send(issue, float("inf"))
    sending.finish(issue)
    issue.refresh_from_db()
    return issue


def test_an_issue_reads_as_it_did_for_who_had_nothing_yet(reader, letter, story):
    issue = sent(letter, story, intro="<p>Dear readers.</p>")

    page = reader.get(issue.web_address)

    assert issue.web_address == f"{ARCHIVE}{issue.pk}/"
    assert page.status_code == 200
    for words in ("The week", "Dear readers.", "Italy weighs a deal", "Rome wants to build drones", "Reported"):
        assert words in page.text
    assert "It would be the first such deal" in page.text


def test_it_is_listed_and_the_list_is_led_to(reader, letter):
    older, newer = sent(letter, subject="The week"), sent(letter, subject="Another week")

    page = reader.get(ARCHIVE).text

    assert page.index("Another week") < page.index("The week")
    assert older.web_address in page and newer.web_address in page
    for road in ("/newsletters/", "/newsletters/ukraine/"):
        assert ARCHIVE in reader.get(road).text


def test_a_letter_that_sent_nothing_has_no_archive_and_no_link_to_one(reader, letter):
    assert reader.get(ARCHIVE).status_code == 404
    for road in ("/newsletters/", "/newsletters/ukraine/"):
        assert ARCHIVE not in reader.get(road).text


@pytest.mark.parametrize("state", ["draft", "scheduled", "cancelled"])
def test_what_was_not_sent_is_not_there(reader, letter, state):
    times = {"send_at": timezone.now(), "finished_at": timezone.now()}
    issue = Issue.objects.create(newsletter=letter, subject="A quokka", state=state, **times)

    assert reader.get(issue.web_address).status_code == 404
    assert reader.get(ARCHIVE).status_code == 404


def test_what_was_cancelled_on_its_way_goes_from_the_web_too(reader, letter):
    make.subscription(newsletter=letter)
    issue = Issue.objects.create(newsletter=letter, subject="The week", intro="<p>Dear readers.</p>")
    digest.start(issue)
    assert reader.get(issue.web_address).status_code == 200

    sending.cancel(issue)

    assert reader.get(issue.web_address).status_code == 404


def test_what_is_made_for_those_who_had_the_same_is_no_issue_for_everybody(reader, letter, story):
    digest.compose_due(timezone.now() + timedelta(minutes=3))
    made = Issue.objects.create(
        made="digest",
        newsletter=letter,
        cadence="each",
        until=timezone.now(),
        state="sent",
        finished_at=timezone.now(),
    )
    Issue.objects.filter(pk=made.pk).update(started_at=timezone.now())

    assert reader.get(f"{ARCHIVE}{made.pk}/").status_code == 404


def test_an_issue_of_another_letter_is_not_at_this_address(reader, letter):
    issue = sent(make.newsletter("Energy", slug="energy"))

    assert reader.get(f"{ARCHIVE}{issue.pk}/").status_code == 404


def test_a_story_that_moved_on_says_so_and_what_was_wrong(reader, letter, story):
    issue = sent(letter, story)
    box = publishing.Box("They met on April 14.", "They met on April 15.", 1, 1)
    said = {"note": "Mended.", "reason": "As a test needs it."}
    publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=1, box=box, **said)

    page = reader.get(issue.web_address).text

    assert "As it stood in edition 1" in page
    assert "/ukraine/drone-deal/since/1/" in page
    assert "Corrected since" in page
    assert "They met on April 15." in page


@pytest.mark.parametrize("how", ["withdrawn", "withheld", "that edition withheld"])
def test_a_story_that_was_taken_back_goes_from_the_issue_at_once(reader, letter, story, how):
    issue = sent(letter, story)
    make.edition(story, headline="Italy signs", note="It signed.")
    assert "Italy weighs a deal" in reader.get(issue.web_address).text
    chief = make.user("chief")
    if how == "withdrawn":
        publishing.withdraw(story, by=chief, base=2, note="Our source was forged.")
    else:
        withholding.withhold(story, numbers=[1] if "edition" in how else None, category="law", by=chief)

    page = reader.get(issue.web_address)

    assert "Italy weighs a deal" not in page.text
    assert "drone-deal" not in page.text
    assert "What was said here of one story has been taken back since." in page.text


def test_it_is_kept_by_caches_as_other_pages_are_and_by_no_search_engine(reader, letter, story):
    issue = sent(letter, story)

    first = reader.get(issue.web_address)
    again = reader.get(issue.web_address, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == reader.get(ARCHIVE).headers["Cache-Control"]
    assert "s-maxage=10" in first.headers["Cache-Control"]
    assert again.status_code == 304
    assert first.headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in reader.get(ARCHIVE).headers


def test_who_has_the_page_costs_few_questions_however_many_its_stories(
    reader, letter, story, topic, django_assert_num_queries
):
    issue = sent(letter, story, *(make.published(f"Story {n}", topic=topic) for n in range(4)))
    etag = reader.get(issue.web_address).headers["ETag"]

    with django_assert_num_queries(4):
        reader.get(issue.web_address, headers={"If-None-Match": etag})
