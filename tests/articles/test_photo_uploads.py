"""What is taken for a photo and what is refused, before a single pixel is decoded."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from articles import photos, uploads
from articles.models import Photo
from tests import make, pictures

KINDS = {"JPEG": "a.jpg", "PNG": "a.png", "WEBP": "a.webp", "GIF": "a.gif", "AVIF": "a.avif"}
PAGE = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
STILL = pictures.encoded(Image.new("P", (400, 400)), "GIF")


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(uploads.UploadRefused) as caught:
        uploads.inspect(ContentFile(content, name))
    return str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_that_editors_have_is_taken(kind):
    upload = uploads.inspect(make.picture(KINDS[kind], Image.new("RGB", (640, 480))))

    assert (upload.suffix, upload.width, upload.height) == (f".{KINDS[kind].split('.')[1]}", 640, 480)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "drawing.svg"),
        (b"\x1f\x8b" + bytes(40), "drawing.svgz"),
        (PAGE, "page.html"),
        (b"<?php system($_GET[0]); ?>", "page.php"),
        (b"alert(1)", "code.js"),
        (b"FWS\x0a" + bytes(40), "film.swf"),
        (PAGE, "photo.jpg.html"),
        (STILL, "photo.gif.html"),
        (STILL, "photo"),
        (STILL, ".gif"),
    ],
)
def test_a_file_of_another_type_is_refused_by_its_name(content, name):
    assert "Upload a JPEG, PNG, WebP, GIF or AVIF file" in refusal(content, name)


@pytest.mark.parametrize(
    "content",
    [
        PAGE,
        PAGE.decode().encode("utf-16"),
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"",
        b"GIF89a",
        bytes(500),
    ],
)
@pytest.mark.parametrize("name", KINDS.values())
def test_what_is_no_picture_is_refused_whatever_its_name(content, name):
    assert "no picture, or a damaged one" in refusal(content, name)


@pytest.mark.parametrize("code", [PAGE, b"<SCRIPT >", b"<?php echo 1;", b"<html\n"])
def test_a_picture_that_is_also_a_page_or_a_program_is_refused(code):
    in_a_comment = pictures.encoded(Image.new("P", (400, 400)), "GIF", comment=code)
    behind_the_end = pictures.encoded(Image.new("RGB", (400, 400)), "JPEG") + bytes(70_000) + code

    assert "a web page or a program" in refusal(in_a_comment, "a.gif")
    assert "a web page or a program" in refusal(behind_the_end, "a.jpg")


def test_a_program_on_the_seam_of_two_pieces_is_found():
    start = pictures.encoded(Image.new("RGB", (400, 400)), "JPEG")
    up_to_the_seam = bytes(ContentFile.DEFAULT_CHUNK_SIZE - len(start) - 5)

    assert "a web page or a program" in refusal(start + up_to_the_seam + b"<!doctype    html>", "a.jpg")


def test_a_picture_named_as_another_type_is_refused():
    assert "named “.jpg” but is a GIF picture" in refusal(STILL, "photo.jpg")


def test_more_pixels_than_we_decode_are_refused():
    assert "more than 64 megapixels" in refusal(pictures.header_only(8001), "a.png")
    assert "more than 64 megapixels" in refusal(pictures.bomb(13_000), "a.png")
    assert "more than 64 megapixels" in refusal(pictures.header_only(50_000), "a.png")
    assert uploads.inspect(ContentFile(pictures.header_only(8000), "a.png")).width == 8000


def test_a_picture_too_small_for_any_page_is_refused():
    assert "640 × 399 pixels; it needs 400" in refusal(pictures.encoded(Image.new("L", (640, 399)), "PNG"), "a.png")


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_a_picture_that_moves_is_refused(kind):
    frames = [Image.new("RGB", (400, 400), colour) for colour in ("red", "blue")]
    moving = pictures.encoded(frames[0], kind, save_all=True, append_images=frames[1:])

    assert "moves" in refusal(moving, KINDS[kind])


def test_a_jpeg_with_further_pictures_in_it_is_taken_for_the_first():
    frames = [Image.new("RGB", (400, 400), colour) for colour in ("red", "blue")]

    upload = uploads.inspect(
        ContentFile(pictures.encoded(frames[0], "MPO", save_all=True, append_images=frames[1:]), "a.jpg")
    )

    assert upload.suffix == ".jpg"


def test_a_file_of_more_than_25_megabytes_is_refused():
    jpeg = pictures.encoded(Image.new("RGB", (400, 400)), "JPEG")

    assert "has 26 MB; 25 MB can be taken" in refusal(jpeg + bytes(25 * 1024 * 1024), "a.jpg")


@given(place=st.integers(0, 1200), damage=st.binary(max_size=30), kind=st.sampled_from(list(KINDS)))
def test_a_damaged_file_is_taken_or_refused_and_never_an_error(place, damage, kind):
    sound = pictures.encoded(
        Image.new("RGB", (400, 400)), kind, exif=pictures.exif(Artist="Vira"), xmp=pictures.xmp()
    )
    damaged = sound[:place] + damage + sound[place + len(damage) :]

    try:
        uploads.inspect(ContentFile(damaged, KINDS[kind]))
    except uploads.UploadRefused as refused:
        assert str(refused)


MEASURE = """
import resource, sys, threading
from django.core.files import File
from articles import uploads

def refuse(path):
    with open(path, "rb") as content:
        try:
            uploads.inspect(File(content))
        except uploads.UploadRefused:
            refused.append(path)

refused = []
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
threads = [threading.Thread(target=refuse, args=[path]) for path in sys.argv[1:] * 8]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(refused), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_refusing_eight_hostile_files_of_each_sort_at_once_takes_little_memory(tmp_path):
    hostile = {
        "bomb.png": pictures.bomb(13_000),
        "larger.png": pictures.header_only(50_000),
        "film.gif": pictures.animation(1000),
        "large.jpg": pictures.encoded(Image.new("RGB", (400, 400)), "JPEG") + bytes(60 * 1024 * 1024),
    }
    for name, content in hostile.items():
        (tmp_path / name).write_bytes(content)

    run = subprocess.run(
        [sys.executable, "-c", MEASURE, *(tmp_path / name for name in hostile)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    refused, kilobytes = map(int, run.stdout.split())
    assert refused == 8 * len(hostile)
    assert kilobytes < 80 * 1024


HOSTILE_NAMES = [
    "../../outside.jpg",
    "/etc/outside.jpg",
    "..\\..\\outside.jpg",
    "nul\0.jpg",
    "a" * 300 + ".jpg",
    "Zürich.jpg",
    "‮gpj.exe.jpg",
    "half \udc80 a character.jpg",
    "\0.jpg",
    "line\nbreak.jpg",
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_leads_anywhere_but_to_a_name_of_our_own(name, tmp_path):
    file = make.picture()
    file.name = name

    photo = photos.take_in(file, credit="Vira Koval")

    assert photo.original.name == f"{photo.pk}.jpg"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [
        tmp_path / "originals" / photo.original.name
    ]
    assert photo.title
    assert photo.title.isprintable()
    assert len(photo.title) <= 120


@pytest.mark.django_db(transaction=True)
def test_fifty_files_of_the_same_name_at_once_are_fifty_photos():
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def take_in(number):
        try:
            return photos.take_in(
                make.picture("same.jpg", Image.new("L", (400, 400 + number))), credit=str(number)
            ).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(take_in, range(50)))

    kept = Photo.objects.in_bulk(taken)
    assert len(kept) == len(storages["originals"].listdir("")[1]) == 50
    for photo in kept.values():
        with photo.original.open() as original, Image.open(original) as image:
            assert image.height == 400 + int(photo.credit)
