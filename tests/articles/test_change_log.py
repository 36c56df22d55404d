"""The change log: one row for each edition, newest first, and in plain words what moved."""

import re
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from articles import publishing, withholding, working_copy
from articles.kinds import Kind
from articles.models import Citation, KeyPoint, PhotoUse, Section
from articles.reading import clock
from articles.snapshot import Verification
from tests import make
from tests.words import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return make.published(
        "Italy weighs a deal",
        topic=make.topic("Ukraine"),
        slug="drone-deal",
        lead="Rome wants drones.",
        key_points=["Italy is interested.", "Norway signed first."],
        sections=[("What happened", "<p>They met.</p>"), ("Background", "<p>It is long.</p>")],
    )


def log(reader, query="") -> str:
    """The words of the page, with what came as [+ ] and what went as [- ]."""
    html = reader.get(f"/ukraine/drone-deal/changes/{query}").text
    html = re.sub(r'<span class="visually-hidden"[^>]*>.*?</span>', "", html)
    return words(re.sub(r"<ins>(.*?)</ins>", r"[+\1]", re.sub(r"<del>(.*?)</del>", r"[-\1]", html)))


def test_each_edition_has_a_row_with_its_kind_note_and_time_newest_first(reader, story):
    second = make.edition(story, kind=Kind.TIGHTENED, lead="Rome wants Kyiv’s drones.", note="The lead says whose.")
    make.edition(story, headline="Italy signs")

    page = log(reader)

    assert (
        page.index("Edition 3 New development") < page.index("Edition 2 Tightened") < page.index("Edition 1 First")
    )
    assert f"Tightened {second.published_at.day} {second.published_at:%B %Y, %H:%M} UTC" in page
    assert "The lead says whose." in page
    assert "3 editions since" in page


def test_headline_and_lead_come_first_word_by_word(reader, story):
    make.edition(story, headline="Italy signs a deal", lead="Rome buys drones.", why_it_matters="Much.")

    page = log(reader)

    assert "Headline reworded Italy [-weighs] [+signs] a deal" in page
    assert "Lead reworded Rome [-wants] [+buys] drones." in page
    assert re.search("Lead reworded .* 1 change in another part Why it matters reworded", page)


def test_what_came_and_went_is_said_to_those_who_do_not_see_the_marks(reader, story):
    make.edition(story, lead="Rome buys drones.")

    html = reader.get("/ukraine/drone-deal/changes/").text

    assert '<del><span class="visually-hidden" lang="en">removed: </span>wants</del>' in html
    assert '<ins><span class="visually-hidden" lang="en">added: </span>buys</ins>' in html


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("A “deal” with Kyiv, he said.", "A “deal”, he said.", "A “deal” [-with Kyiv], he said."),
        ("It weighs a deal.", "It now weighs a deal.", "It [+now] weighs a deal."),
        ("He spoke: of drones", "He spoke in Rome", "He spoke[-: of drones] [+in Rome]"),
        ("Rome. He waits", "Rome: he waits", "Rome[-. He] [+: he] waits"),
        ("One\n\nTwo", "One", "One [-Two]"),
    ],
)
def test_the_space_between_words_is_never_lost_under_a_mark(reader, story, before, after, shown):
    make.edition(story, lead=before)
    make.edition(story, lead=after)

    assert f"Lead reworded {shown} " in log(reader)


def test_the_first_report_is_told_as_it_began(reader, story):
    make.edition(story, lead="Rome buys drones.")

    assert "As it stood Changed since Italy weighs a deal Rome wants drones." in log(reader)


def test_key_points_that_came_went_moved_or_are_surer(reader, story):
    points = KeyPoint.objects.filter(article=story)
    first, second = points
    source = make.source("Ukrinform UA")

    def change():
        citation = Citation.objects.create(article=story, position=2, source=source)
        second.citations.add(citation)
        points.filter(pk=second.pk).update(verification=Verification.CONFIRMED, text="Norway signed.")
        points.filter(pk=first.pk).update(as_of=first.as_of + timedelta(hours=2))
        points.filter(pk=second.pk).update(position=1) if False else None
        KeyPoint.objects.create(article=story, position=3, text="Spain waits.", as_of=timezone.now())

    make.edition(story, change=change)
    page = log(reader)

    assert "Key point: confirmed, was reported “Norway signed.”" in page
    assert "Key point reworded Norway signed [-first]." in page
    assert "Key point sources changed “Norway signed.” [+Ukrinform UA]" in page
    times = "From 15 April 2026, 09:00 UTC to 15 April 2026, 11:00 UTC"
    assert f"Key point as-of time changed “Italy is interested.” {times}" in page
    assert "Key point added [+Spain waits.]" in page
    assert "Source added [+Ukrinform UA," in page

    make.edition(story, change=lambda: points.filter(text="Spain waits.").delete())
    assert "Key point removed [-Spain waits.]" in log(reader)


def test_a_part_that_moved_says_from_where_to_where(reader, story):
    first, second = KeyPoint.objects.filter(article=story)

    def change():
        for point, position in ((first, 7), (second, 5)):
            KeyPoint.objects.filter(pk=point.pk).update(position=position)

    make.edition(story, change=change)

    assert re.search("Key point moved “.*?” From place [12] to place [12]", log(reader))


def test_sections_that_were_reworded_renamed_or_added(reader, story):
    sections = Section.objects.filter(article=story)
    body = '<p>They met in <a href="https://rome.example/">Rome</a>.</p><p>Twice.</p>'

    def change():
        sections.filter(heading="What happened").update(body=body, heading="What we know")
        sections.filter(heading="Background").update(role="context")
        Section.objects.create(article=story, position=3, heading="Next", body="<p>A vote.</p>")

    make.edition(story, change=change)
    page = log(reader)

    assert "Section renamed What [-happened] [+we know]" in page
    assert "Section reworded “What we know” They met [+in] [+Rome (https://rome.example/)]. [+Twice.]" in page
    assert "Section role changed “Background” [-development] [+context]" in page
    assert "Section added [+Next] [+A vote.]" in page


def test_a_paragraph_that_stayed_is_not_repeated(reader, story):
    section = Section.objects.filter(article=story, heading="What happened")

    make.edition(story, change=lambda: section.update(body="<p>They met.</p><p>Twice.</p>"))

    assert "Section reworded “What happened” [+Twice.]" in log(reader)


def test_a_link_that_leads_elsewhere_shows_where_it_led_and_leads(reader, story):
    section = Section.objects.filter(article=story, heading="What happened")
    make.edition(story, change=lambda: section.update(body='<p>They <a href="https://one.example/">met</a>.</p>'))
    make.edition(story, change=lambda: section.update(body='<p>They <a href="https://two.example/">met</a>.</p>'))

    assert "They [-met (https://one.example/)] [+met (https://two.example/)]." in log(reader)


@pytest.mark.parametrize(
    ("before", "after", "fact"),
    [
        ("<p>Rome met Kyiv.</p><p>Norway came.</p>", "<p>Norway came.</p><p>Rome met Kyiv.</p>", "Moved within"),
        ("<p>Rome met Kyiv.</p>", "<h3>Rome met Kyiv.</h3>", "Now a heading"),
        (
            "<p>Rome met Kyiv there. Norway came too.</p>",
            "<p>Rome met Kyiv there.</p><p>Norway came too.</p>",
            "own",
        ),
        (
            "<p>Rome met Kyiv there.</p><p>Norway came too.</p>",
            "<p>Rome met Kyiv there. Norway came too.</p>",
            "beside",
        ),
    ],
)
def test_what_became_of_a_paragraph_is_said(reader, story, before, after, fact):
    section = Section.objects.filter(article=story, heading="What happened")
    make.edition(story, change=lambda: section.update(body=before))
    make.edition(story, change=lambda: section.update(body=after))

    html = reader.get("/ukraine/drone-deal/changes/").text

    assert re.search(f'<p class="change__fact">[^<]*{fact}', html)


def test_a_photo_its_words_and_the_byline(reader, story):
    photo = {"article": story, "photo": make.photo(), "alt": "Two people", "caption": "Rome"}
    make.edition(story, change=lambda: PhotoUse.objects.create(**photo))
    assert "Photo added [+Rome]" in log(reader)

    make.edition(story, change=lambda: PhotoUse.objects.update(caption="In Rome"))
    assert "Photo caption changed [+In] Rome" in log(reader)

    make.edition(story, change=lambda: story.byline.set([make.author("Taras Bondar")]))
    assert "Byline changed [-Olena Hrytsenko] [+Taras Bondar]" in log(reader)


def test_a_correction_says_what_was_wrong_and_what_is_right(reader, story):
    box = publishing.Box("It was 12 April.", "It was 14 April.", 1, 1)
    publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=1, note="The date.", box=box, reason="-")

    assert "The date. What was wrong It was 12 April. What is right It was 14 April. Edition 1" in log(reader)


def test_what_was_corrected_stands_before_what_moved_and_the_other_parts(reader, story):
    with working_copy.saving(story, by=make.editor(), version=story.desk.version):
        story.lead, story.why_it_matters = "Rome buys drones.", "Much."
        story.save()
    box = publishing.Box("It was 12 April.", "It was 14 April.", 1, 1)
    kind = Kind.CLARIFICATION
    publishing.publish(story, kind=kind, by=make.editor(), base=1, note="The date.", box=box, reason="-")

    assert re.search(
        "The date. What could be misread .* What we mean It was 14 April. Lead reworded .* "
        "1 change in another part Why it matters reworded",
        log(reader),
    )


def test_typos_and_confirmations_are_folded_under_their_times(reader, story, monkeypatch):
    hours = (timezone.now() + timedelta(hours=hour) for hour in count(1))
    monkeypatch.setattr(publishing, "clock", lambda: next(hours))
    make.edition(story, kind=Kind.TYPO, lead="Rome wants dronse.")
    make.edition(story, kind=Kind.TYPO, lead="Rome wants drones.")
    publishing.reconfirm(story, by=make.editor(), base=3)
    make.edition(story, lead="Rome buys drones.")
    make.edition(story, kind=Kind.TYPO, lead="Rome buys drone.")

    html = reader.get("/ukraine/drone-deal/changes/").text

    folded = re.findall('<details class="log__folded">\\s*<summary>(.*?)</summary>', html, re.DOTALL)
    times = {edition.number: clock(edition.published_at) for edition in story.revisions.all()}
    assert [words(summary) for summary in folded] == [
        words(f"Edition 6 Typo {times[6]}"),
        words(f"Editions 2 to 4 Re-confirmed {times[4]} Typo ×2, last {times[3]}"),
    ]
    assert html.count('class="edition"') == 6


def test_the_log_is_read_page_by_page_and_stays_put(reader, story, monkeypatch):
    monkeypatch.setattr("articles.views.story.EDITIONS_ON_PAGE", 2)
    for lead in "ABC":
        make.edition(story, lead=lead)

    first, second = log(reader), log(reader, "?before=3")
    assert "Edition 4" in first
    assert "Edition 2" not in first
    assert 'href="?before=3"' in reader.get("/ukraine/drone-deal/changes/").text
    assert "Edition 2" in second
    assert "Edition 3" not in second
    assert "Older editions" not in second

    make.edition(story, lead="D")
    assert "Edition 2" in log(reader, "?before=3")


def test_substance_only_leaves_typos_out_however_many_lie_between(reader, story, monkeypatch):
    monkeypatch.setattr("articles.views.story.EDITIONS_ON_PAGE", 2)
    make.edition(story, lead="Rome buys drones.")
    for lead in ("Rome buys drone.", "Rome buys dronse.", "Rome buys drones."):
        make.edition(story, kind=Kind.TYPO, lead=lead)
    make.edition(story, lead="Rome pays.")

    substance = log(reader, "?only=substance")

    assert "Edition 6 New development" in substance
    assert "Edition 2 New development" in substance
    assert "Typo" not in substance
    assert "Edition 5 Typo" in log(reader)


def test_who_reads_substance_only_stays_with_it_from_page_to_page(reader, story, monkeypatch):
    monkeypatch.setattr("articles.views.story.EDITIONS_ON_PAGE", 2)
    for lead in "ABC":
        make.edition(story, lead=lead)
    make.edition(story, kind=Kind.TYPO, lead="D")

    first, last = (
        reader.get(f"/ukraine/drone-deal/changes/?{query}only=substance").text for query in ("", "before=3&")
    )

    assert 'href="?before=3&amp;only=substance"' in first
    assert "Newest editions" not in first
    assert '<a href="/ukraine/drone-deal/changes/?only=substance">Newest editions</a>' in last
    assert "Edition 2" in last
    assert "Show typos and re-confirmations too" in last


def test_an_edition_that_is_withheld_has_its_number_kind_and_time_and_no_words(reader, story):
    make.edition(story, lead="Rome steals drones.", note="It was theft.")
    make.edition(story, lead="Rome buys drones.", note="It was a purchase.")
    make.edition(story, lead="Rome pays.")
    assert "steals" in log(reader)

    withholding.withhold(story, numbers=[2], category="law", by=make.user("chief"))
    page = log(reader)

    assert "steals" not in page
    assert "theft" not in page
    assert re.search("Edition 2 New development [^.]* UTC Withheld on .* Reason: Legal reasons. Its words", page)
    assert "What changed is not shown, as the edition before is withheld. It was a purchase." in page
    assert "Rome [-buys drones] [+pays]." in page
    assert '/revisions/2/"' not in reader.get("/ukraine/drone-deal/changes/").text


def test_the_first_report_can_be_withheld_too(reader, story):
    make.edition(story, lead="Rome buys drones.")

    withholding.withhold(story, numbers=[1], category="law", by=make.user("chief"))

    assert "Rome wants" not in log(reader)
    assert "Withheld on" in log(reader)


def test_each_edition_but_the_newest_leads_to_what_changed_since(reader, story):
    make.edition(story, lead="A")
    make.edition(story, lead="B")

    html = reader.get("/ukraine/drone-deal/changes/").text

    assert re.findall('href="([^"]*)">Changed since', html) == [f"/ukraine/drone-deal/since/{n}/3/" for n in (2, 1)]


@pytest.mark.parametrize("before", ["1", "0", "-1", "abc", "9", "1.5", str(10**20), "9" * 5000, "%00", "٣", ""])
def test_there_is_no_odd_page(reader, story, before):
    make.edition(story, lead="Rome buys drones.")

    assert reader.get(f"/ukraine/drone-deal/changes/?before={before}").status_code == 404


def test_a_confidential_source_is_not_named_when_it_is_cited(reader, story):
    secret = make.source("Zed in Rome", is_confidential=True)

    def change():
        citation = Citation.objects.create(article=story, position=2, confidential_source=secret)
        KeyPoint.objects.filter(article=story).first().citations.add(citation)

    make.edition(story, change=change)

    assert "Key point sources changed “Italy is interested.” [+a source known to the editors]" in log(reader)
    assert "Zed" not in log(reader)


def test_a_whole_page_of_the_log_costs_four_queries(reader, story, django_assert_num_queries):
    """The story, which of its editions are withheld (to know the page, and to tell it), and a page of them."""
    for lead in "ABCDEF":
        make.edition(story, lead=lead)

    with django_assert_num_queries(4):
        reader.get("/ukraine/drone-deal/changes/")
