"""
The verbs of photos: take in an upload, and make its renditions.

A photo is due when its row says so. Who claims it puts the row off, for longer each time, and so keeps others from
it, waits out an outage and gives up on a picture that kills every worker.
"""

from datetime import timedelta
from io import BytesIO
from itertools import groupby
from pathlib import PurePath

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django_tasks import task
from PIL import Image

from . import pixels, uploads
from .models import Photo

# They take about an hour, each twice as long as the one before.
MOST_ATTEMPTS = 6
GIVEN_UP = "Making the renditions failed again and again. Ask whoever runs the site for the reason, then try again."


def take_in(file: File, **fields) -> Photo:
    """
    Keep an upload as a new photo with these fields; the worker makes its renditions.

    Without a `credit` it gets the one its metadata name. Raises `uploads.UploadRefused`.
    """
    photo = Photo(**fields)
    keep(photo, file)
    return photo


@transaction.atomic
def keep(photo: Photo, file: File) -> None:
    """As `take_in`, for a photo made but not saved yet."""
    upload = uploads.inspect(file)
    photo.width, photo.height = upload.width, upload.height
    photo.title = photo.title or upload.title
    photo.credit = photo.credit or upload.credit
    photo.original.save(f"{photo.pk}{upload.suffix}", file, save=False)
    photo.save(force_insert=True)


def redo(photo: Photo) -> None:
    """Make its renditions anew: the focal point moved, or what had hindered us is gone."""
    Photo.objects.filter(pk=photo.pk).update(due_at=timezone.now(), attempts=0, failure="")
    _ring(photo.pk)


def ring(*, file_name: str, **_) -> None:
    """What django-pictures calls when a file was saved. It would hand paths and classes to the queue; we, an id."""
    _ring(PurePath(file_name).stem)


def _ring(photo_id) -> None:
    transaction.on_commit(lambda: prepare.enqueue(str(photo_id)))


@task(queue_name="pictures")
def prepare(photo_id: str) -> None:
    process(photo_id)


def process_due() -> None:
    """Make what is due; many workers may do so at once."""
    for photo_id in Photo.objects.due().values_list("pk", flat=True):
        process(photo_id)


def process(photo_id) -> None:
    """Make the renditions of a photo, if they are due and nobody else is at it."""
    photo = _claim(photo_id)
    if photo is None:
        return
    # Read as a whole first: what fails then is the storage, and what fails later is the picture.
    with photo.original.open() as original:
        content = BytesIO(original.read())
    try:
        image, (photo.width, photo.height) = pixels.develop(content)
    except uploads.UploadRefused as refusal:
        _close(photo, failure=str(refusal))
        return
    if not whole(photo):
        photo.original.storage.save(_whole_name(photo), pixels.whole(image))
    _make_renditions(photo, image)
    _close(photo)


@transaction.atomic
def _claim(photo_id) -> Photo | None:
    photo = Photo.objects.due().select_for_update(skip_locked=True, no_key=True).filter(pk=photo_id).first()
    if photo is None:
        return None
    if photo.attempts == MOST_ATTEMPTS:
        _close(photo, failure=GIVEN_UP)
        return None
    photo.due_at = timezone.now() + timedelta(minutes=5 * 2**photo.attempts)
    photo.attempts += 1
    photo.save(update_fields=["due_at", "attempts"])
    return photo


def whole(photo: Photo) -> str | None:
    """Where the private storage has the picture uncut, for the desk to show; None until it is made."""
    name = _whole_name(photo)
    return name if photo.original.storage.exists(name) else None


def _whole_name(photo: Photo) -> str:
    return f"{photo.pk}-whole.jpeg"


def _make_renditions(photo: Photo, image: Image.Image) -> None:
    wanted = sorted(photo.original.get_picture_files_list(), key=_size)
    for size, group in groupby(wanted, key=_size):
        cut = pixels.cut(image, size, (photo.focal_x, photo.focal_y))
        for rendition in group:
            rendition.save(cut)


def _size(rendition: pixels.Rendition) -> tuple[int, int]:
    return rendition.width, rendition.height


def _close(photo: Photo, *, failure: str = "") -> None:
    """Nothing is due any more, unless the focal point moved in the meantime."""
    same = Photo.objects.filter(pk=photo.pk, focal_x=photo.focal_x, focal_y=photo.focal_y)
    same.update(due_at=None, attempts=0, failure=failure, width=photo.width, height=photo.height)
