"""What readers get of a picture: upright, in its colours, cut around its focal point, and nothing but pixels."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageStat
from PIL.PngImagePlugin import PngInfo

from articles import renditions
from articles.models import Photo
from tests import make, pictures
from tests.pictures import CANARY, encoded

pytestmark = pytest.mark.django_db

KINDS = {"JPEG": "a.jpg", "PNG": "a.png", "WEBP": "a.webp", "GIF": "a.gif", "AVIF": "a.avif"}
RED, GREEN, BLUE, YELLOW = (220, 20, 20), (20, 160, 20), (20, 20, 220), (220, 220, 20)
SIZE = (600, 400)


def rendition(photo, crop="3/2", width=400, kind="jpeg") -> Image.Image:
    with default_storage.open(renditions.name(photo.rendition_name, crop, width, kind)) as file:
        return Image.open(io.BytesIO(file.read()))


def every_rendition(photo) -> list[Image.Image]:
    return [rendition(photo, crop, kind=kind) for crop in renditions.CROPS for kind in renditions.CONTENT_TYPES]


def mean(image: Image.Image, box=None) -> tuple[float, ...]:
    return tuple(ImageStat.Stat(image.convert("RGB").crop(box or (0, 0, *image.size))).mean)


def is_close(one, other, by=6) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def corners() -> Image.Image:
    """Four quarters: red and green above, blue and yellow below."""
    image = Image.new("RGB", SIZE)
    across, down = SIZE[0] // 2, SIZE[1] // 2
    for colour, place in zip(
        (RED, GREEN, BLUE, YELLOW), ((0, 0), (across, 0), (0, down), (across, down)), strict=True
    ):
        image.paste(colour, (*place, place[0] + across, place[1] + down))
    return image


# How a camera held in each of the eight ways stores what stood upright before it (EXIF 2.32, tag 274).
HELD = {
    1: [],
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_90],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_270],
}


@pytest.mark.parametrize(
    ("kind", "orientation"), [*(("JPEG", way) for way in HELD), ("PNG", 6), ("WEBP", 8), ("AVIF", 5)]
)
def test_a_picture_stands_upright_however_the_camera_was_held(kind, orientation):
    stored = corners()
    for step in HELD[orientation]:
        stored = stored.transpose(step)
    block = Image.Exif()
    block[0x0112] = orientation

    photo = make.photo(ContentFile(encoded(stored, kind, exif=block), KINDS[kind]))

    assert (photo.width, photo.height) == SIZE
    shown = rendition(photo)
    w, h = shown.size
    assert is_close(mean(shown, (20, 20, w // 2 - 20, h // 2 - 20)), RED, by=12)
    assert is_close(mean(shown, (w // 2 + 20, 20, w - 20, h // 2 - 20)), GREEN, by=12)
    assert is_close(mean(shown, (20, h // 2 + 20, w // 2 - 20, h - 20)), BLUE, by=12)
    assert is_close(mean(shown, (w // 2 + 20, h // 2 + 20, w - 20, h - 20)), YELLOW, by=12)


def a_grey_of_sixteen_bits():
    return pictures.png(400, 400, (b"\0" + b"\x9c\x40" * 400) * 400, depth=16, colours=0)


def colours_of_sixteen_bits():
    return pictures.png(400, 400, (b"\0" + b"\x80\0\x40\0\xc0\0" * 400) * 400, depth=16)


def cyan_ink():
    return encoded(Image.new("CMYK", (400, 400), (200, 40, 0, 30)), "JPEG", quality=95)


def half_a_palette():
    """A palette whose second colour is transparent; it covers the left half."""
    image = Image.new("P", (400, 400), 0)
    image.putpalette([20, 160, 20, 0, 0, 0])
    image.paste(1, (0, 0, 400, 200))
    return encoded(image, "PNG", transparency=1)


def half_transparent():
    return encoded(Image.new("RGBA", (400, 400), (200, 0, 0, 51)), "PNG")


def grey_and_alpha():
    return encoded(Image.new("LA", (400, 400), (0, 51)), "PNG")


def red_of_a_wide_gamut():
    """The red of sRGB as Display P3 writes it."""
    return encoded(Image.new("RGB", (400, 400), (234, 51, 35)), "PNG", icc_profile=pictures.display_p3())


def a_profile_for_other_colours():
    return encoded(Image.new("L", (400, 400), 120), "PNG", icc_profile=pictures.display_p3())


def a_damaged_profile():
    return encoded(Image.new("RGB", (400, 400), (10, 120, 230)), "PNG", icc_profile=b"no profile")


COLOURS = [
    (a_grey_of_sixteen_bits, (156, 156, 156)),
    (colours_of_sixteen_bits, (128, 64, 192)),
    (cyan_ink, (48, 190, 225)),
    (half_a_palette, (137, 207, 137)),
    (half_transparent, (244, 204, 204)),
    (grey_and_alpha, (204, 204, 204)),
    (red_of_a_wide_gamut, (255, 0, 0)),
    (a_profile_for_other_colours, (120, 120, 120)),
    (a_damaged_profile, (10, 120, 230)),
]


@pytest.mark.parametrize(("content", "colour"), COLOURS)
def test_colours_are_right_to_the_eye(content, colour):
    data = content()

    photo = make.photo(ContentFile(data, "a.png" if data[1:4] == b"PNG" else "a.jpg"))

    assert photo.failure == ""
    for shown in every_rendition(photo):
        assert is_close(mean(shown), colour), shown


def talkative(kind: str) -> bytes:
    """A picture with the canary in every place its type has for words."""
    options = {"exif": pictures.exif(Artist=CANARY, Orientation=6), "icc_profile": pictures.display_p3()}
    image = corners()
    if kind == "PNG":
        words = PngInfo()
        words.add_text("Comment", CANARY)
        words.add_text("Hidden", CANARY, zip=True)
        words.add_itxt("XML:com.adobe.xmp", pictures.xmp(dc_creator=CANARY).decode())
        return encoded(image, kind, pnginfo=words, **options)
    if kind == "GIF":
        return encoded(image, kind, comment=CANARY)
    if kind == "JPEG":
        options["comment"] = CANARY
    content = encoded(image, kind, xmp=pictures.xmp(dc_creator=CANARY), **options)
    return pictures.with_iptc(content, {80: CANARY.encode(), 120: CANARY.encode()}) if kind == "JPEG" else content


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_was_written_beside_the_pixels_reaches_a_reader(kind, reader):
    content = talkative(kind)
    assert CANARY.encode() in content

    photo = make.photo(ContentFile(content, KINDS[kind]), credit="", title="Rome")
    assert photo.credit == ("" if kind == "GIF" else CANARY)
    Photo.objects.filter(pk=photo.pk).update(credit="Vira")
    make.published(photo=photo)

    for crop, road in roads(photo):
        answer = reader.get(road)
        assert answer.status_code == 200, road
        assert CANARY.encode() not in answer.content
        with Image.open(io.BytesIO(answer.content)) as shown:
            assert not shown.getexif()
            assert not set(shown.info) & {"exif", "xmp", "comment", "icc_profile", "photoshop", "mp"}, crop


def roads(photo) -> list[tuple[str, str]]:
    return [
        (crop, default_storage.url(renditions.name(photo.rendition_name, crop, width, kind)))
        for crop in renditions.CROPS
        for width in renditions.widths(photo.width, photo.height, crop)
        for kind in renditions.CONTENT_TYPES
    ]


def test_a_crop_keeps_the_focal_point():
    image = Image.new("RGB", (1600, 400), "white")
    image.paste(RED, (1300, 0, 1600, 400))

    right = make.photo(make.picture(image=image), focal_x=100)
    left = make.photo(make.picture(image=image), focal_x=0)

    assert is_close(mean(rendition(right, "1/1"), (150, 0, 400, 400)), RED, by=12)
    assert is_close(mean(rendition(left, "1/1")), (255, 255, 255))


def test_every_crop_comes_in_four_widths_and_three_types_but_never_enlarged():
    large = make.photo(make.picture(image=Image.new("RGB", (1700, 1600))))
    small = make.photo(make.picture(image=Image.new("RGB", (1300, 450))))

    assert len(roads(large)) == 3 * 4 * 3
    for crop, road in [*roads(large), *roads(small)]:
        with default_storage.open(road.removeprefix("/media/")) as file, Image.open(file) as shown:
            width = int(road.rpartition("/")[2].partition("w.")[0])
            assert shown.size == (width, renditions.height(width, crop))
    assert {road.rpartition("/")[2] for crop, road in roads(small) if crop == "3/2"} == {
        "400w.avif",
        "400w.webp",
        "400w.jpeg",
    }


def test_a_picture_of_64_megapixels_is_decoded_whole():
    photo = make.photo(ContentFile(pictures.bomb(8000), "a.png"))

    assert (photo.is_ready, photo.width, photo.height) == (True, 8000, 8000)
    assert rendition(photo, "1/1", 1600).size == (1600, 1600)


def test_a_picture_that_breaks_off_is_a_failure_told_to_the_desk():
    whole = encoded(corners(), "JPEG")

    photo = make.photo(ContentFile(whole[: len(whole) // 2], "a.jpg"))

    assert not photo.is_ready
    assert "damaged" in photo.failure
