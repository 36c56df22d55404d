"""A reporter works on the stories of their own topics; those of another desk are not there, nor to be reached."""

import pytest

from articles import working_copy
from articles.models import Article, Citation, Desk, KeyPoint, Revision, Section
from tests import make
from tests.articles.forms import Form, errors, road

pytestmark = pytest.mark.django_db

PAGES = [
    "change",
    "delete",
    "history",
    "history/saves/1",
    "history/editions/1",
    "preview",
    "publish",
    "reconfirm",
    "settle",
    "reopen",
    "withdraw",
]


@pytest.fixture
def reporter():
    return make.user("reporter")


def of_members(name, *members):
    topic = make.topic(name)
    topic.members.set(members)
    return topic


@pytest.fixture
def own(reporter):
    return make.published("One of ours", topic=of_members("Ours", reporter))


@pytest.fixture
def foreign():
    return make.published("Theirs alone", topic=of_members("Theirs", make.user("reporter")))


@pytest.fixture
def desk(client_for, reporter):
    return client_for(reporter)


def everything():
    """Every row a story is made of, as it stands."""
    models = [Article, Desk, KeyPoint, Section, Citation, Revision]
    return {model: sorted(map(str, model.objects.values_list())) for model in models}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_about_another_desks_story_is_there(desk, foreign, name):
    before = everything()

    assert desk.get(road(foreign, name)).status_code in (403, 404)
    assert desk.post(road(foreign, name), {"post": "yes", "whole": "1", "version": "2"}).status_code in (403, 404)
    assert everything() == before


def test_lists_and_choosers_do_not_tell_of_another_desks_story(desk, own, foreign):
    addresses = [
        "/desk/",
        "/desk/articles/article/",
        "/desk/articles/article/?q=Theirs",
        "/desk/articles/revision/",
        "/desk/articles/correction/",
        "/desk/autocomplete/?app_label=articles&model_name=citation&field_name=article&term=Theirs",
        "/desk/autocomplete/?app_label=articles&model_name=desk&field_name=base_edition&term=Theirs",
    ]

    pages = {address: desk.get(address) for address in addresses}

    assert all(page.status_code == 200 for page in pages.values())
    assert [address for address, page in pages.items() if "Theirs alone" in page.content.decode()] == []
    assert "One of ours" in pages["/desk/articles/article/"].content.decode()


def test_an_edition_of_another_desk_cannot_be_read(desk, own, foreign):
    assert desk.get(f"/desk/articles/revision/{own.revisions.get().pk}/change/").status_code == 200
    assert desk.get(f"/desk/articles/revision/{foreign.revisions.get().pk}/change/").status_code == 404


@pytest.mark.parametrize("model", [KeyPoint, Section, Citation])
@pytest.mark.parametrize("change", [{}, {"DELETE": "on"}])
def test_a_part_of_another_story_is_never_taken_for_one_of_this(desk, own, foreign, model, change):
    prefix = str(model._meta.get_field("article").remote_field.get_accessor_name())
    theirs = model.objects.filter(article=foreign).first()
    form = Form(desk, road(own))
    before = everything()

    answer = form.send(**{f"{prefix}-0-id": theirs.pk, **{f"{prefix}-0-{name}": on for name, on in change.items()}})

    assert answer.status_code == 404
    assert everything() == before


def test_a_part_cannot_be_given_to_another_story(desk, own, foreign):
    form = Form(desk, road(own))
    before = everything()

    answer = form.send(**{"key_points-0-article": foreign.pk, "key_points-0-text": "Mine now."})

    assert answer.status_code == 200
    assert everything() == before


def test_a_new_row_with_the_id_of_a_foreign_part_touches_only_ones_own_story(desk, own, foreign):
    before = working_copy.read(foreign)
    theirs = foreign.key_points.first()

    Form(desk, road(own)).send(**{"key_points-2-id": theirs.pk, "key_points-2-text": "Ours."})

    assert working_copy.read(foreign) == before
    assert [point.text for point in own.key_points.all()][-1] == "Ours."


def test_bulk_actions_and_copies_reach_no_other_desk(desk, own, foreign):
    chosen = {"action": "delete_selected", "_selected_action": [foreign.pk], "post": "yes"}
    copied = {**Form(desk, road(own)), "_saveasnew": "Save as new"}
    before = everything()

    desk.post("/desk/articles/article/", chosen)
    desk.post(road(foreign), copied)

    assert everything() == before


def test_a_story_cannot_be_moved_to_another_desk(desk, own, foreign):
    answer = Form(desk, road(own)).send(topic=foreign.topic.pk)

    assert "topic" in errors(answer)
    assert Article.objects.get(pk=own.pk).topic == own.topic


def test_nor_begun_there(desk, foreign):
    form = Form(desk, "/desk/articles/article/add/")

    answer = form.send(topic=foreign.topic.pk, headline="Mine", slug="mine", format=make.story_format().pk)

    assert "topic" in errors(answer)
    assert not Article.objects.filter(slug="mine").exists()


@pytest.mark.parametrize("field", ["desk-0-pin", "desk-0-pinned_until", "desk-0-base_edition", "desk-0-version"])
def test_what_a_reporter_may_not_set_is_not_taken(desk, own, field):
    before = Desk.objects.filter(article=own).values().get()

    Form(desk, road(own)).send(**{field: "1"})

    after = Desk.objects.filter(article=own).values().get()
    assert after == {**before, "version": before["version"] + 1}


def test_a_reporter_cannot_call_a_story_ready(desk, own):
    answer = Form(desk, road(own)).send(**{"desk-0-status": "ready"})

    assert "desk-0-status" in errors(answer)
    assert Desk.objects.get(article=own).status == "draft"


def test_a_reporter_hands_a_story_in_and_an_editor_calls_it_ready(desk, own, client_for):
    Form(desk, road(own)).send(**{"desk-0-status": "in_review"})
    assert Desk.objects.get(article=own).status == "in_review"

    Form(client_for(make.editor()), road(own)).send(**{"desk-0-status": "ready"})

    assert Desk.objects.get(article=own).status == "ready"


def test_a_confidential_source_is_nowhere_a_reporter_can_look(desk, own, client_for):
    friend = make.source("A friend in Rome", is_confidential=True)
    Form(client_for(make.editor()), road(own)).send(**{"citations-1-confidential_source": friend.pk})
    addresses = ["/desk/", "/desk/articles/", road(own), road(own, "history"), road(own, "history/saves/3")]
    addresses += [
        road(own, "preview"),
        "/desk/articles/confidentialsource/",
        "/desk/articles/confidentialsource/add/",
    ]
    addresses += [
        f"/desk/articles/confidentialsource/{friend.pk}/{name}/" for name in ("change", "history", "delete")
    ]
    chooser = "/desk/autocomplete/?app_label=articles&model_name=citation&field_name=confidential_source&term="

    pages = [desk.get(address).content.decode() for address in [*addresses, chooser]]

    assert own.citations.count() == 2
    assert "A source known to the editors" in pages[2]
    assert not any("friend in Rome" in page for page in pages)


def test_a_reporter_cannot_cite_nor_drop_a_confidential_source(desk, own, client_for):
    friend = make.source("A friend in Rome", is_confidential=True)
    Form(desk, road(own)).send(**{"citations-1-confidential_source": friend.pk})
    assert own.citations.count() == 1
    Form(client_for(make.editor()), road(own)).send(**{"citations-1-confidential_source": friend.pk})
    assert own.citations.count() == 2

    answer = Form(desk, road(own)).send(**{"citations-1-DELETE": "on"})

    assert answer.status_code == 200
    assert own.citations.count() == 2


@pytest.mark.parametrize("model", ["revision", "correction"])
def test_the_public_record_is_only_read(client_for, own, model):
    client = client_for(make.user(is_superuser=True))
    edition = own.revisions.get()
    before = everything()

    assert client.get(f"/desk/articles/{model}/add/").status_code == 403
    assert client.post(f"/desk/articles/{model}/{edition.pk}/delete/", {"post": "yes"}).status_code in (403, 404)
    assert client.post(f"/desk/articles/{model}/{edition.pk}/change/", {"note": "x"}).status_code in (403, 404)
    client.post(
        f"/desk/articles/{model}/", {"action": "delete_selected", "_selected_action": [edition.pk], "post": "yes"}
    )
    assert everything() == before
