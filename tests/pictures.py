"""Pictures no ordinary camera makes, written byte by byte: hostile, talkative, turned, or in other colours."""

import io
import struct
import zlib

from PIL import ExifTags, Image

CANARY = "canary-5f1d"


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def png(width: int, height: int, rows: bytes, *, depth: int = 8, colours: int = 2) -> bytes:
    """A PNG, whatever its header claims. `colours` is 0 for grey, 2 for RGB; each of the `rows` begins with a 0."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def bomb(side: int) -> bytes:
    """A black square of one bit a pixel, complete: 13,000 of them on a side take 21 KB."""
    return png(side, side, bytes(1 + -(-side // 8)) * side, depth=1, colours=0)


def header_only(side: int) -> bytes:
    return png(side, side, b"", depth=1, colours=0)


def animation(frames: int) -> bytes:
    """A GIF that shows the same frame again and again."""
    still = encoded(Image.new("P", (400, 400)), "GIF")
    start = still.index(b",", 13 + 3 * 2 ** ((still[10] & 7) + 1))
    return still[:start] + still[start:-1] * frames + b";"


def exif(**words: str) -> bytes:
    """An EXIF block with these tags, the place, a maker's note and a thumbnail in IFD1."""
    block = Image.Exif()
    for name, value in words.items():
        block[ExifTags.Base[name]] = value
    place = block.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (50.0, 27.0, 0.0)
    place[ExifTags.GPS.GPSAreaInformation] = CANARY.encode()
    block.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = CANARY.encode()
    return _with_thumbnail(block.tobytes(), encoded(Image.new("RGB", (16, 16)), "JPEG", comment=CANARY))


def _with_thumbnail(block: bytes, thumbnail: bytes) -> bytes:
    head, tiff = block[:6], bytearray(block[6:])
    (entries,) = struct.unpack_from(">H", tiff, 8)
    struct.pack_into(">I", tiff, 8 + 2 + 12 * entries, len(tiff))
    after = len(tiff) + 2 + 2 * 12 + 4
    tiff += struct.pack(">HHHIIHHIII", 2, 0x0201, 4, 1, after, 0x0202, 4, 1, len(thumbnail), 0)
    return head + bytes(tiff) + thumbnail


def xmp(**properties: str) -> bytes:
    """An XMP packet; `dc_creator` is a list, as the standard has it, the others are attributes."""
    creator = properties.pop("dc_creator", "")
    attributes = " ".join(f'{name.replace("_", ":")}="{value}"' for name, value in properties.items())
    return f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
      <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about="{CANARY}" {attributes}>
      <dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>
      </rdf:Description></rdf:RDF></x:xmpmeta>""".encode()


def with_iptc(jpeg: bytes, fields: dict[int, bytes]) -> bytes:
    """A JPEG with IPTC-IIM fields of record 2, in the Photoshop segment where agencies write them."""
    data = b"".join(struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value for number, value in fields.items())
    resource = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(data)) + data + b"\0" * (len(data) % 2)
    segment = b"Photoshop 3.0\0" + resource
    return jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


def display_p3() -> bytes:
    """An ICC profile with the primaries of Display P3, the curve of sRGB, and our canary as its description."""

    def s15(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def point(*values: float) -> bytes:
        return b"XYZ " + bytes(4) + s15(*values)

    text = CANARY.encode() + b"\0"
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + s15(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text" + bytes(4) + text,
        b"wtpt": point(0.9642, 1.0, 0.8249),
        b"rXYZ": point(0.51512, 0.24120, -0.00105),
        b"gXYZ": point(0.29198, 0.69225, 0.04189),
        b"bXYZ": point(0.15710, 0.06657, 0.78407),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += struct.pack(">4sII", name, 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4xI", 128 + len(table) + len(body), 0x02100000) + b"mntrRGB XYZ " + bytes(12) + b"acsp"
    return header.ljust(68, b"\0") + s15(0.9642, 1.0, 0.8249) + bytes(48) + table + body
