"""The query that is composed once gives what the queryset gives."""

import psycopg2
import pytest
from django.db import connection
from django.forms.models import model_to_dict

from articles import publishing
from articles.models import Revision
from articles.newest import newest_public
from tests import make

pytestmark = pytest.mark.django_db


def test_it_is_the_newest_public_edition_with_its_address(django_assert_num_queries):
    story = make.published(topic=make.topic("Ukraine"), slug="drone-deal")
    make.published(slug="another-story")
    make.edition(story, headline="Italy signs a drone deal")
    newest_public("")  # The first question of a connection makes the query known to it.

    with django_assert_num_queries(1):
        edition = newest_public("drone-deal")
        assert edition.article.get_absolute_url() == "/ukraine/drone-deal/"

    same = Revision.objects.public().with_address().at("drone-deal").get()
    left_out = ["changes", "private_note", "content_hash", "by_hash", "by", "by_name"]
    assert model_to_dict(edition, exclude=left_out) == model_to_dict(same, exclude=left_out)
    assert (edition.content, edition.moved_ids, edition.untold) == (same.content, same.moved_ids, [])


def test_there_is_none_for_a_draft_a_withdrawn_story_or_an_address_with_a_quote_in_it():
    make.story(slug="draft")
    story = make.published(slug="withdrawn")
    publishing.withdraw(story, note="It was staged.", by=make.editor(), base=1)

    assert [newest_public(slug) for slug in ("draft", "withdrawn", "'; --", "%s")] == [None] * 4


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_database_has_closed_is_opened_again():
    make.published(slug="drone-deal")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    other = psycopg2.connect(**connection.get_connection_params())
    other.cursor().execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()

    assert newest_public("drone-deal").number == 1
