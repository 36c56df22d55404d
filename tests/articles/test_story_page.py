"""The story page: every element in its order, from the newest edition and nothing else."""

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from articles import publishing, working_copy
from articles.kinds import Kind
from articles.models import Citation, KeyPoint, Section
from articles.reading import clock
from articles.snapshot import Verification
from tests import make
from tests.words import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic():
    return make.topic("Ukraine")


def element(html: str, start: str, end: str) -> str:
    """The words of the page from one mark in its HTML to another."""
    found = re.search(f"{start}.*?{end}", html, re.DOTALL)
    assert found, f"There is no {start}."
    return words(found[0])


def test_the_elements_stand_in_the_order_of_the_page(reader, topic):
    story = make.published(
        "Italy weighs a drone deal",
        topic=topic,
        slug="drone-deal",
        lead="Rome wants to build drones with Kyiv.",
        why_it_matters="It would be the first such deal.",
        key_points=["Italy is interested."],
        sections=[("What happened", "<p>They met in Rome.</p>"), ("Key details", "<p>Details follow.</p>")],
        sources=[make.source("Ukrinform UA", title="Rome weighs a deal")],
        photo=make.photo(credit="Vira Koval"),
    )
    story.byline.add(make.author("Olena Hrytsenko"))
    make.edition(story, lead="Rome wants to build drones with Kyiv, the president said.")

    page = words(reader.get("/ukraine/drone-deal/").text)

    order = [
        *(
            "News update Ukraine",
            "Italy weighs a drone deal",
            "Rome wants to build drones with Kyiv, the president",
        ),
        *("Reported by Olena Hrytsenko", "Published", "Updated", "Edition 2: what changed", "Share X Facebook"),
        *("Developing story", "Last confirmed", "Photo: Vira Koval", "At a glance", "Italy is interested."),
        *("Reported as of 15 April 2026, 09:00 UTC", "Why it matters", "It would be the first such deal."),
        *("What happened", "They met in Rome.", "Key details", "Details follow.", "Sources", "Ukrinform UA"),
        *("Rome weighs a deal", "This page One story, one address", "How this page is kept"),
    ]
    places = [page.find(words, page.find("News update Ukraine")) for words in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)


def test_readers_get_the_newest_edition_and_nothing_of_the_draft(reader, topic):
    story = make.published(topic=topic, slug="drone-deal", sources=[make.source("Zed", is_confidential=True)])
    make.edition(story, headline="Italy signs")
    desk = working_copy.Desk.objects.get(article=story)
    with working_copy.saving(story, by=make.editor(), version=desk.version):
        story.headline = "Not yet told"
        story.save()

    page = reader.get("/ukraine/drone-deal/").text

    assert "Italy signs" in page
    assert "Not yet told" not in page
    assert "Zed" not in page
    assert "A source known to the editors" in page


def test_a_draft_has_no_page(reader, topic):
    make.story(topic=topic, slug="drone-deal")

    assert reader.get("/ukraine/drone-deal/").status_code == 404


def test_times_are_told_to_people_with_their_zone_and_to_machines_in_utc(reader, topic, settings):
    settings.TIME_ZONE = "Europe/Kyiv"
    story = make.story(topic=topic, slug="drone-deal", key_points=["Italy is interested."])
    story.key_points.update(as_of=datetime(2026, 7, 15, 22, 30, tzinfo=UTC))
    publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, reason="A test.")

    page = reader.get("/ukraine/drone-deal/").text

    assert '<time datetime="2026-07-15T22:30:00Z">16 July 2026, 01:30 EEST</time>' in page


def test_updated_moves_with_substance_only(reader, topic):
    story = make.published(topic=topic, slug="drone-deal")
    assert "Updated" not in words(reader.get("/ukraine/drone-deal/").text)

    make.edition(
        story, kind=Kind.TYPO, lead="Rome wants to build drones with Kyiv, the president sad on Wednesday."
    )
    assert "Updated" not in words(reader.get("/ukraine/drone-deal/").text)

    make.edition(story, lead="Rome and Kyiv sign.")
    assert "Updated" in words(reader.get("/ukraine/drone-deal/").text)


def test_a_settled_story_says_so(reader, topic):
    story = make.published(topic=topic, slug="drone-deal")
    publishing.settle(story, note="No more is expected.", by=make.editor(), base=1)

    page = words(reader.get("/ukraine/drone-deal/").text)

    assert "Settled We no longer expect this story to move." in page
    assert "Developing story" not in page
    assert "Last confirmed" in page


def test_each_key_point_says_how_sure_we_are_since_when_and_from_whom(reader, topic):
    story = make.story(topic=topic, slug="drone-deal", key_points=["One", "Two", "Three", "Four"])
    citation = Citation.objects.get(article=story)
    levels = [Verification.CONFIRMED, Verification.REPORTED, Verification.DISPUTED, Verification.UNCONFIRMED]
    for point, verification in zip(KeyPoint.objects.filter(article=story), levels, strict=True):
        KeyPoint.objects.filter(pk=point.pk).update(verification=verification)
        point.citations.add(citation)
    publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, reason="A test.")

    page = reader.get("/ukraine/drone-deal/").text

    assert re.findall(r'class="key-point" data-verification="(\w+)"', page) == [str(level) for level in levels]
    points = element(page, '<ul class="key-points__list"', "</ul>")
    assert "One Confirmed as of 15 April 2026, 09:00 UTC Example Agency 1 Two Reported as of" in points
    assert '<a href="#source-1">Example Agency <sup>1</sup></a>' in page
    assert 'id="source-1"' in page


def test_a_withdrawn_key_point_stays_struck_through_with_the_reason(reader, topic):
    story = make.published(topic=topic, slug="drone-deal", key_points=["Jobs were promised.", "They met."])
    points = KeyPoint.objects.filter(article=story, text="Jobs were promised.")
    fields = {"verification": Verification.WITHDRAWN, "reason": "The ministry said none were."}
    make.edition(story, change=lambda: points.update(**fields))

    page = reader.get("/ukraine/drone-deal/").text

    assert "<s>Jobs were promised.</s>" in page
    assert "Jobs were promised. The ministry said none were. Withdrawn as of" in words(page)


def test_developments_come_before_context_and_context_can_be_folded(reader, topic):
    story = make.story(
        topic=topic, slug="drone-deal", sections=[("Then", "<p>Once.</p>"), ("Now", "<p>Today.</p>")]
    )
    Section.objects.filter(article=story, heading="Then").update(role="context")
    publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, reason="A test.")

    page = reader.get("/ukraine/drone-deal/").text

    assert page.index("Today.") < page.index("Once.")
    assert element(page, '<details class="section', "</details>") == "Then Once."


def test_what_moved_in_the_newest_edition_is_marked_with_its_date_and_time(reader, topic):
    story = make.published(
        topic=topic, slug="drone-deal", sections=[("One", "<p>Same.</p>"), ("Two", "<p>Old.</p>")]
    )
    assert "Changed" not in words(reader.get("/ukraine/drone-deal/").text)
    two = Section.objects.filter(article=story, heading="Two")

    edition = make.edition(story, change=lambda: two.update(body="<p>New.</p>"))
    page = words(reader.get("/ukraine/drone-deal/").text)
    assert words(f"One Same. Two Changed {clock(edition.published_at)} New.") in page

    make.edition(story, kind=Kind.TYPO, change=lambda: two.update(body="<p>News.</p>"))
    assert "Changed" not in words(reader.get("/ukraine/drone-deal/").text)


def test_sources_are_listed_with_all_that_helps_to_judge_them(reader, topic):
    source = make.source(
        "Ukrinform UA",
        title="Італія зацікавилася",
        url="https://ukrinform.example/1",
        language="uk",
        published_on="2026-04-15",
        accessed_on="2026-04-16",
        archived_url="https://archive.example/1",
    )
    story = make.story(topic=topic, slug="drone-deal", sources=[source, make.source("Office", language="en")])
    Citation.objects.filter(article=story, source=source).update(is_primary=True, supports="the offer")
    publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, reason="A test.")

    page = reader.get("/ukraine/drone-deal/").text

    listed = element(page, '<ol class="sources__list"', "</ol>")
    assert "Ukrinform UA Італія зацікавилася Primary source News agency, in Ukrainian, 15 April 2026" in listed
    assert ", accessed 16 April 2026 Archived copy" in listed
    assert "Archived copy for: the offer" in listed
    assert "in English" not in listed
    assert 'href="https://ukrinform.example/1"' in page
    assert 'href="https://archive.example/1"' in page


def test_a_correction_stands_near_the_top_with_what_was_wrong_and_what_is_right(reader, topic):
    story = make.published(topic=topic, slug="drone-deal")
    box = publishing.Box("It was signed on 12 April.", "It was signed on 14 April.", 1, 1)
    publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=1, note="The date.", box=box, reason="-")

    page = reader.get("/ukraine/drone-deal/").text

    shown = element(page, '<section class="corrections', "</section>")
    assert shown.startswith("Corrections Correction")
    assert "What was wrong It was signed on 12 April. What is right It was signed on 14 April." in shown
    assert "Edition 1 had it wrong; edition 2 put it right." in shown
    assert page.index("corrections block") < page.index("share block") < page.index("At a glance")


def test_a_superseded_correction_gives_way_to_the_newer_one(reader, topic):
    story = make.published(topic=topic, slug="drone-deal")
    by = make.editor()
    first = publishing.Box("12 April", "13 April", 1, 1)
    publishing.publish(story, kind=Kind.CORRECTION, by=by, base=1, note="The date.", box=first, reason="-")
    second = publishing.Box("12 and 13 April", "14 April", 1, 2, supersedes=story.corrections.get())
    publishing.publish(story, kind=Kind.CORRECTION, by=by, base=2, note="The date.", box=second, reason="-")

    shown = element(reader.get("/ukraine/drone-deal/").text, '<section class="corrections', "</section>")

    assert shown.count("What was wrong") == 1
    assert "Editions 1 to 2 had it wrong; edition 3 put it right." in shown


def test_the_story_can_be_passed_on_without_script(reader, topic, settings):
    settings.SITE_URL = "https://news.example"
    make.published("Rome & Kyiv: a “deal”?", topic=topic, slug="drone-deal")

    page = reader.get("/ukraine/drone-deal/").text

    shared = re.search('<ul class="share__places">(.*?)</ul>', page, re.DOTALL)[1]
    links = [urlsplit(unescape(href)) for href in re.findall('href="([^"]+)"', shared)]
    hosts = ["x.com", "www.facebook.com", "wa.me", "t.me", "bsky.app", "share.joinmastodon.org", "www.linkedin.com"]
    assert [link.netloc for link in links] == [*hosts, ""]
    for link in links:
        said = " ".join(value for values in parse_qs(link.query or link.fragment).values() for value in values)
        assert "https://news.example/ukraine/drone-deal/" in said
        assert "Rome & Kyiv: a “deal”?" in said or link.netloc in ("www.facebook.com", "www.linkedin.com")
    box = re.search("<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1]
    assert unescape(box) == "Rome & Kyiv: a “deal”? https://news.example/ukraine/drone-deal/"


def test_the_desk_may_choose_the_words_that_are_passed_on(reader, topic):
    make.published(topic=topic, slug="drone-deal", share_text="Drones, made in Rome?")

    box = element(reader.get("/ukraine/drone-deal/").text, "<textarea", "</textarea>")

    assert box.startswith("Drones, made in Rome? http")


def test_whoever_shows_a_link_to_the_story_finds_what_to_say(reader, topic, settings):
    settings.SITE_URL = "https://news.example"
    story = make.published("Rome “weighs” it", topic=topic, slug="drone-deal", lead="A lead.", photo=make.photo())

    page = reader.get("/ukraine/drone-deal/").text

    meta = dict(re.findall(r'<meta (?:property|name)="([^"]+)"\s+content="([^"]*)"', page))
    assert meta["og:title"] == "Rome “weighs” it"
    assert meta["og:description"] == meta["description"] == "A lead."
    assert meta["og:url"] == "https://news.example/ukraine/drone-deal/"
    assert meta["og:type"] == "article"
    assert meta["og:image"].startswith("https://news.example/media/photos/")
    assert meta["twitter:card"] == "summary_large_image"
    published = story.revisions.get().published_at
    assert meta["article:published_time"] == f"{published:%Y-%m-%dT%H:%M:%SZ}"
    assert '<link rel="canonical" href="https://news.example/ukraine/drone-deal/">' in page


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("en-gb", '<html lang="en-gb" dir="ltr">'),
        ("uk", '<html lang="uk" dir="ltr">'),
        ("ar-EG", '<html lang="ar-EG" dir="rtl">'),
        ("az-Arab", '<html lang="az-Arab" dir="rtl">'),
    ],
)
def test_the_page_is_in_the_language_and_direction_of_the_story(reader, topic, language, begins):
    make.published(topic=topic, slug="drone-deal", language=language)

    page = reader.get("/ukraine/drone-deal/").text

    assert begins in page
    assert ('<h2 class="block__label" id="sources" lang="en">' in page) == (not language.startswith("en"))


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_hostile_text_is_only_text(reader, topic):
    story = make.published(
        HOSTILE,
        topic=topic,
        slug="drone-deal",
        lead=HOSTILE,
        why_it_matters=HOSTILE,
        kicker=HOSTILE[:40],
        share_text=HOSTILE,
        key_points=[HOSTILE],
        sections=[(HOSTILE, f"<p>{HOSTILE}</p>")],
        sources=[make.source(HOSTILE, title=HOSTILE)],
    )
    story.byline.add(make.author(HOSTILE[:80]), make.author("B", url='https://b.example/"><script>'))
    box = publishing.Box(HOSTILE, HOSTILE, 1, 1)
    publishing.publish(story, kind=Kind.CORRECTION, by=make.editor(), base=1, note=HOSTILE, box=box, reason="-")

    for road in ("", "changes/", "revisions/1/", "revisions/2/"):
        page = reader.get(f"/ukraine/drone-deal/{road}").text
        assert "alert(1)" in page
        scripts = [" ".join(script.split()) for script in re.findall("<script[^>]*>", page)]
        ours = '<script type="module" src="/static/js/[a-z-]+.js"( blocking="render")?>'
        assert all(re.fullmatch(ours, script) for script in scripts)
        assert "<img src=x" not in page


@pytest.mark.parametrize("written", ["<p onclick=alert(1)>Rome</p><script>alert(1)</script>", "<div>" * 300])
def test_what_was_written_past_every_check_is_cleaned_on_its_way_out(reader, topic, written):
    story = make.published(topic=topic, slug="drone-deal", sections=[("One", "<p>Body</p>")])
    make.edition(story, headline="Italy signs")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE articles_revision SET snapshot = replace(snapshot, '<p>Body</p>', %s)", [written])

    for road in ("", "revisions/1/"):
        page = reader.get(f"/ukraine/drone-deal/{road}").text
        assert '<h2 class="block__label">One</h2>' in page
        assert "<p>Body</p>" not in page
        assert "alert" not in page
        assert "<div><div>" not in page


def test_an_address_altered_past_every_check_is_no_link(reader, topic):
    source = make.source("Agency", url="https://one.example/", archived_url="https://two.example/")
    story = make.story(topic=topic, slug="drone-deal", sources=[source])
    story.byline.add(make.author("Olena Hrytsenko", url="https://three.example/"))
    publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, reason="A test.")
    assert len(re.findall('href="https://(?:one|two|three)', reader.get("/ukraine/drone-deal/").text)) == 3
    make.edition(story, headline="Italy signs")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name, hostile in [("one", "javascript:alert(1)"), ("two", " data:,alert(1)"), ("three", "//alert(1)")]:
            replaced = [f"https://{name}.example/", hostile]
            cursor.execute("UPDATE articles_revision SET snapshot = replace(snapshot, %s, %s)", replaced)

    for road in ("", "revisions/1/"):
        page = reader.get(f"/ukraine/drone-deal/{road}").text
        assert "Olena Hrytsenko" in page
        assert "Agency" in page
        assert "alert(1)" not in page


@pytest.mark.parametrize("road", ["", "changes/", "revisions/1/"])
def test_the_frame_leads_to_the_topic_the_front_page_and_the_feed(reader, topic, road):
    make.published(topic=topic, slug="drone-deal")

    page = reader.get(f"/ukraine/drone-deal/{road}").text

    ways = [
        re.findall('href="([^"]+)"', re.search(f'<{part} class="[a-z]+".*?</{part}>', page, re.DOTALL)[0])
        for part in ("header", "footer")
    ]
    assert ways == [["/", "/ukraine/"], ["/", "/corrections/", "/newsletters/", "/feeds/", "/about/standards/"]]


def test_one_query_makes_the_page(reader, topic, django_assert_num_queries):
    make.published(topic=topic, slug="drone-deal", photo=make.photo())

    with django_assert_num_queries(1):
        reader.get("/ukraine/drone-deal/")


def test_reading_sets_no_cookie_and_depends_on_nobody(reader, client_for, topic):
    story = make.published(topic=topic, slug="drone-deal")
    make.edition(story, headline="Italy signs")
    roads = ["/", "/ukraine/", "/feeds/", "/ukraine/feed/", "/robots.txt", "/nothing/here/"]
    roads += [f"/ukraine/drone-deal/{road}" for road in ("", "changes/", "revisions/1/")]
    editor = client_for(make.editor())

    for road in roads:
        response, to_editor = reader.get(road), editor.get(road)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert response.content == to_editor.content
        assert "unsafe" not in response["Content-Security-Policy"]
        assert "style=" not in response.text
        assert not re.search(r"\son[a-z]+=", re.sub(r"<(?:p|title)>.*?</", "", response.text))


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_page_is_for_reading(client, topic, method):
    make.published(topic=topic, slug="drone-deal")

    for road in ("/", "/ukraine/", "/ukraine/drone-deal/", "/ukraine/drone-deal/changes/", "/feeds/"):
        assert getattr(client, method)(road).status_code == 405
