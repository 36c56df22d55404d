"""An edition that is withheld: its words are gone for ever and everywhere, and its place in the record stays."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from reversion.models import Version

from articles import publishing, withholding, working_copy
from articles.kinds import Kind
from articles.models import Article, SavedState, Withholding
from articles.standing import Standing
from tests import make
from tests.articles.forms import Form

pytestmark = pytest.mark.django_db

ADDRESS = "/ukraine/drone-deal/"
SECRET = "Anna Kovalenko"


@pytest.fixture
def chief():
    return make.user("chief")


@pytest.fixture
def story(chief):
    """Edition 2 names somebody whom edition 3 names no more; edition 4 says something else."""
    story = make.published("Italy weighs a deal", topic=make.topic("Ukraine"), slug="drone-deal", by=chief)
    named = {"headline": f"{SECRET} brokers a deal", "lead": f"{SECRET} met both sides."}
    make.edition(story, note=f"{SECRET} is named.", by=chief, **named)
    make.edition(story, note="Rome signed.", headline="A deal is signed", lead="Both sides signed.", by=chief)
    make.edition(story, note="Oslo signed.", lead="Oslo signed too.", by=chief)
    return story


def withhold(story, chief, *numbers, category="safety"):
    return withholding.withhold(story, numbers=list(numbers) or None, category=category, by=chief)


def every_road(story) -> list[str]:
    numbers = range(1, story.revisions.count() + 1)
    return [
        *("", "changes/", "changes/?only=substance", "leads/", "changes/feed/", "history.json"),
        *(f"changes/?before={number}" for number in numbers[1:]),
        *(f"revisions/{number}/" for number in numbers),
        *(f"revisions/{number}/edition.json" for number in numbers),
        *(f"since/{number}/{numbers[-1]}/" for number in numbers[:-1]),
        f"changes/quote/?q={SECRET}+met+both+sides.",
    ]


def holds(capsys) -> bool:
    call_command("verify_history")
    return "holds" in capsys.readouterr().out


def test_its_words_are_gone_and_its_place_in_the_record_stays(story, chief):
    before = story.revisions.get(number=2)

    [withholding] = withhold(story, chief, 2)

    edition = story.revisions.get(number=2)
    assert (edition.snapshot, edition.headline, edition.lead, edition.note, edition.changes) == (
        None,
        "",
        "",
        "",
        [],
    )
    assert (edition.content_hash, edition.chain_hash) == (before.content_hash, before.chain_hash)
    assert (edition.kind, edition.published_at) == (before.kind, before.published_at)
    assert (withholding.revision, withholding.category, withholding.by) == (edition, "safety", chief)


def test_what_moved_behind_it_is_forgotten_as_that_tells_what_it_said(story, chief):
    withhold(story, chief, 2)

    assert story.revisions.get(number=3).changes == []
    assert story.revisions.get(number=4).changes != []


def test_nothing_of_it_is_left_in_any_table(story, chief, client_for):
    Form(client_for(chief), f"/desk/articles/article/{story.pk}/change/").send(headline=f"{SECRET} again")
    Form(client_for(chief), f"/desk/articles/article/{story.pk}/change/").send(headline="A deal is signed")
    assert LogEntry.objects.filter(object_repr__contains=SECRET).exists()

    withhold(story, chief, 2)

    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for [table] in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS r WHERE r::text LIKE %s', [f"%{SECRET}%"])
            assert (table, *cursor.fetchone()) == (table, 0)


def test_every_save_of_the_story_goes_and_the_working_copy_stays(story, chief):
    other = make.published("Another story", by=chief)

    withhold(story, chief, 2)

    assert not SavedState.objects.filter(article=story).exists()
    assert not Version.objects.get_for_object(story).exists()
    assert SavedState.objects.filter(article=other).exists()
    assert working_copy.read(Article.objects.get(pk=story.pk)).story.lead == "Oslo signed too."


def test_the_story_goes_on_being_saved_and_published(story, chief, capsys):
    withhold(story, chief, 2)

    edition = make.edition(story, headline="A deal is ratified", by=chief)

    assert (edition.number, {change["part"] for change in edition.changes}) == (5, {"headline"})
    assert holds(capsys)


@pytest.mark.parametrize("numbers", [[1], [2], [4], [1, 2], [2, 4], []])
def test_the_history_still_holds(story, chief, capsys, numbers):
    withhold(story, chief, *numbers)

    assert holds(capsys)


def test_pages_that_were_kept_in_the_cache_do_not_tell_it_either(reader, story, chief):
    before = [reader.get(ADDRESS + road) for road in every_road(story)]
    assert sum(SECRET in response.text for response in before) > 5

    withhold(story, chief, 2)

    roads = every_road(story)
    told = [road for road in roads if "quote" not in road and SECRET in reader.get(ADDRESS + road).text]
    told += [road for road in ("/", "/ukraine/", "/feeds/", "/ukraine/feed/") if SECRET in reader.get(road).text]
    assert told == []
    assert "It never stood" in reader.get(f"{ADDRESS}changes/quote/?q={SECRET}+met+both+sides.").text


def test_a_list_no_longer_tells_its_note_and_tells_that_of_the_one_before(reader, story, chief):
    make.edition(story, note=f"{SECRET} is named again.", lead="She is.", by=chief)
    make.edition(story, kind=Kind.TYPO, headline="A deal was signed", by=chief)
    for road in ("/", "/ukraine/"):
        assert SECRET in reader.get(road).text

    withhold(story, chief, 2, 5)

    for road in ("/", "/ukraine/"):
        page = reader.get(road).text
        assert SECRET not in page
        assert "Oslo signed." in page


def test_a_reader_who_kept_a_page_is_given_the_new_one(reader, story, chief):
    for road in ("changes/", "revisions/1/", "leads/", "since/1/4/", "history.json"):
        etag = reader.get(ADDRESS + road)["ETag"]
        with transaction.atomic():
            withhold(story, chief, 2)
            assert reader.get(ADDRESS + road, headers={"If-None-Match": etag}).status_code == 200
            transaction.set_rollback(True)


def test_its_own_page_says_that_it_is_withheld_and_why(reader, story, chief):
    withhold(story, chief, 2)

    for road in ("revisions/2/", "revisions/2/edition.json"):
        response = reader.get(ADDRESS + road)
        assert response.status_code == 410
        assert "This edition is withheld" in response.text
        assert "for a person’s safety" in response.text
        assert f'<a href="{ADDRESS}">Read the newest edition, number 4</a>' in response.text


def test_the_edition_before_says_that_the_one_behind_it_is_withheld(reader, story, chief):
    withhold(story, chief, 2)

    assert "(new development, withheld since)" in " ".join(reader.get(f"{ADDRESS}revisions/1/").text.split())


def test_without_its_newest_edition_the_story_is_gone_at_all_its_addresses(reader, story, chief):
    story.slug = "anna-kovalenko-brokers-it"
    story.save()
    withhold(story, chief, 4, category="law")

    for start in ("/ukraine/anna-kovalenko-brokers-it/", ADDRESS, "/energy/drone-deal/"):
        for road in ["", "?a=b", "changes/", "revisions/1/", "revisions/4/", "changes/quote/", "history.json"]:
            response = reader.get(start + road)
            assert response.status_code == 410, start + road
            assert "This story is withheld" in response.text
            assert "for legal reasons" in response.text
            assert "kovalenko" not in response.text
            assert "deal" not in response.text
            assert "Location" not in response
    for road in ("/", "/ukraine/", "/feeds/"):
        assert "deal" not in reader.get(road).text


def test_it_comes_back_when_the_whole_of_it_is_published_anew(reader, story, chief, capsys):
    withhold(story, chief, 4)
    for verb in (publishing.settle, publishing.withdraw):
        with pytest.raises(publishing.Refused, match="Publish the whole story first"):
            verb(story, by=chief, base=4, note="It ended.")
    with pytest.raises(publishing.Refused, match="nothing to confirm"):
        publishing.reconfirm(story, by=chief, base=4)

    edition = make.edition(story, lead="Both sides signed.", by=chief)

    assert (edition.number, edition.changes) == (5, [])
    assert reader.get(ADDRESS).status_code == 200
    assert reader.get(f"{ADDRESS}revisions/4/").status_code == 410
    assert "Oslo" not in reader.get(f"{ADDRESS}changes/").text
    assert holds(capsys)


def test_all_of_it_can_be_withheld_and_it_can_begin_again(reader, story, chief, capsys):
    assert len(withhold(story, chief)) == 4
    assert reader.get(ADDRESS).status_code == 410
    with pytest.raises(publishing.Refused, match="left to withhold"):
        withhold(story, chief)

    assert make.edition(story, lead="Nobody is named.", by=chief).number == 5

    assert "Nobody is named." in reader.get(ADDRESS).text
    assert holds(capsys)


def test_what_was_corrected_before_stays_on_the_page_that_comes_back(reader, story, chief):
    box = publishing.Box("We said five.", "Six signed.", 1, 4)
    publishing.publish(story, kind=Kind.CORRECTION, by=chief, base=4, note="Six.", box=box, reason="A test.")
    make.edition(story, lead="It names somebody.", by=chief)
    withhold(story, chief, 6)

    make.edition(story, lead="It names nobody.", by=chief)

    assert "Six signed." in reader.get(ADDRESS).text


def test_a_correction_that_is_withheld_is_told_nowhere(reader, story, chief, client_for):
    box = publishing.Box(f"{SECRET} said it.", "Nobody said it.", 1, 4)
    publishing.publish(story, kind=Kind.CORRECTION, by=chief, base=4, note="Nobody.", box=box, reason="A test.")
    withhold(story, chief, 2, 5)
    make.edition(story, lead="It names nobody.", by=chief)

    assert [*story.corrections.values_list("wrong", "right")] == [("", "")]
    for road in ("", "changes/", "leads/", "/corrections/", "/ukraine/corrections/", "/corrections/feed/"):
        assert SECRET not in reader.get(road if road.startswith("/") else ADDRESS + road).text
    desk = client_for(chief)
    for road in ("correction/", f"article/{story.pk}/publish/", f"article/{story.pk}/history/"):
        assert SECRET not in desk.get(f"/desk/articles/{road}").text


def test_open_pages_are_told(story, chief, django_assert_num_queries):
    bells = []

    def listen(execute, sql, params, many, context):
        if "pg_notify" in sql:
            bells.append(json.loads(params[0]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        withhold(story, chief, 2)

    assert bells == [{"article": story.pk, "number": 4}]


@pytest.mark.parametrize("role", ["reporter", "editor"])
def test_it_is_for_a_chief_alone(story, role, client_for):
    person = make.user(role)

    with pytest.raises(PermissionDenied):
        withhold(story, person, 2)

    assert client_for(person).get(f"/desk/articles/article/{story.pk}/withhold/").status_code == 403
    assert "Withhold" not in client_for(person).get(f"/desk/articles/article/{story.pk}/history/").text


def test_what_is_not_there_or_gone_already_is_refused(story, chief):
    withhold(story, chief, 2)

    for numbers in ([9], [2], [1, 2]):
        with pytest.raises(publishing.Refused, match="There is no edition"):
            withhold(story, chief, *numbers)
    assert Withholding.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles_revision SET snapshot = NULL, headline = '', lead = '', note = '' WHERE number = 1",
        "UPDATE articles_withholding SET category = 'law'",
        "DELETE FROM articles_withholding",
    ],
)
def test_the_database_empties_no_edition_without_its_row_and_keeps_the_row(story, chief, statement):
    withhold(story, chief, 2)

    with pytest.raises(DatabaseError, match="never changed or deleted"), connection.cursor() as cursor:
        cursor.execute(statement)


# At the desk.


def page(story, road: str) -> str:
    return f"/desk/articles/article/{story.pk}/{road}/"


def test_a_chief_withholds_from_the_history_and_is_asked_twice(story, chief, client_for):
    desk = client_for(chief)
    road = f"{page(story, 'withhold')}?first=2&last=2"
    assert road.replace("&", "&amp;") in desk.get(page(story, "history")).text
    form = {"first": "2", "last": "2", "category": "privacy", "seen": "2 to 2"}

    asked = desk.post(road, form)
    assert "Tick this if you know that nobody can bring the words back." in asked.text
    assert not Withholding.objects.exists()

    done = desk.post(road, {**form, "knows_it_is_for_ever": "on", "knows_that_saves_go": "on"}, follow=True)
    assert [w.revision.number for w in Withholding.objects.all()] == [2]
    assert "The working copy stands as it was." in done.text
    assert "A person’s privacy" in done.text
    assert SECRET not in done.text


def test_other_editions_than_those_that_were_shown_are_shown_first(story, chief, client_for):
    sure = {"category": "law", "knows_it_is_for_ever": "on", "knows_that_saves_go": "on"}

    asked = client_for(chief).post(
        page(story, "withhold") + "?first=2&last=2", {"first": "3", "last": "4", "seen": "2 to 2", **sure}
    )

    assert "These are other editions." in asked.text
    assert "<b>Edition 4</b>" in asked.text
    assert "<b>Edition 2</b>" not in asked.text
    assert 'name="seen" value="3 to 4"' in asked.text
    assert not Withholding.objects.exists()


def test_looking_at_the_page_withholds_nothing(story, chief, client_for):
    for query in ("", "?first=2&last=3", "?first=x&last=-1", "?first=9&last=9"):
        assert client_for(chief).get(page(story, "withhold") + query).status_code == 200

    assert not Withholding.objects.exists()


def test_what_is_withheld_can_neither_be_compared_nor_restored(story, chief, client_for):
    desk = client_for(chief)
    withhold(story, chief, 2)

    assert 'value="edition-2"' not in desk.get(page(story, "history")).text
    assert desk.get(page(story, "history/editions/2")).status_code == 404
    assert desk.get(f"{page(story, 'history/compare')}?from=edition-2&to=edition-3").status_code == 404
    assert desk.get(f"{page(story, 'history/compare')}?from=edition-1&to=edition-3").status_code == 200


@pytest.mark.parametrize("numbers", [[4], []])
def test_every_page_of_the_desk_copes_with_a_story_that_is_withheld(story, chief, client_for, numbers):
    withhold(story, chief, *numbers)
    desk = client_for(chief)

    for road in ("change", "history", "preview", "publish", "tighten", "withhold", "settle", "withdraw", "reopen"):
        assert desk.get(page(story, road)).status_code == 200, road
    assert "Withheld" in desk.get("/desk/articles/article/").text
    assert desk.get("/desk/").status_code == 200
    assert desk.get("/desk/articles/revision/").status_code == 200
    assert Article.objects.get(pk=story.pk).standing == Standing.WITHHELD


def test_it_is_published_again_from_its_page(story, chief, client_for, reader):
    withhold(story, chief)

    form = Form(client_for(chief), page(story, "publish"))
    form.send(kind="development", note="It is back.", reason="A test.")

    assert "Oslo signed too." in reader.get(ADDRESS).text
