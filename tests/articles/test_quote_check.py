"""The quote check: whether a story ever said a sentence, from when to when, and why it no longer does."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import publishing, quoting, withholding
from articles.changes import NOTHING
from articles.kinds import Kind
from articles.quoting import Period, normal, periods, refusal
from tests import make
from tests.articles.strategies import whole_snapshots
from tests.words import words

LEAD = "Rome wants to build drones with Kyiv, the president said."
LATER = "Rome will build drones with Kyiv from May, the president said."
ADDRESS = "/ukraine/drone-deal/changes/quote/"


def one(headline="", lead="", **parts):
    """An edition that says no more than this."""
    return replace(NOTHING, story=replace(NOTHING.story, headline=headline, lead=lead), **parts)


# What is the same sentence.

texts = st.text(st.sampled_from("aÄßЖ中 .,'“”‘’«»–—-\u00a0\n\u200bﬁ"), max_size=60)


@given(texts)
def test_what_is_normal_stays_as_it_is(text):
    assert normal(normal(text)) == normal(text)


@given(st.lists(st.sampled_from(["Rome", "signs", "a", "“deal”", "it’s", "15–20", "Київ"]), min_size=1), st.data())
def test_case_white_space_quotation_marks_and_dashes_make_no_difference(parts, data):
    typed = data.draw(st.sampled_from([str.upper, str.lower, str.title, str]))(" \n\t".join(parts))
    for marks, other in [("“”", '"'), ("’", "'"), ("–", " - ")]:
        typed = re.sub(f"[{marks}]", data.draw(st.sampled_from([other, "‘" if other == "'" else other])), typed)

    assert normal(typed) == normal(" ".join(parts))


@given(whole_snapshots, st.data())
def test_whatever_an_edition_says_is_found_where_it_says_it(content, data):
    said = [place for place in quoting._texts(content) if normal(place[2]).strip("' ")]
    if said:
        _, place, text, is_html = data.draw(st.sampled_from(said))
        quote = quoting.text_of(text) if is_html else text
        assert Period(place, 1, None) in periods(quote, [(1, content)])


@given(st.lists(st.sampled_from([one(lead=LEAD), one(lead=LATER), one(headline=LEAD), None]), max_size=8))
def test_the_periods_are_those_in_which_it_stood(contents):
    editions = list(enumerate(contents, start=1))

    found = periods(LEAD, editions)

    for number, content in editions:
        places = {p.place for p in found if p.first <= number and (p.end is None or number < p.end)}
        assert places == {
            place
            for place, says in [
                ("the lead", content and content.story.lead == LEAD),
                ("the headline", content and content.story.headline == LEAD),
            ]
            if says
        }


def test_another_word_is_another_sentence():
    assert periods(LEAD, [(1, one(lead=LATER))]) == []


def test_quotation_marks_around_it_are_not_part_of_it():
    assert periods(f"“{LEAD}”", [(1, one(lead=LEAD))]) == [Period("the lead", 1, None)]


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("Rome signs", "20 characters are the fewest, and this has 10."),
        ("–" * 50, "20 characters are the fewest, and this has 1."),
        ("a" * 1_001, "1,000 characters are the most, and this has 1,001."),
    ],
)
def test_what_cannot_be_looked_for_is_told_why(quote, said):
    assert said in refusal(quote)


# The page.


@pytest.fixture
def story(db):
    story = make.published(
        "Italy weighs a deal",
        topic=make.topic("Ukraine"),
        slug="drone-deal",
        lead=LEAD,
        sections=[
            ("What happened", "<p>The <strong>two</strong> leaders met in <em>Ro</em>me.</p><p>They ate.</p>")
        ],
    )
    make.edition(story, lead=LATER, note="The date is known.")
    return story


def ask(reader, quote: str):
    return reader.get(ADDRESS, {"q": quote})


def test_a_sentence_that_was_changed_is_told_with_its_time_and_the_reason(reader, story):
    first, second = story.revisions.order_by("number")

    response = ask(reader, LEAD.upper())

    times = [f"{time.day} {time:%B %Y, %H:%M} UTC" for time in (first.published_at, second.published_at)]
    said = f"In the lead from {times[0]} to {times[1]}; then changed, because: The date is known."
    assert said in words(response.text)
    assert 'href="/ukraine/drone-deal/revisions/1/"' in response.text
    assert 'href="/ukraine/drone-deal/revisions/2/"' in response.text


def test_a_sentence_that_stands_is_told_to(reader, story):
    shown = words(ask(reader, LATER).text)

    assert "In the lead since" in shown
    assert "it still stands" in shown


def test_a_quote_may_run_over_emphasis_and_paragraphs(reader, story):
    assert "In “What happened” since" in words(ask(reader, "two leaders met in Rome. They ate.").text)


def test_no_text_of_the_page_is_left_out(reader, story):
    heading = "What happened in Rome on that Wednesday"
    wrong, right = "They met in the evening of April 14.", "They met at noon on April 15."
    story.refresh_from_db()
    make.edition(
        story, kicker="The drone deal, hour by hour", change=lambda: story.sections.update(heading=heading)
    )
    box = publishing.Box(wrong, right, 1, 1)
    said = {"by": make.editor(), "base": 3, "note": "Put right.", "reason": "A test."}
    publishing.publish(story, kind=Kind.CORRECTION, box=box, **said)

    for text, place in [
        ("The drone deal, hour by hour", "the line above the headline"),
        (heading, "the heading of a section"),
        (wrong, "a correction, as what was wrong"),
        (right, "a correction, as what is right"),
    ]:
        assert f"In {place} since" in words(ask(reader, text).text)


def test_a_sentence_that_came_back_has_two_periods(reader, story):
    make.edition(story, lead=LEAD, note="There is no date after all.")

    shown = words(ask(reader, LEAD).text)

    assert shown.index("then changed, because: The date is known.") < shown.index("it still stands")


def test_a_sentence_that_never_stood_is_told_so(reader, story):
    shown = words(ask(reader, "Norway has never built a drone in its life.").text)

    assert "It never stood on this page" in shown
    assert "all its editions, 1 to 2" in shown


def test_while_a_story_was_withdrawn_nothing_stood(reader, story):
    publishing.withdraw(story, by=make.editor(), base=2, note="It was staged.")
    publishing.reopen(story, by=make.editor(), base=3, note="It was not.")

    shown = words(ask(reader, LATER).text)

    assert "then the story was withdrawn, because: It was staged." in shown
    assert "it still stands" in shown


def test_what_only_a_withheld_edition_said_is_not_found_and_readers_know(reader, story):
    make.edition(story, lead="Anna Kovalenko met both of the leaders.", note="Anna is named.")
    make.edition(story, lead=LATER, note="She is not named.")
    withholding.withhold(story, numbers=[3], category="safety", by=make.user("chief"))

    assert "It never stood" in ask(reader, "Anna Kovalenko met both of the leaders.").text
    shown = words(ask(reader, LATER).text)
    assert "then edition 3 came, which is withheld" in shown
    assert "1 edition is withheld, and what stood there alone cannot be found." in shown
    assert shown.count("In the lead") == 2


def test_the_working_copy_is_not_looked_at(reader, story):
    story.lead = "Italy is not going to build anything at all."
    story.save()

    assert "It never stood" in ask(reader, story.lead).text


@pytest.mark.parametrize("quote", ["Rome", "x" * 1_500])
def test_what_was_typed_stays_in_the_field(reader, story, quote):
    response = ask(reader, quote)

    assert "Paste a sentence" in response.text
    assert f">{quote}</textarea>" in response.text
    assert "stood on this page" not in response.text


def test_the_page_is_kept_by_nobody(reader, story):
    response = ask(reader, LEAD)

    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex"


def test_one_gets_there_from_the_change_log(reader, story):
    log = reader.get("/ukraine/drone-deal/changes/").text

    assert f'action="{ADDRESS}"' in log
    assert reader.get(ADDRESS).status_code == 200


def test_it_costs_few_queries_however_many_editions_there_are(reader, story, django_assert_max_num_queries):
    for number in range(20):
        make.edition(story, kind=Kind.TIGHTENED, headline=f"Italy weighs {number} deals")

    with django_assert_max_num_queries(6):
        ask(reader, LEAD)


@pytest.mark.django_db
def test_who_asks_too_often_is_told_when_to_ask_again_and_keeps_the_sentence(client, monkeypatch):
    monkeypatch.setattr("articles.views.record.QUOTES_PER_HOUR", 1)
    make.published(topic=make.topic("Ukraine"), slug="drone-deal")
    road = "/ukraine/drone-deal/changes/quote/"
    client.get(road, {"q": "A sentence of some length, at least."})

    answer = client.get(road, {"q": "Another sentence of some length."})

    assert answer.status_code == 429
    assert "Ask again in" in answer.text and "Another sentence of some length." in answer.text


def test_blanks_without_end_take_no_time_to_speak_of():
    assert normal("a" + " " * 200_000 + "- " * 100_000 + "a") == "a-a"
