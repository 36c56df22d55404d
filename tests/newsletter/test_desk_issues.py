"""The letters that staff write: their form, their stories in order, and who may do what with them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from articles import publishing
from newsletter import digest, sending
from newsletter.models import Issue, OutboxMail
from tests import make

pytestmark = pytest.mark.django_db

ISSUES = "/desk/newsletter/issue/"


@pytest.fixture
def desk(client_for):
    return client_for(make.user("letters staff"))


def form(letter, *stories, version="", **typed) -> dict:
    rows = {f"stories-{at}-article": story.pk for at, story in enumerate(stories)}
    places = {f"stories-{at}-order": at + 1 for at in range(len(stories))}
    said = {"newsletter": letter.pk, "subject": "This week", "preheader": "", "intro": "", "not_after": ""}
    return {
        **said,
        "version": version,
        "stories-TOTAL_FORMS": len(stories),
        "stories-INITIAL_FORMS": 0,
        **rows,
        **places,
        **typed,
    }


def road(issue, name="change") -> str:
    return f"{ISSUES}{issue.pk}/{name}/"


def version_of(page) -> str:
    return re.search(r'name="version" value="([^"]+)"', page.text)[1]


def told(issue) -> list[str]:
    return [story.article.headline for story in issue.stories.all()]


def test_a_letter_is_written_with_stories_in_their_order(desk):
    letter, first, second = make.newsletter(), make.published("First"), make.published("Second")
    typed = form(letter, first, second, intro="<p>Good <b>morning</b>.</p><script>x</script>", preheader="Read on.")

    answer = desk.post(f"{ISSUES}add/", {**typed, "stories-0-order": 2, "stories-1-order": 1})

    issue = Issue.objects.get()
    assert answer["Location"] == road(issue)
    assert (issue.made, issue.state, issue.preheader) == ("staff", "draft", "Read on.")
    assert issue.intro == "<p>Good <strong>morning</strong>.</p>"
    assert told(issue) == ["Second", "First"]
    page = desk.get(road(issue)).text
    for name in ("preview", "send", "delete"):
        assert f'href="{road(issue, name)}"' in page
    assert page.index(">Second</option>") < page.index(">First</option>")


def test_the_only_newsletter_is_chosen_already(desk):
    letter = make.newsletter()
    assert f'<option value="{letter.pk}" selected>' in desk.get(f"{ISSUES}add/").text

    other = make.newsletter(topic=make.topic())

    page = desk.get(f"{ISSUES}add/").text
    assert f'<option value="{letter.pk}">' in page and f'<option value="{other.pk}">' in page


def test_stories_are_taken_out_and_each_stands_once(desk):
    letter, first, second = make.newsletter(), make.published("First"), make.published("Second")
    issue = make.issue(letter, stories=[first, second])
    version = version_of(desk.get(road(issue)))

    desk.post(road(issue), form(letter, first, second, second, version=version) | {"stories-0-DELETE": "on"})

    assert told(issue) == ["Second"]


def test_a_story_is_found_by_its_headline_if_readers_have_it(desk):
    talks, _ = make.published("Talks in Rome"), make.published("Harbour")
    make.story("Talks that nobody knows of")
    withdrawn = make.published("Talks that never were")
    publishing.withdraw(withdrawn, by=make.user("chief"), base=1, note="It was staged.")
    talks.headline = "Talks, as a draft calls them"
    talks.save()

    found = desk.get(f"{ISSUES}autocomplete/", {"term": "TALKS"}).json()

    assert found == {
        "results": [{"id": str(talks.pk), "text": "Talks in Rome", "detail": talks.topic.name}],
        "pagination": {"more": False},
    }


def test_a_story_is_named_by_its_address_where_no_script_runs(desk):
    letter, story = make.newsletter(), make.published("Talks", slug="talks")
    where = "http://testserver" + story.get_absolute_url()

    desk.post(f"{ISSUES}add/", {**form(letter), "stories-TOTAL_FORMS": 1, "stories-0-article-by-hand": where})

    assert told(Issue.objects.get()) == ["Talks"]


@pytest.mark.parametrize("chosen", ["draft", "nobody's", "x", "http://testserver/nothing/\x00"])
def test_a_story_that_readers_do_not_have_is_refused(desk, chosen):
    draft = make.story("Secret plans")
    typed = {"draft": draft.pk, "nobody's": 10**30}.get(chosen, chosen)
    row = {"stories-TOTAL_FORMS": 1, "stories-0-article-by-hand": typed}

    answer = desk.post(f"{ISSUES}add/", {**form(make.newsletter()), **row})

    assert answer.status_code == 200 and "Readers do not have this story" in answer.text
    assert "Secret plans" not in answer.text and not Issue.objects.exists()


def test_a_save_over_that_of_somebody_else_is_refused_and_keeps_what_was_typed(desk, client_for):
    issue, story = make.issue(), make.published("Mine")
    letter = issue.newsletter
    version = version_of(desk.get(road(issue)))
    client_for(make.user("letters staff")).post(road(issue), form(letter, version=version, subject="Theirs"))

    answer = desk.post(road(issue), form(letter, story, version=version, subject="What I wrote"))

    assert "Somebody has saved this letter since" in answer.text
    assert "What I wrote" in answer.text and ">Mine</option>" in answer.text
    issue.refresh_from_db()
    assert issue.subject == "Theirs" and told(issue) == []


def test_what_is_no_draft_any_more_is_not_written_over(desk):
    issue = make.issue()
    version = version_of(desk.get(road(issue)))
    Issue.objects.update(state="sending")

    answer = desk.post(road(issue), form(issue.newsletter, version=version, subject="Late"))

    assert "This letter is no draft any more" in answer.text and "Late" in answer.text
    issue.refresh_from_db()
    assert issue.subject == "This week"


def test_the_last_moment_is_typed_by_the_clocks_of_the_newsletter(desk):
    letter = make.newsletter(time_zone="Europe/Kyiv")

    desk.post(f"{ISSUES}add/", form(letter, not_after="2027-01-04T09:30"))

    issue = Issue.objects.get()
    assert issue.not_after.isoformat() == "2027-01-04T07:30:00+00:00"
    assert 'value="2027-01-04T09:30"' in desk.get(road(issue)).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2027-03-28T03:30", "There is no 03:30 on 28 March 2027"),
        ("2020-01-01T09:00", "has passed"),
        ("soon", "Write a date and a time"),
        ("9999-01-01T09:00", "years away"),
    ],
)
def test_a_last_moment_that_is_none_is_refused(desk, typed, said):
    letter = make.newsletter(time_zone="Europe/Kyiv")

    assert said in desk.post(f"{ISSUES}add/", form(letter, not_after=typed)).text
    assert not Issue.objects.exists()


def test_a_draft_is_deleted_and_what_was_sent_is_not(desk):
    draft, sent = make.issue(), make.issue(state="sending")

    assert desk.post(road(draft, "delete"), {"post": "yes"}).status_code == 302
    assert desk.post(road(sent, "delete"), {"post": "yes"}).status_code == 403
    assert [*Issue.objects.all()] == [sent]


def test_the_list_has_digests_too_and_nobody_writes_in_them(desk):
    until = datetime(2026, 4, 15, 7, tzinfo=UTC)
    digest = Issue.objects.create(
        newsletter=make.newsletter(), made="digest", cadence="daily", until=until, candidates=3, state="sending"
    )
    make.issue(subject="Written by hand")

    listed = desk.get(ISSUES).text
    assert "Written by hand" in listed and "Daily, up to 15 April 2026" in listed
    assert 'name="subject"' not in desk.get(road(digest)).text
    assert desk.post(road(digest), form(digest.newsletter)).status_code == 403


def test_the_list_is_in_the_order_of_the_times_it_shows(desk):
    letter, day = make.newsletter(), datetime(2026, 4, 15, 9, tzinfo=UTC)
    later, latest = day + timedelta(days=1), day + timedelta(days=2)
    make.issue(letter, subject="Sent last", state="sent", started_at=day, finished_at=latest)
    make.issue(letter, subject="Sent first", state="sent", started_at=day, finished_at=day)
    make.issue(letter, subject="Begun", state="sending", started_at=later)
    make.issue(letter, subject="To come", state="scheduled", send_at=latest + timedelta(days=1))
    draft = make.issue(letter, subject="Draft")
    Issue.objects.filter(pk=draft.pk).update(saved_at=later + timedelta(hours=1))

    page = desk.get(ISSUES).text

    rows = re.findall(
        r'<th class="field-called">.*?>([^<]+)</a>.*?<td class="field-when">(.*?)</td>', page, re.DOTALL
    )
    assert [name for name, _ in rows] == ["To come", "Sent last", "Draft", "Begun", "Sent first"]
    days = [re.search(r'datetime="2026-04-(\d+)', when)[1] for _, when in rows]
    assert days == ["18", "17", "16", "16", "15"] and rows[2][1].startswith("saved ")
    assert "column-when sorted descending" in page


@pytest.mark.parametrize("role", ["reporter", "editor"])
def test_who_writes_stories_is_shown_no_letter(client_for, role):
    client, issue = client_for(make.user(role)), make.issue()
    roads = [ISSUES, f"{ISSUES}add/", f"{ISSUES}autocomplete/", *(road(issue, name) for name in ROADS)]

    assert {client.get(each).status_code for each in roads} == {403}
    assert f'href="{ISSUES}"' not in client.get("/desk/").text


ROADS = ["change", "preview", "preview/html", "send", "progress", "deliveries"]


def test_a_beginning_that_cannot_be_cleaned_is_refused_and_stays_in_the_form(desk):
    deep = "<blockquote>" * 300 + "Good morning." + "</blockquote>" * 300

    answer = desk.post(f"{ISSUES}add/", form(make.newsletter(), intro=deep))

    assert answer.status_code == 200 and "errorlist" in answer.text and "Good morning." in answer.text
    assert not Issue.objects.exists()


def test_a_beginning_that_would_be_cut_off_is_refused_and_stays_in_the_form(desk):
    letter, story = make.newsletter(), make.published("Talks")
    long = "".join(f"<p>Paragraph {place}.</p>" for place in range(2_000))

    answer = desk.post(f"{ISSUES}add/", form(letter, story, intro=long))

    assert re.search("this beginning the letter has [0-9]+ KB.* It may have 89 KB", answer.text)
    assert "Paragraph 1999." in answer.text and ">Talks</option>" in answer.text
    assert not Issue.objects.exists()
    draft = make.issue(letter)
    typed = form(letter, story, version=version_of(desk.get(road(draft))), intro=long)
    assert "Paragraph 1999." in desk.post(road(draft), typed).text
    draft.refresh_from_db()
    assert draft.intro == "<p>Good morning.</p>"


def test_a_letter_without_a_subject_has_one_name_everywhere(desk, reader, settings, django_assert_num_queries):
    settings.MAIL_UNDO = timedelta()
    letter = make.newsletter("Harbour update", slug="harbour")
    make.subscription(newsletter=letter)
    issue = make.issue(letter, subject="", stories=[make.published("Talks begin"), make.published("Storm eases")])
    name = "Talks begin, and 1 more story"

    for where in (ISSUES, road(issue), road(issue, "preview"), road(issue, "send"), road(issue, "delete")):
        assert name in desk.get(where).text, where
    digest.start(issue)
    sending.send_due()
    assert OutboxMail.objects.get().subject == name
    for where in (ISSUES, road(issue), road(issue, "preview"), road(issue, "deliveries")):
        assert name in desk.get(where).text, where
    for where in ("/newsletters/harbour/issues/", issue.web_address):
        assert name in reader.get(where).text, where

    assert str(make.issue(letter, subject="", intro="")) == "Harbour update"
    issues = [make.issue(letter, subject="") for _ in range(3)]
    with django_assert_num_queries(2):
        assert {one.name for one in Issue.objects.named(issues)} == {"Harbour update"}


def test_a_letter_without_a_newsletter_says_whom_it_is_for(desk):
    until = datetime(2026, 4, 15, 7, tzinfo=UTC)
    Issue.objects.create(made="digest", cadence="daily", until=until, candidates=3, state="sending")
    issue = Issue.objects.get()

    assert "Those who follow stories" in desk.get(ISSUES).text
    assert "Digest, for those who follow stories." in desk.get(road(issue)).text


def test_only_the_form_has_the_policy_that_the_editor_needs(desk):
    draft, sent = make.issue(), make.issue(state="sending")

    assert "'unsafe-inline'" in desk.get(road(draft))["Content-Security-Policy"]
    for where in (ISSUES, road(sent), road(draft, "preview"), road(draft, "send"), road(draft, "deliveries")):
        assert "unsafe" not in desk.get(where)["Content-Security-Policy"], where
