"""Publishing from the desk: what was looked at goes out, and a refusal keeps what was typed."""

import pytest

from articles import publishing, working_copy
from articles.kinds import Kind
from articles.models import Article, Desk, Revision, Source
from tests import make
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make.editor()


@pytest.fixture
def desk(client_for, editor):
    return client_for(editor)


def test_an_editor_publishes_what_the_page_showed(desk, editor):
    story = make.story("Italy weighs a drone deal")
    form = Form(desk, road(story, "publish"))

    form.send(private_note="Ask Rome about dates.")

    edition = Revision.objects.get()
    assert (edition.number, edition.kind, edition.by) == (1, Kind.FIRST, editor)
    assert edition.private_note == "Ask Rome about dates."


def test_the_next_edition_says_what_moved(desk):
    story = make.published("Italy weighs a drone deal")
    with working_copy.saving(story, by=make.editor(), version=2):
        story.headline = "Italy signs a drone deal"
        story.save()
    form = Form(desk, road(story, "publish"))

    form.send(kind="development", note="The deal was signed in Rome.")

    assert "Italy <del>" in form.html
    edition = story.revisions.get(number=2)
    assert (edition.kind, edition.note) == (Kind.DEVELOPMENT, "The deal was signed in Rome.")


@pytest.mark.parametrize(("ticked", "is_mailed"), [({}, True), ({"no_mail": "on"}, False)])
def test_an_editor_says_that_an_edition_is_not_mailed(desk, ticked, is_mailed):
    story = make.published()
    saved(story, headline="Italy signs a drone deal")

    Form(desk, road(story, "publish")).send(kind="development", note="Rome has signed.", **ticked)

    assert story.revisions.get(number=2).is_mailed == is_mailed
    history = desk.get(road(story, "history")).text
    assert ("not mailed" not in history) == is_mailed


def test_the_rail_publishes_without_mail_too_and_a_save_keeps_the_tick(desk):
    story = make.published()
    Form(desk, road(story)).send(headline="Italy signs", note="Rome has signed.", no_mail="on", _save="1")

    form = Form(desk, road(story))
    assert form["no_mail"] == ["on"]
    form.send(kind="development", _publish="1")

    assert not story.revisions.get(number=2).is_mailed
    assert "no_mail" not in Form(desk, road(story))


def test_a_tick_that_is_taken_back_is_not_kept(desk):
    story = make.published()
    Form(desk, road(story)).send(note="Rome has signed.", no_mail="on", _save="1")
    form = Form(desk, road(story))
    del form["no_mail"]
    form.send(_save="1")

    assert "no_mail" not in Form(desk, road(story))


def saved(article, **fields):
    """The story saved once more, by somebody else."""
    desk = Desk.objects.get(article=article)
    with working_copy.saving(article, by=make.editor(), version=desk.version):
        Article.objects.filter(pk=article.pk).update(**fields)
        article.refresh_from_db()


def refused(client, article, said, name="publish"):
    """The page that comes back when `said` is sent, and that no edition came of it."""
    before = article.revisions.count()
    answer = Form(client, road(article, name)).send(**said)
    assert answer.status_code == 200
    assert article.revisions.count() == before
    return answer


def test_a_copy_saved_while_somebody_looked_does_not_go_out_unseen(desk):
    story = make.published()
    saved(story, headline="Seen")
    form = Form(desk, road(story, "publish"))
    saved(story, headline="Not seen")

    answer = form.send(kind="development", note="Rome has signed.")

    assert story.revisions.count() == 1
    page = answer.content.decode()
    assert "saved while you were looking" in page
    assert "Not seen" in page
    assert "Rome has signed." in page
    Form(desk, form.url, answer).send()
    assert story.revisions.get(number=2).headline == "Not seen"


def test_an_edition_that_came_out_meanwhile_is_looked_at_first(desk):
    story = make.published()
    saved(story, headline="Mine")
    form = Form(desk, road(story, "publish"))
    make.edition(story, headline="Theirs")

    answer = form.send(kind="development", note="Rome has signed.")

    assert story.revisions.count() == 2
    assert "Edition 2 came out while you were working" in answer.content.decode()
    assert "Rome has signed." in answer.content.decode()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "development", "note": " "}, "note"),
        ({"kind": "typo", "note": "We spelled it wrong."}, "note"),
        ({"kind": "correction", "note": "The date was wrong."}, "wrong"),
        ({"kind": "development", "note": "New.", "wrong": "April 14"}, "right"),
        ({"kind": "withdrawn", "note": "It is untrue."}, "kind"),
        ({"kind": "reconfirmed"}, "kind"),
        ({"kind": "first"}, "kind"),
        *(
            (
                {
                    "kind": "correction",
                    "note": "The date was wrong.",
                    "wrong": "April 14",
                    "right": "April 15",
                    "first_wrong": "2",
                    "last_wrong": last,
                },
                "first_wrong",
            )
            for last in ("7", "99999999999999999999")
        ),
    ],
)
def test_what_may_not_be_said_is_refused_by_its_field(desk, said, field):
    story = make.published()
    saved(story, headline="Italy signs a drone deal")

    answer = refused(desk, story, said)

    form = answer.context["form"]
    assert field in form.errors
    assert all(value in answer.content.decode() for value in said.values())


def test_a_correction_carries_its_box(desk):
    story = make.published(lead="They met on April 14.")
    saved(story, lead="They met on April 15.")

    Form(desk, road(story, "publish")).send(
        kind="correction",
        note="The date was wrong.",
        wrong="They met on April 14.",
        right="They met on April 15.",
        first_wrong="1",
        last_wrong="1",
    )

    [box] = story.revisions.get(number=2).content.corrections
    assert (box.wrong, box.right) == ("They met on April 14.", "They met on April 15.")


def test_a_warning_wants_a_reason_and_an_error_wants_mending(desk):
    story = make.story(sources=[])

    answer = refused(desk, story, {})
    assert "reason" in answer.context["form"].errors
    assert "The story names no source." in answer.content.decode()
    saved(story, lead="")
    answer = refused(desk, story, {"reason": "It is ours."})
    assert "The story has no lead." in answer.content.decode()
    saved(story, lead="A lead.")
    Form(desk, road(story, "publish")).send(reason="It is ours.")

    assert "Reason: It is ours." in story.revisions.get().private_note


def test_the_page_of_a_first_edition_asks_for_nothing_that_it_cannot_need(desk):
    story = make.story(format=make.story_format(name="Plain"))
    page = desk.get(road(story, "publish")).content.decode()

    assert '<input type="hidden" name="kind" value="first"' in page
    assert not [name for name in ("reason", "wrong", "first_wrong", "supersedes") if f'name="{name}"' in page]


def test_a_reason_is_asked_for_where_there_is_a_warning_to_override(desk):
    story = make.story(sources=[], format=make.story_format(name="Plain"))

    assert 'name="reason"' in desk.get(road(story, "publish")).content.decode()


def test_settling_asks_for_a_reason_once_there_is_a_warning(desk):
    story = make.published(lead="Rome. " * 60)
    page = desk.get(road(story, "settle")).content.decode()

    assert 'name="note"' in page and 'name="reason"' not in page


def test_nothing_to_publish_is_said_so(desk):
    story = make.published()

    answer = refused(desk, story, {"kind": "development", "note": "Nothing."})

    assert "Nothing has changed since the newest edition." in answer.content.decode()


def test_the_suggested_kind_is_chosen_beforehand(desk):
    story = make.published(lead="Rome wants to build drones wiht Kyiv.")
    saved(story, lead="Rome wants to build drones with Kyiv.")

    assert Form(desk, road(story, "publish"))["kind"] == ["typo"]


def test_a_story_is_confirmed_settled_reopened_and_withdrawn(desk):
    story = make.published()

    Form(desk, road(story, "reconfirm")).send()
    Form(desk, road(story, "settle")).send(note="The deal is done.")
    Form(desk, road(story, "reopen")).send(note="Rome hesitates.")
    Form(desk, road(story, "withdraw")).send(note="It is untrue.")

    kinds = [revision.kind for revision in story.revisions.order_by("number")]
    assert kinds == ["first", "reconfirmed", "settled", "reopened", "withdrawn"]


def test_settling_without_a_word_to_readers_is_refused(desk):
    answer = refused(desk, make.published(), {"note": ""}, "settle")

    assert "note" in answer.context["form"].errors


def test_looking_at_any_of_these_pages_changes_nothing(desk):
    story = make.published()

    for name in ("publish", "reconfirm", "settle", "reopen", "withdraw"):
        assert desk.get(road(story, name)).status_code == 200

    assert story.revisions.count() == 1


@pytest.mark.parametrize("name", ["publish", "reconfirm", "settle", "reopen", "withdraw"])
def test_a_reporter_can_publish_nothing(client_for, name):
    story = make.published()
    reporter = client_for(make.user("reporter"))

    said = {"base": "1", "version": "2", "kind": "development", "note": "Mine."}

    assert reporter.get(road(story, name)).status_code == 403
    assert reporter.post(road(story, name), said).status_code == 403
    assert story.revisions.count() == 1
    assert f"/{name}/" not in Form(reporter, road(story)).html


def test_a_finding_leads_to_where_it_is_mended(desk):
    story = make.story("Rome " * 40, lead="", sources=[], key_points=["Italy is interested."] * 9)

    findings = Form(desk, road(story, "publish")).response.context["findings"]

    page = Form(desk, road(story)).html
    places = [found["href"].removeprefix(f"{road(story)}#") for found in findings]
    assert set(places) == {"id_lead", "id_headline", "key_points-group", "citations-group"}
    assert [place for place in places if f'id="{place}"' not in page] == []


def test_a_typo_that_changes_a_fact_leads_to_the_choice_of_the_kind(desk):
    story = make.published(lead="They met on April 14.")
    saved(story, lead="They met on April 15.")

    answer = refused(desk, story, {"kind": "typo"})

    [found] = answer.context["findings"]
    assert (found["finding"].part, found["href"]) == ("kind", "#id_kind")
    assert 'id="id_kind"' in answer.content.decode()


@pytest.mark.parametrize("what", ["source", "topic", "author", "format"])
def test_words_from_elsewhere_that_changed_while_somebody_looked_do_not_go_out_unseen(desk, what):
    author = make.author()
    story = make.story()
    story.byline.add(author)
    form = Form(desk, road(story, "publish"))
    row, field = {
        "source": (story.citations.get().source, "publisher"),
        "topic": (story.topic, "name"),
        "author": (author, "name"),
        "format": (story.format, "note"),
    }[what]
    setattr(row, field, "Not seen")
    row.save()

    answer = form.send()

    assert story.revisions.count() == 0
    assert "saved while you were looking" in answer.content.decode()
    Form(desk, form.url, answer).send()
    assert story.revisions.count() == 1


def test_a_source_saved_in_the_moment_of_publishing_does_not_go_out_unseen(desk, monkeypatch):
    story = make.story()
    form = Form(desk, road(story, "publish"))
    publish = publishing.publish

    def publish_late(article, **said):
        Source.objects.update(publisher="Not seen")
        return publish(article, **said)

    monkeypatch.setattr(publishing, "publish", publish_late)
    answer = form.send()

    assert story.revisions.count() == 0
    assert "saved while you were looking" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *(("publish", field) for field in ("note", "wrong", "right", "reason", "private_note")),
        ("settle", "note"),
        ("settle", "reason"),
        ("reconfirm", "private_note"),
    ],
)
def test_what_is_said_has_a_limit_and_keeps_what_was_typed(desk, name, field):
    story = make.published()
    saved(story, headline="Italy signs a drone deal")
    said = {"kind": "development", "note": "Rome has signed.", field: "Rome " * 1_000 + "end"}

    answer = refused(desk, story, said, name)

    assert "at most" in answer.context["form"].errors[field][0]
    assert said[field] in answer.content.decode()
    assert "maxlength" not in answer.content.decode()


@pytest.mark.parametrize("name", ["publish", "settle", "change"])
def test_nobody_chooses_number_time_or_author_of_an_edition_by_a_form_of_their_own(desk, editor, name):
    story, other = make.published(), make.user("chief")
    [first] = Revision.objects.values()
    saved(story, headline="Italy signs a drone deal")
    forged = {
        **dict.fromkeys(("published_at", "updated_at", "first_published_at"), "2001-01-01T00:00:00Z"),
        "by": other.pk,
        "by_name": "Somebody else",
        "number": "77",
        "pace": "withdrawn",
        "desk-0-base_edition": "",
        "chain_hash": "0" * 64,
    }
    said = {"kind": "development"} if name != "settle" else {"kind": "withdrawn"}

    Form(desk, road(story, name)).send(note="Rome has signed.", **said, **forged)

    assert Revision.objects.filter(pk=first["id"]).values().get() == first
    newest = Desk.objects.get(article=story).base_edition
    assert newest.kind == {"publish": "development", "settle": "settled", "change": "first"}[name]
    assert newest.number == story.revisions.count() == (1 if name == "change" else 2)
    assert newest.published_at.year > 2001 and newest.first_published_at == first["first_published_at"]
    assert newest.by != other and newest.by_name != "Somebody else"


def test_an_edition_is_changed_by_no_form(desk):
    edition = make.published().revisions.get()
    [before] = Revision.objects.values()
    address = f"/desk/articles/revision/{edition.pk}/change/"

    answer = desk.post(address, {"kind": "typo", "number": "2", "note": "Mine.", "by": edition.by_id})

    assert answer.status_code == 403
    assert [*Revision.objects.values()] == [before]
