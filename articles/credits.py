"""Whose work a picture says it is, in the three places where cameras, agencies and editors write that."""

import html
import re
from contextlib import suppress

from PIL import ExifTags, Image, IptcImagePlugin

from .richtext import clean_text

LONGEST = 120


def credit_of(image: Image.Image) -> str:
    """
    The creator and the provider a picture names, or else the owner of its rights; "" if it names nobody.

    Read from IPTC-IIM (2:80, 2:110, 2:116), XMP (dc:creator, photoshop:Credit, dc:rights) and EXIF (Artist,
    Copyright), in this order. What is damaged or missing is passed over.
    """
    iptc, xmp, exif = {}, "", {}
    with suppress(Exception):
        iptc = IptcImagePlugin.getiptcinfo(image) or {}
    with suppress(Exception):
        xmp = image.info["xmp"].decode()
    # Asked for a PNG's EXIF that does not stand in its header, Pillow would decode the picture.
    if "exif" in image.info:
        with suppress(Exception):
            exif = image.getexif()
    creator = _iptc(iptc, 80) or _xmp(xmp, "dc:creator") or _exif(exif, ExifTags.Base.Artist)
    provider = _iptc(iptc, 110) or _xmp(xmp, "photoshop:Credit")
    owner = _iptc(iptc, 116) or _xmp(xmp, "dc:rights") or _exif(exif, ExifTags.Base.Copyright)
    names = [creator, "" if provider == creator else provider]
    return (" / ".join(filter(None, names)) or owner)[:LONGEST].strip()


def _iptc(fields: dict, number: int) -> str:
    values = fields.get((2, number)) or b""
    return _line(b", ".join(values) if isinstance(values, list) else values)


def _xmp(packet: str, name: str) -> str:
    """The value of a property, which is an attribute or an element, perhaps with a list in it."""
    attribute = re.search(rf'{name}="([^"]*)"', packet)
    element = re.search(rf"<{name}>(.*?)</{name}>", packet, re.DOTALL)
    parts = [attribute[1]] if attribute else re.split("<[^>]*>", element[1]) if element else []
    return _line(html.unescape(", ".join(part.strip() for part in parts if part.strip())).encode())


def _exif(fields, tag: int) -> str:
    # Pillow reads it as Latin, as the standard's ASCII allows; what cameras write today is UTF-8.
    return _line(str(fields.get(tag) or "").encode("latin-1", "replace"))


def _line(value: bytes) -> str:
    """One clean line of what is in UTF-8, or else in Latin."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return " ".join(clean_text(text).split())
