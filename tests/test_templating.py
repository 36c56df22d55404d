"""What templates of the public pages may do."""

import copy

import pytest
from django.core.cache import cache

from articles import publishing
from articles.kinds import Kind
from tests import make


@pytest.mark.django_db
def test_pages_are_the_same_with_what_they_include_pasted_in(client, settings):
    story = make.published(key_points=["Italy has asked for talks."], sources=[make.source("Example Agency")])
    make.edition(story, headline="Italy signs a drone deal")
    box = publishing.Box("They met on April 14.", "They met on April 15.", 1, 2)
    publishing.publish(
        story, kind=Kind.CORRECTION, by=make.editor(), base=2, note="Mended.", box=box, reason="Test."
    )
    road = story.get_absolute_url()
    roads = ["/", story.topic.get_absolute_url(), road, f"{road}changes/", f"{road}since/1/", "/corrections/"]

    def pages():
        cache.clear()
        return [client.get(f"{address}?now", follow=True).text for address in roads]

    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)  # Without what other tests called the site.
    as_they_are = pages()
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["OPTIONS"]["auto_reload"] = False

    assert pages() == as_they_are
