"""What was deleted at the desk is taken back by those who may delete; no history tells of another model."""

import itertools

import pytest
import reversion
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from reversion.models import Version

from articles import working_copy
from articles.models import Article, KeyPoint, Photo, Source
from tests import make, roads
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db

STORIES, SOURCES = "/desk/articles/article/recover/", "/desk/articles/source/recover/"


@pytest.fixture
def chief():
    return make.user("chief")


@pytest.fixture
def desk(client_for, chief):
    return client_for(chief)


def source_made_at(desk, publisher="Example Agency", url="https://agency.example/1") -> Source:
    Form(desk, "/desk/articles/source/add/").send(publisher=publisher, url=url, kind="wire")
    return Source.objects.get(url=url)


def delete(desk, thing):
    desk.post(f"/desk/articles/{thing._meta.model_name}/{thing.pk}/delete/", {"post": "yes"})
    assert not type(thing).objects.filter(pk=thing.pk).exists()


def newest_of(thing) -> str:
    version = Version.objects.get_for_object_reference(type(thing), thing.pk)[0]
    return f"/desk/articles/{thing._meta.model_name}/recover/{version.pk}/"


def everything() -> dict:
    """Every row of ours and of the history, as it stands."""
    kept = [model for model in apps.get_models() if model._meta.app_label in ("articles", "reversion", "auth")]
    return {model: sorted(map(str, model._base_manager.values_list())) for model in kept}


def test_a_deleted_draft_comes_back_whole(desk, chief):
    story = make.story(
        photo=make.photo(),
        sources=[make.source("Agency"), make.source("A friend", is_confidential=True)],
        by=chief,
    )
    story.byline.add(make.author())
    Form(desk, road(story)).send(**{"key_points-0-citations": str(story.citations.first().pk), "lead": "New."})
    before, citations = working_copy.read(story), set(story.citations.values_list("pk", flat=True))
    delete(desk, story)
    address = newest_of(story)
    assert story.headline in desk.get(STORIES).content.decode()
    shown = desk.get(address).content.decode()
    assert "New." in shown and "Norway signed first." in shown and "What happened" in shown

    answer = desk.post(address, follow=True)

    back = Article.objects.get(pk=story.pk)
    assert f"“{story.headline}” is back." in answer.content.decode()
    assert working_copy.read(back) == before
    assert set(back.citations.values_list("pk", flat=True)) == citations
    assert back.saved_states.first().revision.comment == "Recovered"
    assert back.saved_states.count() == 3 and back.desk.version == 3
    assert story.headline not in desk.get(STORIES).content.decode()


def test_a_story_that_came_back_is_written_on_and_its_older_saves_are_restored(desk, chief):
    story = make.story("Before", by=chief)
    Form(desk, road(story)).send(headline="After")
    delete(desk, story)
    desk.post(newest_of(story))

    Form(desk, road(story)).send(headline="Later")
    Form(desk, road(story, "history/saves/1")).send(whole="1")

    assert working_copy.read(story).story.headline == "Before"


def test_a_story_comes_back_without_what_is_no_longer_there(desk, chief):
    story = make.story(photo=make.photo(), sources=[make.source("Gone"), make.source("There")], by=chief)
    Form(desk, road(story)).send(lead="New.")
    gone, photo, author = story.citations.first().source, story.photo_use.photo, story.byline.get()
    delete(desk, story)
    for thing in (gone, photo, author):
        thing.delete()

    desk.post(newest_of(story))

    back = working_copy.read(Article.objects.get(pk=story.pk))
    assert [citation.source.publisher for citation in back.citations] == ["There"]
    assert back.photo is None and back.story.byline == ()


def test_a_story_whose_address_was_given_away_comes_back_at_another(desk, chief):
    story = make.story(slug="deal", by=chief)
    delete(desk, story)
    make.story(slug="deal")

    desk.post(newest_of(story))

    assert Article.objects.get(pk=story.pk).slug == f"deal-{story.pk}"


def test_a_story_whose_topic_is_gone_says_so_and_stays_where_it_is(desk, chief):
    story = make.story(by=chief)
    delete(desk, story)
    story.topic.delete()
    before = everything()

    answer = desk.post(newest_of(story))

    assert answer.status_code == 409
    assert "It was not brought back: topic" in answer.content.decode()
    assert everything() == before


def test_a_deleted_source_comes_back(desk, chief):
    source = source_made_at(desk)
    delete(desk, source)
    assert f"by {chief}" in desk.get(SOURCES).content.decode()

    desk.post(newest_of(source))

    assert Source.objects.get(pk=source.pk).url == source.url
    assert Version.objects.get_for_object(source)[0].revision.user == chief


def test_a_source_that_was_added_again_meanwhile_does_not_come_back_twice(desk):
    source = source_made_at(desk)
    delete(desk, source)
    source_made_at(desk, publisher="The same")

    answer = desk.post(newest_of(source))

    assert answer.status_code == 409
    assert "exists already" in answer.content.decode()
    assert Source.objects.count() == 1


def test_what_is_still_there_is_not_to_be_recovered(desk, chief):
    source, story = source_made_at(desk), make.story(by=chief)

    for thing in (source, story):
        assert desk.get(newest_of(thing)).status_code == 404
        assert desk.post(newest_of(thing)).status_code == 404


def test_only_who_may_delete_a_story_of_every_topic_may_take_one_back(desk, chief, client_for):
    story = make.story("A secret headline", by=chief)
    delete(desk, story)
    reporter = make.user("reporter")
    reporter.user_permissions.add(*permissions(Article).exclude(codename="work_on_every_topic"))

    for address in (STORIES, newest_of(story)):
        answer = client_for(reporter).get(address)
        assert answer.status_code == 403 and "secret" not in answer.content.decode()
        assert client_for(reporter).post(address).status_code == 403
    assert "Deleted stories" in desk.get("/desk/articles/article/").content.decode()
    assert "Deleted stories" not in client_for(reporter).get("/desk/articles/article/").content.decode()


def test_many_deleted_ones_are_shown_a_page_at_a_time(desk, django_assert_num_queries):
    make.deleted(source_made_at(desk), 1)
    desk.get(SOURCES)
    with django_assert_num_queries(7):
        desk.get(SOURCES)
    make.deleted(source_made_at(desk, url="https://agency.example/2"), 500)

    with django_assert_num_queries(7) as asked:
        answer = desk.get(SOURCES)

    assert "Page 1 of 10" in answer.content.decode()
    assert len(answer.content) < 200_000
    assert not any("serialized_data" in query["sql"] for query in asked)
    assert desk.get(SOURCES + "?page=10").status_code == 200
    assert desk.get(SOURCES + "?page=11").status_code == 404


# The guard, over whatever is registered: each model's history is asked for all there is of the others.
WORDS = {Article: "quokka", Source: "wallaby", Photo: "numbat"}


def permissions(model):
    return Permission.objects.filter(content_type=ContentType.objects.get_for_model(model))


@pytest.fixture
def things(desk, chief):
    """Of every kept model one that is there and one that is deleted, each with versions and a word of its own."""
    for number in (1, 2):
        source = source_made_at(desk, f"The {WORDS[Source]} agency", f"https://agency.example/{number}")
        story = make.story(f"The {WORDS[Article]} headline", by=chief)
        photo = make.photo(title=f"A {WORDS[Photo]}", is_ready=False)
        Form(desk, f"/desk/articles/photo/{photo.pk}/change/").send(credit=f"The {WORDS[Photo]} agency")
    for thing in (source, story, photo):
        type(thing).objects.filter(pk=thing.pk).delete()


def test_the_guard_knows_every_model_that_is_kept():
    assert {model for model in admin.site._registry if reversion.is_registered(model)} == set(WORDS)


@pytest.mark.parametrize("own", [*WORDS, KeyPoint], ids=lambda model: model.__name__)
def test_no_history_of_a_model_shows_or_restores_what_is_of_another(client_for, things, own, record_property):
    person = make.user()
    person.user_permissions.add(*permissions(own))
    client = client_for(person)
    before = everything()

    pages = {address: client.get(address) for address in addresses_of_histories()}
    answers = {
        address: client.post(address, {"whole": "1", "version": "1"})
        for address in pages
        if not is_of(own, address)
    }

    record_property(
        f"addresses asked for histories by one who may see {own._meta.verbose_name_plural} alone", len(pages)
    )
    foreign = {word for model, word in WORDS.items() if model is not own}
    assert [address for address, page in pages.items() for word in foreign if word in page.content.decode()] == []
    assert [address for address in answers if pages[address].status_code == 200] == []
    assert {answer.status_code for answer in answers.values()} <= {302, 403, 404, 405}
    assert any(page.status_code == 200 for page in pages.values()) == (own in WORDS)
    assert everything() == before


def addresses_of_histories() -> list[str]:
    """Every road to a history of the desk, its blanks filled with the ids of all that was ever kept."""
    ids = sorted(set(Version.objects.values_list("object_id", flat=True)))
    numbers = sorted({1, 2, *Version.objects.values_list("pk", flat=True)})
    keys = [key for key in ids if key.isdecimal()]
    values = {"object_id": ids, "pk": keys, "version": numbers, "number": [1, 2]}
    return [
        road.filled(**dict(zip(road.blanks, chosen, strict=True)))
        for road in roads.every_road()
        if road.is_at_the_desk and any(word in road.template for word in ("history", "recover"))
        for chosen in itertools.product(*(values[blank] for blank in road.blanks))
    ]


def is_of(model, address: str) -> bool:
    return address.startswith(f"/desk/articles/{model._meta.model_name}/")
