"""An upload decoded into bare pixels, then cut and encoded into renditions; this takes seconds."""

from contextlib import suppress
from io import BytesIO

from django.core.files.base import ContentFile
from pictures.models import PillowPicture
from PIL import Image, ImageCms, ImageOps

from . import renditions, uploads

ENOUGH = max(renditions.WIDTHS)
WHOLE = 1000
ENCODING = {
    "avif": {"quality": 60, "speed": 8},
    "webp": {"quality": 75},
    "jpeg": {"quality": 80, "progressive": True},
}


class Rendition(PillowPicture):
    """One file that readers get: a photo in a crop, a width and a type. `parent_name` is what they are named by."""

    @property
    def name(self) -> str:
        crop = f"{self.aspect_ratio.numerator}/{self.aspect_ratio.denominator}"
        return renditions.name(self.parent_name, crop, self.width, self.file_type)

    def save(self, image):
        with BytesIO() as content:
            image.save(content, self.file_type, **ENCODING[self.file_type])
            self.storage.save(self.name, ContentFile(content.getvalue()))


def develop(file) -> tuple[Image.Image, tuple[int, int]]:
    """
    The pixels of an upload, upright, in sRGB and on white where it was transparent, and its full size.

    They are in a new image, so that nothing written beside them comes along; what is far larger than any
    rendition comes smaller. Raises `UploadRefused` for a damaged picture.
    """
    with uploads.opened(file) as image:
        size = image.size
        image.draft(None, (ENOUGH, ENOUGH))
        image.load()
        lying = image.size
        with suppress(Exception):  # A damaged EXIF block asks for no rotation.
            ImageOps.exif_transpose(image, in_place=True)
        pixels = _flat(image).reduce(max(1, min(image.size) // ENOUGH))
        pixels = _in_srgb(pixels, image.info.get("icc_profile"))
        bare = Image.new("RGB", pixels.size)
        bare.paste(pixels)
        return bare, size if image.size == lying else size[::-1]


def cut(image: Image.Image, size: tuple[int, int], focal_point: tuple[int, int]) -> Image.Image:
    """As much of the picture as fills a box of this size, the focal point (in percent) always in it."""
    x, y = focal_point
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=(x / 100, y / 100))


def whole(image: Image.Image) -> ContentFile:
    """All of the picture, as a JPEG of a size to look at."""
    with BytesIO() as content:
        small = ImageOps.contain(image, (WHOLE, WHOLE), Image.Resampling.LANCZOS)
        small.save(content, "jpeg", **ENCODING["jpeg"])
        return ContentFile(content.getvalue())


def _flat(image: Image.Image) -> Image.Image:
    """Grey, RGB or CMYK, eight bits deep and without transparency."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        flat = Image.new("RGB", image.size, "white")
        image = image.convert("RGBA")
        flat.paste(image, mask=image)
        return flat
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    # A profile that is damaged, or for colours of another kind, says nothing.
    with suppress(OSError, ImageCms.PyCMSError):
        if profile:
            theirs, ours = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, theirs, ours, outputMode="RGB")
    return image.convert("RGB")
