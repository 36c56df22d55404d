"""How renditions are given out, to whom and for how long, and that nothing else is."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from articles import photos, publishing, renditions, withholding
from articles.kinds import Kind
from articles.models import PhotoUse
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo():
    """One that readers see in a story."""
    photo = make.photo()
    make.published(photo=photo)
    return photo


CACHE_CONTROL = "public, max-age=60, stale-if-error=3600"


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


def test_a_file_that_is_lost_is_not_found(reader, photo):
    etag = reader.get(road(photo))["ETag"]

    default_storage.delete(road(photo).removeprefix("/media/"))

    assert reader.get(road(photo)).status_code == 404
    assert reader.get(road(photo), headers={"If-None-Match": etag}).status_code == 404


def test_a_reader_who_has_it_is_not_sent_it_again(reader, photo):
    answer = reader.get(road(photo), headers={"If-None-Match": reader.get(road(photo))["ETag"]})

    assert answer.status_code == 304
    assert answer["Cache-Control"] == CACHE_CONTROL


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


# Who may see it, and since and until when.


@pytest.fixture(params=[True, False], ids=["nginx gives it out", "we give it out"])
def nginx(request, settings):
    settings.MEDIA_FROM_NGINX = "/renditions/" if request.param else ""
    return request.param


def test_nginx_is_told_which_file_to_give_out(reader, photo, settings):
    settings.MEDIA_FROM_NGINX = "/renditions/"

    answer = reader.get(road(photo, "webp"))

    assert answer["X-Accel-Redirect"] == "/renditions/" + road(photo, "webp").removeprefix("/media/")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/webp", CACHE_CONTROL)
    assert answer.content == b""


def test_a_draft_shows_its_photo_to_the_desk_alone(reader, client_for, nginx):
    story = make.story(photo=make.photo())
    photo = story.photo_use.photo
    at_the_desk = f"/desk/articles/photo/{road(photo).removeprefix('/media/')}"

    assert reader.get(road(photo)).status_code == 404
    assert reader.get(at_the_desk).status_code == 302
    desk = client_for(make.user("reporter"))
    assert desk.get(road(photo)).status_code == 404
    assert desk.get(at_the_desk).status_code == 200
    assert "private" in desk.get(at_the_desk)["Cache-Control"]
    preview = client_for(make.editor()).get(f"/desk/articles/article/{story.pk}/preview/").text
    assert 'srcset="/desk/articles/photo/photos/' in preview
    assert " /media/" not in preview

    publishing.publish(story, kind=Kind.FIRST, by=make.editor(), base=0, reason="A test.")

    assert reader.get(road(photo)).status_code == 200


def test_another_focal_point_is_public_with_the_edition_that_has_it(reader):
    story = make.published(photo=make.photo())
    photo = story.photo_use.photo
    former = road(photo)
    photo.focal_x = 10
    photo.save()
    photos.redo(photo)
    photos.process(photo.pk)
    assert [reader.get(address).status_code for address in (former, road(photo))] == [200, 410]

    make.edition(story)

    assert [reader.get(address).status_code for address in (former, road(photo))] == [200, 200]


def withdraw(story):
    publishing.withdraw(story, note="It was staged.", by=make.user("chief"), base=story.revisions.count())


def withhold(story):
    withholding.withhold(story, numbers=None, category="law", by=make.user("chief"))


@pytest.mark.parametrize("take_down", [withdraw, withhold])
def test_a_photo_is_gone_with_the_last_story_that_shows_it(reader, nginx, take_down):
    photo = make.photo()
    story, other = make.published(photo=photo), make.published(photo=photo)
    etag = reader.get(road(photo)).get("ETag", "")

    take_down(story)
    assert reader.get(road(photo)).status_code == 200

    take_down(other)
    for kind in renditions.CONTENT_TYPES:
        gone = reader.get(road(photo, kind), headers={"If-None-Match": etag})
        assert gone.status_code == 410
        assert "X-Accel-Redirect" not in gone
        assert "max-age=0" in gone["Cache-Control"]
        assert reader.head(road(photo, kind)).status_code == 410


def test_a_photo_that_an_old_edition_shows_stays_until_that_is_withheld(reader):
    story = make.published(photo=make.photo())
    first = story.photo_use.photo
    make.edition(story, change=lambda: PhotoUse.objects.filter(article=story).update(photo=make.photo()))
    second = PhotoUse.objects.get(article=story).photo
    assert [reader.get(road(photo)).status_code for photo in (first, second)] == [200, 200]

    withholding.withhold(story, numbers=[1], category="privacy", by=make.user("chief"))

    assert [reader.get(road(photo)).status_code for photo in (first, second)] == [410, 200]


def test_the_photo_comes_back_with_its_story(reader):
    story = make.published(photo=make.photo())
    withdraw(story)
    assert reader.get(road(story.photo_use.photo)).status_code == 410

    publishing.reopen(story, note="It was not staged.", by=make.user("chief"), base=2)

    assert reader.get(road(story.photo_use.photo)).status_code == 200
