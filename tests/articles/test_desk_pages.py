"""The pages of the desk: who is let in, what is kept of them, and the preview of what readers will get."""

import pytest
from reversion.models import Version

from tests import make, roads
from tests.articles.forms import Form, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client_for):
    return client_for(make.editor())


def test_no_page_of_the_desk_is_kept_by_a_cache(client_for):
    story = make.published()
    make.edition(story, headline="Again")
    superuser = client_for(make.user("chief", is_superuser=True))
    pages = [
        address
        for road in roads.every_road()
        if road.is_at_the_desk and "logout" not in road.template
        for address in roads.addresses(road, story)
    ]

    kept = {}
    for page in pages:
        answer = superuser.get(page)
        if answer.status_code in (200, 302):
            kept[page] = answer.headers.get("Cache-Control", "")

    assert len(kept) > 40
    assert [page for page, said in kept.items() if "no-store" not in said or "private" not in said] == []


def test_who_is_not_logged_in_is_asked_to_and_told_nothing(reader):
    story = make.story("Known to the desk alone")

    for name in ("change", "history", "preview", "publish"):
        answer = reader.get(road(story, name))

        assert answer.status_code == 302
        assert answer.url.startswith("/desk/login/")


def test_the_preview_is_the_readers_page_with_the_words_of_the_working_copy(desk, reader):
    story = make.published("Italy weighs a drone deal")
    Form(desk, road(story)).send(headline="Italy signs a drone deal")

    preview = desk.get(road(story, "preview"))

    page = preview.content.decode()
    assert "Italy signs a drone deal" in page
    assert 'class="story"' in page and "Preview of edition 2" in page
    assert preview.headers["X-Robots-Tag"] == "noindex" and '<meta name="robots" content="noindex">' in page
    assert {"no-store", "private"} <= set(preview.headers["Cache-Control"].split(", "))
    assert "Italy signs" not in reader.get(story.get_absolute_url()).content.decode()


def test_a_draft_nobody_published_can_be_previewed(desk):
    story = make.story("A draft", photo=make.photo())

    page = desk.get(road(story, "preview")).content.decode()

    assert "A draft" in page and "Preview of edition 1" in page


@pytest.mark.parametrize("name", ["topic", "storyformat", "author", "source", "confidentialsource"])
def test_what_stories_share_is_changed_by_a_chief(client_for, name):
    made = {
        "topic": make.topic,
        "storyformat": make.story_format,
        "author": make.author,
        "source": make.source,
        "confidentialsource": lambda: make.source("A friend", is_confidential=True),
    }[name]()
    chief = client_for(make.user("chief"))
    field = "publisher" if name == "source" else "name"

    listed = chief.get(f"/desk/articles/{name}/")
    Form(chief, f"/desk/articles/{name}/{made.pk}/change/").send(**{field: "Another name"})

    made.refresh_from_db()
    assert listed.status_code == 200
    assert getattr(made, field) == "Another name"


def test_a_topic_is_given_its_reporters(client_for):
    topic, reporter = make.topic("Ukraine"), make.user("reporter")

    Form(client_for(make.editor()), f"/desk/articles/topic/{topic.pk}/change/").send(members=[reporter.pk])

    assert list(topic.members.all()) == [reporter]


def test_a_source_has_a_history_of_its_own(client_for):
    source, editor = make.source("Agency"), make.editor()

    Form(client_for(editor), f"/desk/articles/source/{source.pk}/change/").send(publisher="The Agency")

    [kept] = Version.objects.get_for_object(source)
    assert (kept.field_dict["publisher"], kept.revision.user) == ("The Agency", editor)


def test_a_form_without_its_token_says_how_to_keep_what_was_typed(reader):
    reader.force_login(make.editor())
    story = make.story("As it was")

    answer = reader.post(road(story), {"headline": "After"})

    assert answer.status_code == 403
    assert "your browser still has what you typed" in " ".join(answer.text.split())
    assert "<style" not in answer.text and "style=" not in answer.text


def test_a_source_whose_history_cannot_be_kept_is_not_saved(client_for, monkeypatch):
    source = make.source("Agency")
    form = Form(client_for(make.editor()), f"/desk/articles/source/{source.pk}/change/")

    def fail(*args, **kwargs):
        raise OSError("The disk is full.")

    monkeypatch.setattr("reversion.revisions._save_revision", fail)
    with pytest.raises(OSError, match="disk is full"):
        form.send(publisher="Not kept")

    source.refresh_from_db()
    assert source.publisher == "Agency"


def test_a_reporter_works_on_a_story_whose_confidential_source_cannot_be_opened(client_for, settings):
    story = make.story(sources=[make.source("A friend in Rome", is_confidential=True)])
    settings.CONFIDENTIAL_KEYS = ["another-key-than-it-was-sealed-with"]

    page = client_for(make.user("reporter")).get(road(story))

    assert page.status_code == 200


def test_the_page_of_a_story_names_no_confidential_source_of_another(client_for):
    make.source("A friend in Kyiv", is_confidential=True)
    story = make.story(sources=[make.source("A friend in Rome", is_confidential=True)])

    page = Form(client_for(make.editor()), road(story)).html

    assert "A friend in Rome" in page
    assert "A friend in Kyiv" not in page
