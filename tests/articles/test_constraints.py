"""What must never be, is refused by the database, whoever writes to it."""

import threading
import time

import pytest
from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from articles.models import (
    Article,
    Citation,
    ConfidentialSource,
    FormerAddress,
    KeyPoint,
    Section,
    Source,
    StoryFormat,
    Topic,
)
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return make.story(slug="drone-deal")


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


REFUSED_UPDATES = {
    "story_has_a_headline": (Article, {"headline": " \t"}),
    "story_slug_is_made_of_letters_digits_hyphens": (Article, {"slug": "../desk"}),
    "story_slug_is_not_a_word_of_the_site": (Article, {"slug": "changes"}),
    "story_language_is_a_bcp_47_tag": (Article, {"language": "English!"}),
    "topic_slug_is_not_a_word_of_the_site": (Topic, {"slug": "desk"}),
    "format_context_is_a_percentage": (StoryFormat, {"context_percent": 101}),
    "key_point_says_something": (KeyPoint, {"text": "   "}),
    "withdrawn_key_point_says_why": (KeyPoint, {"verification": "withdrawn"}),
    "citation_names_one_source": (Citation, {"source": None}),
    "source_address_is_a_web_address": (Source, {"url": "javascript:alert(1)"}),
    "source_archive_is_a_web_address": (Source, {"archived_url": "ftp://archive.example/"}),
}


@pytest.mark.parametrize(("constraint", "change"), REFUSED_UPDATES.items(), ids=REFUSED_UPDATES)
def test_the_database_refuses_what_makes_no_sense(story, constraint, change):
    model, fields = change

    with refused(constraint), transaction.atomic():
        model.objects.update(**fields)


def test_two_parts_of_a_story_have_no_place_in_common_but_may_change_places(story):
    Section.objects.create(article=story, position=2, heading="Second")
    first, second = story.sections.all()

    with transaction.atomic():
        story.sections.filter(pk=first.pk).update(position=2)
        story.sections.filter(pk=second.pk).update(position=1)
    with refused("section_has_its_own_position"), transaction.atomic():
        story.sections.filter(pk=second.pk).update(position=2)
        connection.check_constraints()

    assert [section.heading for section in story.sections.all()] == ["Second", "What happened"]


def test_a_source_is_listed_once_and_cited_once_a_story(story):
    source = story.citations.get().source

    with refused("source_address_is_listed_once"), transaction.atomic():
        Source.objects.create(publisher="Again", url=source.url)
    with refused("story_cites_a_source_once"), transaction.atomic():
        Citation.objects.create(article=story, position=2, source=source)


def test_a_changed_address_is_kept_and_given_to_no_other_story(story):
    story.slug = "drone-deal-italy"
    story.save()

    assert FormerAddress.objects.get(slug="drone-deal").article == story
    with refused("had the address"), transaction.atomic():
        make.story(slug="drone-deal")


def test_the_desk_is_told_in_words_that_an_address_was_another_storys(story):
    story.slug = "drone-deal-italy"
    story.save()
    other = make.story()
    other.slug = "drone-deal"

    with pytest.raises(ValidationError, match="Another story had this address once"):
        other.full_clean()


def test_a_story_may_take_its_own_former_address_back(story):
    story.slug = "drone-deal-italy"
    story.save()
    story.slug = "drone-deal"
    story.full_clean()
    story.save()

    assert set(FormerAddress.objects.values_list("slug", flat=True)) == {"drone-deal", "drone-deal-italy"}


def test_a_topics_former_address_is_kept_too():
    topic = make.topic("Ukraine")
    topic.slug = "ukraine-war"
    topic.save()

    assert FormerAddress.objects.get(slug="ukraine").topic == topic
    with refused("had the address"), transaction.atomic():
        make.topic("Other", slug="ukraine")


def test_a_confidential_source_is_sealed_at_rest():
    person = make.source("A friend in Rome", is_confidential=True, contact="+39 06 0000", notes="Met twice.")

    with connection.cursor() as cursor:
        cursor.execute("SELECT name, contact, notes FROM articles_confidentialsource")
        sealed = b"".join(bytes(value) for value in cursor.fetchone())

    assert not any(word in sealed for word in (b"friend", b"Rome", b"0000", b"Met"))
    person = ConfidentialSource.objects.get()
    assert (person.name, person.contact, person.notes) == ("A friend in Rome", "+39 06 0000", "Met twice.")


def test_a_confidential_source_opens_under_an_older_key_and_not_under_a_strange_one(settings):
    settings.CONFIDENTIAL_KEYS = ["old"]
    make.source("A friend in Rome", is_confidential=True)

    settings.CONFIDENTIAL_KEYS = ["new", "old"]
    assert ConfidentialSource.objects.get().name == "A friend in Rome"

    settings.CONFIDENTIAL_KEYS = ["new"]
    with pytest.raises(InvalidToken):
        ConfidentialSource.objects.get()


def test_neither_snapshot_nor_draft_history_names_a_confidential_source():
    story = make.published(sources=[make.source("A friend in Rome", is_confidential=True)])

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(serialized_data, '') FROM reversion_version")
        drafts = cursor.fetchone()[0]

    edition = story.revisions.get()
    assert "friend" not in edition.snapshot + drafts + str(edition.changes)
    assert edition.content.citations[0].source is None


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_being_given_up_is_not_taken_by_a_story_that_waits_for_it(story):
    other = make.story()
    taken = threading.Event()

    def take():
        with refused("had the address"), transaction.atomic():
            Article.objects.filter(pk=other.pk).update(slug="drone-deal")
        taken.set()
        connection.close()

    with transaction.atomic():
        Article.objects.filter(pk=story.pk).update(slug="drone-deal-italy")
        waiting = threading.Thread(target=take)
        waiting.start()
        time.sleep(0.3)
    waiting.join()

    assert taken.is_set()
