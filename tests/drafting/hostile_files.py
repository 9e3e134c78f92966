"""Files that must not become annexes, and their sound twins, made here byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def pdf(pages: int = 1, *, size: tuple[int, int] = (595, 842), rotate: int = 0) -> bytes:
    made = pikepdf.new()
    for _number in range(pages):
        page = made.add_blank_page(page_size=size)
        if rotate:
            page.obj.Rotate = rotate
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def pdf_encrypted(user: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as made:
        made.save(out, encryption=pikepdf.Encryption(owner="test-owner", user=user))
    return out.getvalue()


def pdf_cut() -> bytes:
    whole = pdf(20)
    return whole[: len(whole) // 2]


def pdf_with_huge_picture() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as made:
        picture = made.make_stream(b"x")
        picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        picture.Width, picture.Height = 200_000, 200_000
        made.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
        made.save(out)
    return out.getvalue()


def word(*, more: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        packed.writestr("_rels/.rels", "<Relationships/>")
        packed.writestr("word/document.xml", "<w:document/>")
        for name, content in (more or {}).items():
            packed.writestr(name, content)
    return out.getvalue()


def word_bomb() -> bytes:
    return word(more={"word/media/image1.bin": bytes(64 * 1024 * 1024)})


def word_cut() -> bytes:
    whole = word(more={"word/a.bin": bytes(range(256)) * 40})
    return whole[:-60]


def word_damaged() -> bytes:
    """One byte of a part is another: its checksum says so."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<w:document>the text of the document</w:document>")
    return out.getvalue().replace(b"the text", b"not text")


def word_encrypted() -> bytes:
    """The beginning of a compound file with the part that encrypted office files have; enough for its kind."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return head + "EncryptedPackage".encode("utf-16-le") + bytes(2000)


def zip_encrypted() -> bytes:
    """A packed document whose parts say that they are encrypted."""
    made = bytearray(word())
    at = 0
    while (at := made.find(b"PK\x01\x02", at)) >= 0:
        made[at + 8] |= 1
        at += 4
    return bytes(made)


def text_encrypted() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        packed.writestr("META-INF/manifest.xml", "<manifest:manifest><manifest:encryption-data/></manifest:manifest>")
        packed.writestr("content.xml", b"\x8f\x01\xfe")
    return out.getvalue()


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, kind)
    return out.getvalue()


def picture_bomb() -> bytes:
    """A picture of 40 000 by 40 000 that takes a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!L", len(data)) + name + data + struct.pack("!L", zlib.crc32(name + data))

    head = struct.pack("!LLBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def picture_cut() -> bytes:
    whole = picture("JPEG")
    return whole[: len(whole) // 2]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SVG_LATE = b"<?xml version='1.0'?>\n<!-- " + b"x" * 400 + b' -->\n<a:svg xmlns:a="http://www.w3.org/2000/svg"/>'
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]><x>&c;</x>'
)
PAGE = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(300)
