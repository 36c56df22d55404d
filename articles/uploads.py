"""What was uploaded, looked at without decoding it: whether it can become a photo, and whose work it says it is."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files import File
from PIL import Image

from .credits import credit_of
from .renditions import WIDTHS
from .richtext import clean_text

MOST_MEGABYTES = 25
MOST_MEGAPIXELS = 64
SMALLEST_SIDE = min(WIDTHS)
LONGEST_TITLE = 120
# What each type may be called; the first name is the one we store it under.
SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "AVIF": (".avif",),
}

# Pillow compares the size in the header with this before it decodes, but by itself only warns.
Image.MAX_IMAGE_PIXELS = MOST_MEGAPIXELS * 1_000_000
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class UploadRefused(ValueError):
    """The file cannot become a photo; the message tells an editor why and what to do."""


@dataclass(frozen=True)
class Upload:
    """What the name and the header say. Size in pixels, before any rotation asked for."""

    suffix: str
    title: str
    width: int
    height: int
    credit: str


def inspect(file: File) -> Upload:
    """Raises `UploadRefused`. Cheap enough to be done while an editor waits: no pixel is decoded."""
    suffix = PurePath(file.name).suffix.lower()
    if not any(suffix in suffixes for suffixes in SUFFIXES.values()):
        raise UploadRefused("This is no picture we can take. Upload a JPEG, PNG, WebP, GIF or AVIF file.")
    if file.size > MOST_MEGABYTES * 1024 * 1024:
        megabytes = -(-file.size // (1024 * 1024))
        raise UploadRefused(f"This file has {megabytes} MB; {MOST_MEGABYTES} MB can be taken. Save it smaller.")
    with opened(file) as image:
        kind = "JPEG" if image.format == "MPO" else image.format
        _refuse_what_is_no_photo(image, kind, suffix)
        if _holds_a_program(file):
            raise UploadRefused(
                "This file holds a web page or a program beside the picture. Export it again as a plain picture."
            )
        return Upload(SUFFIXES[kind][0], _title(file), *image.size, credit_of(image))


@contextmanager
def opened(file) -> Iterator[Image.Image]:
    """The picture in a file. Whatever Pillow says of it, in here or while it is used, is an `UploadRefused`."""
    try:
        with Image.open(file, formats=list(SUFFIXES)) as image:
            yield image
    except (UploadRefused, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UploadRefused(
            f"This picture has more than {MOST_MEGAPIXELS} megapixels. Save it with fewer and upload that."
        ) from error
    except Exception as error:  # Which one a damaged file leads to, no decoder promises.
        raise UploadRefused(
            "This is no picture, or a damaged one. Open it in a picture editor, save it as JPEG and upload that."
        ) from error


def _refuse_what_is_no_photo(image: Image.Image, kind: str, suffix: str) -> None:
    if suffix not in SUFFIXES[kind]:
        raise UploadRefused(
            f"This file is named “{suffix}” but is a {kind} picture. Name it “{SUFFIXES[kind][0]}”, then upload it."
        )
    # A JPEG holds its further pictures, such as previews, beside the one that counts.
    if kind != "JPEG" and getattr(image, "is_animated", False):
        raise UploadRefused("This picture moves. Save one frame of it and upload that.")
    if min(image.size) < SMALLEST_SIDE:
        raise UploadRefused(
            f"This picture has {image.width} × {image.height} pixels; "
            f"it needs {SMALLEST_SIDE} on each side. Upload a larger one."
        )


_PROGRAM = re.compile(rb"<(?:!doctype\s+html|html[\s>]|script[\s>]|\?php\s)", re.IGNORECASE)


def _holds_a_program(file: File) -> bool:
    before = b""
    for chunk in file.chunks():
        if _PROGRAM.search(before + chunk):
            return True
        before = chunk[-20:]
    return False


def _title(file: File) -> str:
    """What the file was called, as far as a person can read it."""
    stem = PurePath(file.name).stem.encode(errors="replace").decode()
    return " ".join(clean_text(stem).split())[:LONGEST_TITLE].strip() or "Untitled"
