"""The photo on a page: every type and width that there is, in a box that is there before it."""

import re
from dataclasses import replace

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from articles import renditions
from articles.models import PhotoUse
from articles.snapshot import Photo
from tests import make

PHOTO = Photo(
    id="a",
    photo="b",
    file="photos/0b5c4a1e-0000-4000-8000-000000000000/50-50",
    width=1600,
    height=1067,
    focal_x=50,
    focal_y=50,
    crop="16/9",
    alt="Two people shake hands.",
    caption="The two leaders in Rome.",
    credit="Ukrinform UA",
    licence="CC BY 4.0",
)


def rendered(**fields) -> str:
    return " ".join(
        render_to_string(
            "articles/_photo.html",
            {"photo": replace(PHOTO, **fields), "sizes": "100vw", "english": "", "foreign": ""},
        ).split()
    )


def test_a_browser_may_choose_among_types_and_widths():
    page = rendered()

    srcsets = re.findall(r'srcset="([^"]*)"', page)
    assert [srcset.count("w,") + 1 for srcset in srcsets] == [4, 4, 4]
    assert re.findall(r'type="([^"]*)"', page) == ["image/avif", "image/webp"]
    assert f'src="/media/{PHOTO.file}/16_9/1200w.jpeg"' in page


def test_the_box_of_the_picture_is_known_before_it_comes():
    assert 'width="1600" height="900"' in rendered()
    assert 'width="800" height="800"' in rendered(crop="1/1")
    assert 'width="400" height="266"' in rendered(crop="3/2", width=500, height=400)


def test_the_picture_is_described_captioned_and_credited():
    page = rendered()

    assert 'alt="Two people shake hands."' in page
    assert "The two leaders in Rome." in page
    assert re.search(r"Photo:</span> <bdi>Ukrinform UA</bdi>, <bdi>CC BY 4.0</bdi>", page)


def test_what_is_no_photo_is_not_called_one():
    page = rendered(credit="Illustration: Vira Koval")

    assert "Photo:" not in page
    assert "Illustration: Vira Koval" in page


def test_words_around_a_picture_are_words():
    page = rendered(alt='"><script>', caption="<script>", credit="<script>", licence="<script>")

    assert "<script>" not in page


@given(
    width=st.integers(400, 20_000),
    height=st.integers(400, 20_000),
    crop=st.sampled_from(renditions.CROPS),
)
def test_a_page_names_only_files_that_are_made(width, height, crop):
    picture = renditions.picture(replace(PHOTO, width=width, height=height, crop=crop), "")

    widths = renditions.widths(width, height, crop)
    made = {renditions.name(PHOTO.file, crop, w, kind) for w in widths for kind in renditions.CONTENT_TYPES}
    named = re.findall(r"(\S+) [0-9]+w", ", ".join([*(s.srcset for s in picture.sources), picture.srcset]))
    assert set(named) == made
    assert picture.src in made
    assert all(re.fullmatch(renditions.NAME, name) for name in made)
    assert picture.width == max(widths) <= width
    assert picture.height <= height


@pytest.mark.django_db
def test_the_names_a_page_uses_are_those_that_django_pictures_writes():
    photo = make.photo()

    written = {rendition.name for rendition in photo.original.get_picture_files_list()}

    assert written == {
        renditions.name(photo.rendition_name, crop, width, kind)
        for crop in PhotoUse.Crop.values
        for width in renditions.widths(photo.width, photo.height, crop)
        for kind in renditions.CONTENT_TYPES
    }
    assert {(r.width, r.height) for r in photo.original.get_picture_files_list()} == {
        (width, renditions.height(width, crop))
        for crop in PhotoUse.Crop.values
        for width in renditions.widths(photo.width, photo.height, crop)
    }


@pytest.mark.django_db
def test_every_file_a_published_story_names_is_there(reader):
    page = reader.get(make.published(photo=make.photo()).get_absolute_url())

    named = set(re.findall(r"/media/[^\s\",]+", page.content.decode()))
    assert len(named) == 3
    assert {reader.get(road).status_code for road in named} == {200}
