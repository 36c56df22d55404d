"""Whose work a picture says it is, wherever it says so."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from articles.credits import LONGEST, credit_of
from tests import pictures


def credit(*, kind="JPEG", iptc=None, **metadata) -> str:
    content = pictures.encoded(Image.new("RGB", (8, 8)), kind, **metadata)
    with Image.open(io.BytesIO(pictures.with_iptc(content, iptc) if iptc else content)) as image:
        return credit_of(image)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, ""),
        ({"iptc": {80: b"Vira Koval", 110: b"Ukrinform", 116: b"(c) Ukrinform"}}, "Vira Koval / Ukrinform"),
        ({"iptc": {110: b"Ukrinform"}}, "Ukrinform"),
        ({"iptc": {80: b"Ukrinform", 110: b"Ukrinform"}}, "Ukrinform"),
        ({"iptc": {116: b"(c) Ukrinform"}}, "(c) Ukrinform"),
        ({"iptc": {80: "Віра Коваль".encode()}}, "Віра Коваль"),
        ({"iptc": {80: "Jörg Müller".encode("latin-1")}}, "Jörg Müller"),
        ({"iptc": {80: b"  Vira\0 \x07Koval\r\n"}}, "Vira Koval"),
        (
            {"xmp": pictures.xmp(dc_creator="Vira &amp; Anna", photoshop_Credit="Ukrinform")},
            "Vira & Anna / Ukrinform",
        ),
        ({"xmp": pictures.xmp(photoshop_Credit="Ukrinform")}, "Ukrinform"),
        ({"xmp": b"<dc:rights><rdf:Alt><rdf:li>(c) Vira</rdf:li></rdf:Alt></dc:rights>"}, "(c) Vira"),
        ({"exif": pictures.exif(Artist="Vira Koval")}, "Vira Koval"),
        ({"exif": pictures.exif(Copyright="(c) Vira Koval")}, "(c) Vira Koval"),
        ({"exif": pictures.exif(Artist="Vira"), "iptc": {80: b"Anna"}}, "Anna"),
    ],
)
def test_the_creator_and_the_provider_or_else_the_owner_are_credited(metadata, expected):
    assert credit(**metadata) == expected


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_every_type_with_a_place_for_it_is_read(kind):
    assert credit(kind=kind, exif=pictures.exif(Artist="Vira Koval")) == "Vira Koval"


def test_a_long_credit_is_cut_to_what_its_field_holds():
    assert credit(iptc={80: b"V" * 500}) == "V" * LONGEST


@given(exif=st.binary(max_size=60), xmp=st.binary(max_size=60), iptc=st.binary(max_size=60))
def test_damaged_metadata_name_nobody_or_somebody_but_are_no_error(exif, xmp, iptc):
    image = Image.new("RGB", (8, 8))
    image.info |= {"exif": b"Exif\0\0II*\0" + exif, "xmp": b'dc:creator="' + xmp, "photoshop": {0x0404: iptc}}

    assert len(credit_of(image)) <= LONGEST
