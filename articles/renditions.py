"""Where the renditions of a photo are: their names and addresses, from what an edition knows of the photo alone."""

from dataclasses import dataclass

from .snapshot import Photo

WIDTHS = (400, 800, 1200, 1600)
CROPS = ("16/9", "3/2", "1/1")
# In the order a browser should prefer them; the last one is for every browser.
CONTENT_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpeg": "image/jpeg"}
# The names that `name` gives, as a regular expression.
_UUID = "-".join(f"[0-9a-f]{{{digits}}}" for digits in (8, 4, 4, 4, 12))
_PHOTO = rf"photos/{_UUID}/[0-9]{{1,3}}-[0-9]{{1,3}}"
NAME = rf"(?P<name>{_PHOTO}/" + r"[0-9]{1,2}_[0-9]/[0-9]{3,4}w\.(?P<kind>avif|webp|jpeg))"


@dataclass(frozen=True)
class Source:
    """One `<source>` of a `<picture>`."""

    content_type: str
    srcset: str


@dataclass(frozen=True)
class Picture:
    """What a `<picture>` says: the better types, the plain one, and the box in pixels that it fills."""

    sources: tuple[Source, ...]
    srcset: str
    src: str
    width: int
    height: int


def picture(photo: Photo, base: str) -> Picture:
    """All renditions of a photo in the crop it is used in; `base` is the address of the public storage."""
    fitting = widths(photo.width, photo.height, photo.crop)
    *better, plain = CONTENT_TYPES
    return Picture(
        sources=tuple(Source(CONTENT_TYPES[kind], _srcset(photo, base, fitting, kind)) for kind in better),
        srcset=_srcset(photo, base, fitting, plain),
        src=address(photo, base, width=fitting[len(fitting) // 2]),
        width=fitting[-1],
        height=height(fitting[-1], photo.crop),
    )


def address(photo: Photo, base: str, *, crop: str = "", width: int = 0, kind: str = "jpeg") -> str:
    """The address of one rendition: in the crop the photo is used in and as wide as there is, unless told."""
    crop = crop or photo.crop
    width = width or widths(photo.width, photo.height, crop)[-1]
    return base + name(photo.file, crop, width, kind)


def name(file: str, crop: str, width: int, kind: str) -> str:
    """
    >>> name("photos/0b5c/30-50", "16/9", 800, "avif")
    'photos/0b5c/30-50/16_9/800w.avif'
    """
    return f"{file}/{crop.replace('/', '_')}/{width}w.{kind}"


def file_of(name: str) -> str:
    """
    What the renditions are named by, one of which has this name.

    >>> file_of("photos/0b5c/30-50/16_9/800w.avif")
    'photos/0b5c/30-50'
    """
    return name.rsplit("/", 2)[0]


def photo_of(file: str) -> str:
    """
    The id of the picture whose renditions are named by this.

    >>> photo_of("photos/0b5c/30-50")
    '0b5c'
    """
    return file.split("/")[1]


def widths(width: int, height: int, crop: str) -> list[int]:
    """
    The widths that a picture of this size is cut to in a crop: none that would enlarge it.

    >>> widths(1300, 450, "3/2")
    [400]
    """
    across, down = _ratio(crop)
    return [w for w in WIDTHS if w <= width and w * down <= height * across]


def height(width: int, crop: str) -> int:
    """
    >>> height(800, "3/2")
    533
    """
    across, down = _ratio(crop)
    return width * down // across


def _srcset(photo: Photo, base: str, fitting: list[int], kind: str) -> str:
    return ", ".join(f"{address(photo, base, width=width, kind=kind)} {width}w" for width in fitting)


def _ratio(crop: str) -> tuple[int, int]:
    across, down = crop.split("/")
    return int(across), int(down)
