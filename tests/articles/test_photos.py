"""The life of a photo: taken in, made ready by whichever worker is free, used by a story."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from articles import photos, pixels, publishing, working_copy
from articles.kinds import Kind
from articles.models import Photo, PhotoUse
from tests import make, pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def renditions_of(tmp_path):
    """The public files of a photo by name, with their bytes."""

    def files(photo) -> dict[str, bytes]:
        folder = tmp_path / "media/photos" / str(photo.pk)
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*w.*")}

    return files


def test_an_upload_is_kept_privately_and_rings_for_a_worker_with_its_id_alone(
    tmp_path, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        photo = photos.take_in(make.picture("Rome.jpg"), credit="Vira Koval", licence="CC BY 4.0")

    assert (photo.title, photo.credit, photo.licence) == ("Rome", "Vira Koval", "CC BY 4.0")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [
        tmp_path / "originals" / photo.original.name
    ]
    assert not photo.is_ready
    [task] = DBTaskResult.objects.all()
    assert task.args_kwargs == {"args": [str(photo.pk)], "kwargs": {}}


def test_a_worker_makes_what_is_due_though_its_bell_was_lost(renditions_of):
    photo = make.photo(is_ready=False)
    DBTaskResult.objects.all().delete()

    photos.process_due()

    photo.refresh_from_db()
    assert photo.is_ready
    assert len(renditions_of(photo)) == 9


def test_making_renditions_twice_changes_nothing(renditions_of):
    photo = make.photo()
    once = renditions_of(photo)

    photos.redo(photo)
    photos.process_due()

    assert renditions_of(photo) == once


def test_a_ready_photo_is_left_alone(monkeypatch):
    make.photo()
    monkeypatch.setattr(pixels, "develop", lambda file: pytest.fail("It was decoded again."))

    photos.process_due()


def test_moving_the_focal_point_makes_other_files_and_keeps_those_an_edition_shows(renditions_of):
    photo = make.photo()
    shown = set(renditions_of(photo))

    photo.focal_x = 10
    photo.save()
    photos.redo(photo)
    photos.process_due()

    photo.refresh_from_db()
    assert photo.is_ready
    assert shown < set(renditions_of(photo))
    assert "10-50/1_1/400w.jpeg" in renditions_of(photo)


def test_a_focal_point_that_moves_while_a_worker_is_at_it_is_due_again(monkeypatch):
    photo = make.photo(is_ready=False)
    develop = pixels.develop

    def move_and_develop(file):
        Photo.objects.filter(pk=photo.pk).update(focal_x=10)
        photos.redo(photo)
        return develop(file)

    monkeypatch.setattr(pixels, "develop", move_and_develop)
    photos.process(photo.pk)

    photo.refresh_from_db()
    assert not photo.is_ready


def test_a_photo_whose_worker_was_killed_is_tried_again_later_and_at_last_given_up(monkeypatch):
    photo = make.photo(is_ready=False)
    attempts = []

    def killed(file):
        attempts.append(timezone.now())
        raise KeyboardInterrupt

    monkeypatch.setattr(pixels, "develop", killed)
    for _ in range(20):
        try:
            photos.process(photo.pk)
        except KeyboardInterrupt:
            photo.refresh_from_db()
            assert photo.due_at > timezone.now() + timedelta(seconds=50)
            photos.process(photo.pk)
            Photo.objects.update(due_at=timezone.now())

    photo.refresh_from_db()
    assert len(attempts) == photos.MOST_ATTEMPTS
    assert "again and again" in photo.failure


@pytest.mark.django_db(transaction=True)
def test_many_workers_make_each_photo_once(monkeypatch):
    taken = [make.photo(is_ready=False).pk for _ in range(6)]
    developed = []
    develop = pixels.develop
    monkeypatch.setattr(pixels, "develop", lambda file: (developed.append(1), develop(file))[1])

    def work(_):
        try:
            photos.process_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))

    assert len(developed) == len(taken)
    assert all(photo.is_ready for photo in Photo.objects.all())


def test_a_photo_goes_with_the_edition_by_its_file_size_and_credit():
    photo = make.photo(credit="Vira Koval", licence="CC BY 4.0", focal_y=30)

    story = make.published(photo=photo)

    frozen = story.revisions.get().content.photo
    assert (frozen.photo, frozen.file) == (str(photo.pk), photo.rendition_name)
    assert (frozen.width, frozen.height, frozen.focal_x, frozen.focal_y) == (400, 400, 50, 30)
    assert (frozen.credit, frozen.licence) == ("Vira Koval", "CC BY 4.0")


def publish(story, *, base=0, kind=Kind.FIRST, note="", reason="As a test needs it."):
    return publishing.publish(story, kind=kind, by=make.editor(), base=base, note=note, reason=reason)


def test_a_story_waits_for_its_photo():
    story = make.story(photo=make.photo(is_ready=False))

    with pytest.raises(
        publishing.ChecksFailed, match=r"The photo is still being prepared; try again in a few seconds."
    ):
        publish(story)

    photos.process_due()
    assert publish(story).number == 1


def test_a_photo_that_could_not_be_made_is_not_published():
    broken = pictures.encoded(Image.new("RGB", (900, 900)), "JPEG")[:900]
    story = make.story(photo=make.photo(ContentFile(broken, "a.jpg")))

    with pytest.raises(publishing.ChecksFailed, match=r"The photo could not be prepared. .* damaged"):
        publish(story)


def test_a_correction_does_not_wait_for_a_photo_that_readers_have_already():
    photo = make.photo()
    story = make.published(photo=photo)
    photos.redo(photo)

    edition = make.edition(story, headline="Italy signs a drone deal")

    assert edition.number == 2


def test_a_photo_past_its_licence_needs_a_reason():
    story = make.story(photo=make.photo(expires_on=timezone.localdate() - timedelta(days=1)))
    last_day = make.story(photo=make.photo(expires_on=timezone.localdate()))

    with pytest.raises(publishing.ChecksFailed, match="The licence of the photo ended on"):
        publish(story, reason="")

    assert publish(last_day, reason="").number == 1
    assert "The licence of the photo ended" in publish(story, reason="The agency agreed.").private_note


def test_restoring_an_edition_brings_its_photo_back():
    photo, other = make.photo(credit="Vira Koval"), make.photo(credit="Anna Rossi")
    story = make.published(photo=photo)
    first = story.revisions.get()
    with working_copy.saving(story, by=make.editor(), version=None):
        PhotoUse.objects.filter(article=story).update(photo=other, caption="Another one.")
    assert working_copy.read(story).photo.credit == "Anna Rossi"

    version = working_copy.Desk.objects.get(article=story).version
    publishing.restore(story, first.content, by=make.editor(), version=version, comment="Restored")

    assert working_copy.read(story).photo == first.content.photo
