"""The chain of hashes as anybody gets it, and the recipe by which they check it, run as it is written."""

import hashlib
import subprocess
import sys
from html import unescape

import pytest
import rfc8785
from django.db import transaction

from articles import publishing, withholding
from articles.kinds import Kind
from tests import make
from tests.articles.test_history import tamper

ADDRESS = "/ukraine/drone-deal/"


@pytest.fixture
def story(db):
    story = make.published(topic=make.topic("Ukraine"), slug="drone-deal")
    make.edition(story, headline="Italy signs – „drüber“ 🇺🇦", note='Rome \\ "signed"\u2028at noon.\tTwice.')
    make.edition(story, kind=Kind.TYPO, headline="Italy signs")
    return story


def history(reader, query: str = "") -> dict:
    return reader.get(f"{ADDRESS}history.json{query}").json()


def test_every_edition_is_there_with_what_its_chain_is_made_of(reader, story):
    found = history(reader)

    assert [row["record"]["number"] for row in found["editions"]] == [1, 2, 3]
    assert found["next"] is None
    chain = ""
    for row, edition in zip(found["editions"], story.revisions.order_by("number"), strict=True):
        assert row["record"]["previous"] == chain
        chain = hashlib.sha256(rfc8785.dumps(row["record"])).hexdigest()
        assert chain == row["chain"] == edition.chain_hash


def test_the_bytes_of_an_edition_are_those_that_were_hashed(reader, story, settings):
    settings.SITE_URL = "https://news.example"
    row = history(reader)["editions"][1]

    assert row["bytes"] == f"https://news.example{ADDRESS}revisions/2/edition.json"
    response = reader.get(f"{ADDRESS}revisions/2/edition.json")
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response.content.decode() == story.revisions.get(number=2).snapshot
    assert hashlib.sha256(response.content).hexdigest() == row["record"]["content"]


def test_nothing_in_it_is_private(reader, story):
    chief = make.user("chief", first_name="Quentin", last_name="Quoll")
    make.edition(story, headline="Italy ratifies", by=chief)
    said = {"by": chief, "base": 4, "note": "It ended.", "private_note": "A quiet word.", "reason": "A test."}
    publishing.settle(story, **said)

    text = reader.get(f"{ADDRESS}history.json").text

    assert "It ended." in text
    assert "Quoll" not in text
    assert "quiet" not in text


def test_a_long_history_comes_in_pages(reader, story, monkeypatch):
    monkeypatch.setattr("articles.public_record.EDITIONS_ON_PAGE", 2)

    first = history(reader)
    second = history(reader, "?after=2")

    assert first["next"].endswith(f"{ADDRESS}history.json?after=2")
    assert [row["record"]["number"] for row in first["editions"] + second["editions"]] == [1, 2, 3]
    assert second["editions"][0]["record"]["previous"] == first["editions"][-1]["chain"]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["?after=4", "?after=-1", "?after=x"])
def test_there_are_no_odd_pages(reader, story, query):
    assert reader.get(f"{ADDRESS}history.json{query}").status_code == 404


def test_a_withheld_edition_keeps_its_place_and_tells_why(reader, story):
    before = history(reader)["editions"]
    withholding.withhold(story, numbers=[2], category="law", by=make.user("chief"))

    after = history(reader)["editions"]

    assert after[1]["withheld"]["reason"] == "Legal reasons"
    assert after[1]["bytes"] is None
    assert after[1]["record"] == {**before[1]["record"], "note": ""}
    assert (after[0], after[2]) == (before[0], before[2])


@pytest.mark.parametrize("road", ["history.json", "revisions/1/edition.json"])
def test_of_a_story_that_was_withdrawn_there_is_none(reader, story, road):
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=3)

    assert reader.get(ADDRESS + road).status_code == 410


def test_one_page_of_the_history_costs_four_queries(reader, story, django_assert_num_queries):
    with django_assert_num_queries(4):
        history(reader)


# The page about how pages are kept.


def recipe(reader) -> str:
    page = reader.get("/about/standards/").text
    return unescape(page.partition('aria-label="verify.py"><code>')[2].partition("</code>")[0])


def verify(reader, live_server, tmp_path, settings) -> subprocess.CompletedProcess:
    settings.SITE_URL = live_server.url
    script = tmp_path / "verify.py"
    script.write_text(recipe(reader))
    command = [sys.executable, "-I", script, live_server.url + ADDRESS]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def told(story, reader, live_server, tmp_path, settings):
    return lambda: verify(reader, live_server, tmp_path, settings)


@pytest.mark.django_db(transaction=True)
def test_the_recipe_finds_that_every_edition_is_what_was_published(story, told, monkeypatch):
    monkeypatch.setattr("articles.public_record.EDITIONS_ON_PAGE", 2)
    withholding.withhold(story, numbers=[2], category="law", by=make.user("chief"))

    found = told()

    newest = story.revisions.get(number=3).chain_hash
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [
        "Edition 2: withheld words cannot be checked.",
        "Every edition that can be read is what was published.",
        f"The newest chain: {newest}",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles_revision SET snapshot = replace(snapshot, 'Norway', 'Sweden') WHERE number = 2",
        "UPDATE articles_revision SET note = 'Nothing moved.' WHERE number = 2",
        "UPDATE articles_revision SET published_at = published_at - interval '1 second' WHERE number = 2",
        "UPDATE articles_revision SET kind = 'typo' WHERE number = 2",
        "UPDATE articles_revision SET content_hash = md5('x') || md5('y') WHERE number = 2",
    ],
)
def test_the_recipe_finds_what_was_tampered_with(told, statement):
    with transaction.atomic():
        tamper(statement)

    found = told()

    assert (found.returncode, found.stderr) == (1, "Edition 2 is not what was published.\n")


@pytest.mark.django_db
def test_the_page_tells_every_kind_of_change_and_every_word_of_verification(reader):
    page = reader.get("/about/standards/").text

    for kind in Kind:
        assert f"<dt>{kind.label}</dt>" in page
    for word in ("Confirmed", "Reported", "Disputed", "Unconfirmed", "Withdrawn"):
        assert f"<dt>{word}</dt>" in page


@pytest.mark.django_db
def test_every_page_leads_to_it(reader):
    for road in ("/", "/nothing/here/"):
        assert 'href="/about/standards/"' in reader.get(road).text
