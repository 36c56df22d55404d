"""How renditions are given out, and that nothing else is."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from articles import renditions
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo():
    return make.photo()


def road(photo, kind="jpeg") -> str:
    return default_storage.url(renditions.name(photo.rendition_name, "3/2", 400, kind))


@pytest.mark.parametrize(("kind", "content_type"), renditions.CONTENT_TYPES.items())
def test_a_rendition_comes_as_what_it_is_and_can_do_nothing(reader, photo, kind, content_type):
    answer = reader.get(road(photo, kind))

    assert answer.status_code == 200
    assert answer["Content-Type"] == content_type
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


def test_a_photo_that_is_taken_down_is_gone_from_every_cache_within_a_minute(reader, photo):
    answer = reader.get(road(photo))
    assert answer["Cache-Control"] == "public, max-age=60, stale-if-error=3600"

    default_storage.delete(road(photo).removeprefix("/media/"))

    assert reader.get(road(photo)).status_code == 404
    assert reader.get(road(photo), headers={"If-None-Match": answer["ETag"]}).status_code == 404


def test_a_reader_who_has_it_is_not_sent_it_again(reader, photo):
    answer = reader.get(road(photo), headers={"If-None-Match": reader.get(road(photo))["ETag"]})

    assert answer.status_code == 304
    assert answer["Cache-Control"] == "public, max-age=60, stale-if-error=3600"


def test_a_rendition_can_only_be_read(reader, photo):
    assert reader.head(road(photo)).status_code == 200
    assert reader.post(road(photo)).status_code in (403, 405)


def test_what_was_uploaded_is_on_no_road(reader, photo):
    name = photo.original.name
    roads = [
        f"/media/{name}",
        f"/media/originals/{name}",
        f"/media/../originals/{name}",
        f"/media/%2e%2e/originals/{name}",
        f"/media/photos/{photo.pk}/../../../originals/{name}",
        f"/originals/{name}",
        f"/var/originals/{name}",
        f"/static/../var/originals/{name}",
    ]

    assert [reader.get(road).status_code for road in roads] == [404] * len(roads)


def test_folders_are_not_listed(reader, photo):
    folders = ["/media/", "/media/photos/", f"/media/photos/{photo.pk}/", f"/media/{photo.rendition_name}/3_2/"]

    assert {reader.get(folder).status_code for folder in folders} == {404}


@pytest.mark.parametrize(
    "name",
    ["page.html", "photos/drawing.svg", "photos/{pk}/50-50/3_2/400w.html", "photos/{pk}/50-50/3_2/400w.jpeg.html"],
)
def test_a_file_that_is_no_rendition_is_not_given_out_even_if_it_lies_there(reader, photo, name):
    name = default_storage.save(name.format(pk=photo.pk), ContentFile(b"<script>alert(1)</script>"))

    assert reader.get(f"/media/{name}").status_code == 404


def test_the_private_storage_is_another_place():
    assert storages["originals"].location != default_storage.location
