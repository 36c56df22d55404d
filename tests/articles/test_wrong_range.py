"""Which editions had it wrong, as the desk proposes it: those since which the words stood that are changed away."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from articles import withholding, working_copy
from articles.changes import compare
from articles.html_wording import blocks
from articles.kinds import Kind
from articles.models import Article, Desk
from articles.wrong_range import stood
from tests import make
from tests.articles.forms import Form, road
from tests.articles.snapshots import BASE, STORY, point, section
from tests.articles.strategies import edited, whole_snapshots


def history(*editions):
    """What changed in each of these snapshots since the one before, newest first."""
    changes = [compare(before, after) for before, after in pairwise([None, *editions])]
    return [(number, changes[number - 1]) for number in range(len(editions), 0, -1)]


def told(*snapshots):
    """Since when what the last of these changes away stood, the others being the editions."""
    *editions, fixed = snapshots
    return [(s.label, s.words, s.since) for s in stood(compare(editions[-1], fixed), history(*editions))]


def lead(text):
    return replace(BASE, story=replace(STORY, lead=text))


def points(*texts, **fields):
    return replace(BASE, key_points=tuple(point(f"k{n}", text, **fields) for n, text in enumerate(texts)))


def body(html):
    return replace(BASE, sections=(section("s1", body=html),))


@pytest.mark.parametrize(
    ("leads", "words", "since"),
    [
        (["Rome is asked.", "Five died.", "Five died in Rome.", "Six died in Rome."], "Five", 2),
        (["Five died.", "Nobody died.", "Five died.", "Six died."], "Five", 3),
        # The same word elsewhere in the lead is another.
        (["14 drones came on April 12.", "14 drones came on April 14.", "14 drones came on April 15."], "14", 2),
        # What stands around it may move.
        (["On April 14 they met.", "In Rome, on April 14, they met.", "In Rome, on April 15, they met."], "14", 1),
        # Nothing is taken away: the words between which some are put had it wrong.
        (["Rome is asked.", "Rome signed it.", "Rome has signed it.", "Rome has not signed it."], "has signed", 3),
        (["Rome signed.", "Rome signed twice."], "signed.", 1),
        # Of two mistakes the older is told.
        (["Five came.", "Five came to Rome.", "Six came to Milan."], "Five", 1),
    ],
)
def test_words_of_the_lead_stood_since_they_were_first_there(leads, words, since):
    assert told(*map(lead, leads)) == [("Lead", words, since)]


def test_each_change_has_its_own_time_the_longest_first():
    editions = [points("One met."), points("One met.", "Two met."), points("One left.", "Two left.")]

    assert told(*editions) == [("Key point", "met", 1), ("Key point", "met", 2)]


def test_a_part_that_goes_stood_since_its_words_did():
    assert told(points("Five died."), points("Six died."), points("Six died.", "It rains."), points()) == [
        ("Key point", "Six died.", 2),
        ("Key point", "It rains.", 3),
    ]


def test_words_of_a_section_are_compared_without_their_markup():
    assert told(
        body("<p>It rained. Five died.</p>"),
        body("<ul><li>Five <strong>died</strong>.</li></ul>"),
        body("<ul><li>Six <strong>died</strong>.</li></ul>"),
    ) == [("Section", "Five", 1)]


def test_what_is_no_text_stood_while_it_was_the_same():
    confirmed, disputed = (
        points("It is so.", verification="confirmed"),
        points("It is so.", verification="disputed"),
    )
    unsure = points("It is so.", verification="unconfirmed")
    cited = replace(BASE, citations=(replace(BASE.citations[0], is_primary=False), BASE.citations[1]))

    assert told(unsure, confirmed, confirmed, disputed) == [("Key point", "", 2)]
    assert told(BASE, cited, BASE, replace(BASE, citations=())) == [("Source", "", 1), ("Source", "", 3)]
    assert told(BASE, replace(BASE, photo=replace(BASE.photo, alt="Nobody")), BASE) == [("Photo", "Nobody", 2)]


def test_what_only_adds_moves_or_confirms_takes_nothing_away():
    later = replace(BASE, key_points=tuple(reversed(BASE.key_points)), sections=(*BASE.sections, section("s9")))

    assert told(BASE, later) == []


def test_nothing_is_said_of_editions_older_than_those_told_of():
    fixed = compare(lead("Five died."), lead("Six died."))

    [found] = stood(fixed, [], oldest=7)

    assert found.since == 7


@st.composite
def stories(draw):
    """Editions of a story, each made of the one before, and what is to be the next."""
    editions = [draw(whole_snapshots)]
    for _ in range(draw(st.integers(1, 5))):
        editions.append(draw(st.just(editions[-1]) | edited(editions[-1])))
    return editions


def texts(snapshot) -> str:
    """All that a snapshot says, each text between lines of its own."""
    values = [value for value in vars_of(snapshot.story) if isinstance(value, str)]
    values += [text for p in snapshot.key_points for text in (p.text, p.reason)]
    values += [text for s in snapshot.sections for text in (s.heading, "\n".join(b.text for b in blocks(s.body)))]
    values += [citation.supports for citation in snapshot.citations]
    photo = snapshot.photo
    return "\n\n".join([*values, *([photo.alt, photo.caption, photo.credit, photo.licence] if photo else [])])


def vars_of(story):
    return [getattr(story, name) for name in story.__slots__]


@given(stories())
def test_the_words_are_in_every_edition_of_the_run(story):
    *editions, fixed = story

    for found in stood(compare(editions[-1], fixed), history(*editions)):
        assert 1 <= found.since <= len(editions)
        for edition in editions[found.since - 1 :]:
            assert found.words in texts(edition)


@given(stories(), st.integers(1, 4))
def test_a_run_of_equal_editions_is_never_cut(story, times):
    *editions, fixed = story
    first = stood(compare(editions[-1], fixed), history(*editions))

    longer = stood(compare(editions[-1], fixed), history(*editions, *[editions[-1]] * times))

    assert longer == first


@given(stories())
def test_editions_that_touched_none_of_the_parts_may_be_left_out(story):
    *editions, fixed = story
    changes = compare(editions[-1], fixed)
    keys = {change.key for change in changes}
    whole = history(*editions)
    touching = [(number, moved) for number, moved in whole if any(change.key in keys for change in moved)]

    assert stood(changes, touching) == stood(changes, whole)


# At the desk.


def saved(article, **fields):
    desk = Desk.objects.get(article=article)
    with working_copy.saving(article, by=make.editor(), version=desk.version):
        Article.objects.filter(pk=article.pk).update(**fields)
        article.refresh_from_db()


def words_of(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split())


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


@pytest.mark.django_db
def test_the_publish_page_proposes_the_range_and_says_why(desk):
    story = make.published(lead="Rome is asked.")
    make.edition(story, lead="Five died.")
    make.edition(story, lead="Five died in Rome.")
    saved(story, lead="Six died in Rome.")

    form = Form(desk, road(story, "publish"))

    assert (form["first_wrong"], form["last_wrong"]) == (["2"], ["3"])
    second = story.revisions.get(number=2).published_at
    assert f"Lead: Five stood since edition 2, {second.day} {second:%B %Y, %H:%M} UTC" in words_of(form.html)


@pytest.mark.django_db
def test_the_proposal_can_be_changed(desk):
    story = make.published(lead="Five died.")
    make.edition(story, lead="Five died in Rome.")
    saved(story, lead="Six died in Rome.")
    said = {"kind": "correction", "note": "Six died.", "wrong": "Five died.", "right": "Six died."}

    Form(desk, road(story, "publish")).send(**said, first_wrong="2")

    box = story.corrections.get()
    assert (box.first_wrong, box.last_wrong) == (2, 2)


@pytest.mark.django_db
def test_a_range_that_is_only_proposed_makes_no_box(desk):
    story = make.published(lead="Five died.")
    saved(story, lead="Six died.")

    Form(desk, road(story, "publish")).send(kind="development", note="Another died.")

    assert story.revisions.get(number=2).kind == Kind.DEVELOPMENT
    assert not story.corrections.exists()


@pytest.mark.django_db
def test_where_nothing_is_changed_away_the_first_edition_is_left_to_the_editor(desk):
    story = make.published(lead="Five died.")

    form = Form(desk, road(story, "publish"))

    assert (form["first_wrong"], form["last_wrong"]) == ([""], ["1"])


@pytest.mark.django_db
def test_no_range_reaches_past_an_edition_that_is_withheld(desk):
    story = make.published(lead="Five died.")
    for headline in ("Second", "Third", "Fourth"):
        make.edition(story, headline=headline)
    withholding.withhold(story, numbers=[2], category="law", by=make.user("chief"))
    saved(story, lead="Six died.")

    assert Form(desk, road(story, "publish"))["first_wrong"] == ["3"]


@pytest.mark.django_db
def test_the_rail_proposes_it_while_the_correction_is_typed(desk):
    story = make.published(lead="Rome is asked.")
    make.edition(story, lead="Five died.")
    form = Form(desk, road(story))

    live = desk.post(road(story, "rail"), {**form, "lead": "Six died.", "kind": "correction"}).content.decode()

    assert 'data-first-wrong="2"' in live and 'data-last-wrong="2"' in live
    assert "Five stood since edition 2" in words_of(live)


@pytest.mark.django_db
def test_a_long_history_costs_no_more_queries_than_a_short_one(desk, django_assert_num_queries):
    story = make.published(lead="Five died.")
    saved(story, lead="Six died.")
    with CaptureQueriesContext(connection) as short:
        Form(desk, road(story, "publish"))
    for hours in range(12):
        make.edition(story, lead=f"Five died, {hours} hours ago.")
    saved(story, lead="Six died, 11 hours ago.")

    with django_assert_num_queries(len(short)):
        form = Form(desk, road(story, "publish"))

    assert form["first_wrong"] == ["1"]
