"""PDF files of a few kilobytes that unpack to a gigabyte where a reader looks unasked, and how much a reading takes."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

#: Bytes that each of them grows to.
GROWN = 1024 * 2**20
_TWICE = b"[/FlateDecode/FlateDecode]"


@cache
def _packed() -> bytes:
    packer, piece = zlib.compressobj(1), bytes(2**20)
    once = b"".join([*(packer.compress(piece) for _ in range(GROWN // len(piece))), packer.flush()])
    return zlib.compress(once, 9)


def pdf_bomb(kind: str) -> bytes:
    """Return a file whose bomb is its metadata, its attached content, an object stream or its cross-reference stream."""
    data = _packed()
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    begins: dict[int, int] = {}

    def put(number: int, body: bytes) -> None:
        begins[number] = len(out)
        out.extend(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def stream(head: bytes, content: bytes) -> bytes:
        return b"<<%s/Length %d>>stream\n%s\nendstream" % (head, len(content), content)

    more = {
        "metadata": b"/Metadata 4 0 R",
        "attachment": b"/Names<</EmbeddedFiles<</Names[(letter.json) 5 0 R]>>>>",
    }
    heads = {
        "metadata": b"/Type/Metadata/Subtype/XML",
        "attachment": b"/Type/EmbeddedFile",
        "objects": b"/Type/ObjStm/N 1/First 4",
    }
    put(1, b"<</Type/Catalog/Pages 2 0 R%s>>" % more.get(kind, b""))
    put(2, b"<</Type/Pages/Count 1/Kids[3 0 R]>>")
    put(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
    put(4, stream(b"%s/Filter%s" % (heads.get(kind, b""), _TWICE), data if kind != "references" else b""))
    put(5, b"<</Type/Filespec/F(letter.json)/UF(letter.json)/EF<</F 4 0 R>>>>")
    start = len(out)
    if kind == "references":
        head = b"/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R/Filter%s" % (GROWN // 6, _TWICE)
        put(6, stream(head, data))
    else:
        rows = b"".join(bytes([number > 0]) + begins.get(number, 0).to_bytes(4, "big") + b"\0" for number in range(6))
        rows += b"\1" + start.to_bytes(4, "big") + b"\0" + b"\2" + (4).to_bytes(4, "big") + b"\0"
        put(6, stream(b"/Type/XRef/Size 8/W[1 4 1]/Root 1 0 R/Info 7 0 R", rows))
    out.extend(b"startxref\n%d\n%%%%EOF\n" % start)
    return bytes(out)


KINDS = ("metadata", "attachment", "objects", "references")


@contextlib.contextmanager
def at_most(most: int) -> Iterator[None]:
    """Fail where this process had more bytes than that in memory at any time during the block."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _peak()
    yield
    assert _peak() - before < most


def _peak() -> int:
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) * 1024
