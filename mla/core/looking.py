"""Opening a file of somebody else's, to tell whether it can be opened: in a process of its own, with bounds.

Run as `python -m mla.core.looking KIND` with the file as its standard input; answers one line of JSON. It imports
nothing of the application: what a hostile file makes of it costs one small process.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
import zipfile
from collections.abc import Callable
from typing import BinaryIO

#: Bounds of the process. Memory is address space: libraries reserve more than they use.
MEMORY = 1_500 * 1024 * 1024
PROCESSOR_SECONDS = 40
#: Pages of a PDF; pixels of one picture (A3 at 600 dots per inch has 70 million); pictures in one file.
MOST_PAGES = 10_000
MOST_PIXELS = 100_000_000
MOST_FRAMES = 2_000
#: A packed file (office documents are such): files in it, bytes when unpacked, and how much smaller packed.
MOST_PACKED = 10_000
MOST_UNPACKED = 1024 * 1024 * 1024
LARGEST_RATIO = 200
#: Below this nothing is a bomb, however well it packs.
_SMALL = 20 * 1024 * 1024

Problem = tuple[str, dict[str, object]]


class Refused(Exception):
    def __init__(self, code: str, **details: object) -> None:
        self.code, self.details = code, details
        super().__init__(code)


def look_at(kind: str, file: BinaryIO) -> str:
    """Return the media type after a look inside; it differs from `kind` for a packed file that is a document.

    Raises:
        Refused: encrypted, broken, or larger inside than is taken.
    """
    if kind == "application/pdf":
        _pdf(file)
    elif kind.startswith("image/"):
        _picture(file)
    elif kind in PACKED:
        return _packed(kind, file)
    return kind


_OOXML = "application/vnd.openxmlformats-officedocument"
PACKED = frozenset(
    {
        "application/zip",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
        f"{_OOXML}.wordprocessingml.document",
        f"{_OOXML}.spreadsheetml.sheet",
    }
)
_TOLD_BY = {
    "word/document.xml": f"{_OOXML}.wordprocessingml.document",
    "xl/workbook.xml": f"{_OOXML}.spreadsheetml.sheet",
}


def _pdf(file: BinaryIO) -> None:
    import pikepdf

    try:
        pdf = pikepdf.open(file)
    except pikepdf.PasswordError as error:
        raise Refused("encrypted") from error
    except pikepdf.PdfError as error:
        raise Refused("broken") from error
    with pdf:
        if pdf.is_encrypted:
            raise Refused("encrypted")
        if any("damaged" in told or "reconstruct" in told for told in map(str, pdf.get_warnings())):
            raise Refused("broken")
        pages = len(pdf.pages)
        if not pages:
            raise Refused("broken")
        if pages > MOST_PAGES:
            raise Refused("pages", most=MOST_PAGES, found=pages)
        for one in pdf.objects:
            if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image":
                _pixels(_number(one.get("/Width")), _number(one.get("/Height")))
        if any("damaged" in told for told in map(str, pdf.get_warnings())):
            raise Refused("broken")


def _number(value: object) -> int:
    try:
        return int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return 0


def _pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise Refused("pixels", most=MOST_PIXELS // 1_000_000, found=width * height // 1_000_000)


def _picture(file: BinaryIO) -> None:
    from PIL import Image, UnidentifiedImageError

    # The size is read from the head of each picture before any of it is unpacked.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(file, formats=("PNG", "JPEG", "TIFF")) as picture:
            frames = getattr(picture, "n_frames", 1)
            if frames > MOST_FRAMES:
                raise Refused("frames", most=MOST_FRAMES, found=frames)
            for frame in range(frames):
                picture.seek(frame)
                _pixels(*picture.size)
                picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, UnidentifiedImageError) as error:
        raise Refused("broken") from error


def _packed(kind: str, file: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PACKED:
                raise Refused("packed", most=MOST_PACKED, found=len(parts))
            if any(part.flag_bits & 1 for part in parts):
                raise Refused("encrypted")
            unpacked = sum(part.file_size for part in parts)
            small = sum(part.compress_size for part in parts) or 1
            if unpacked > MOST_UNPACKED or (unpacked > _SMALL and unpacked / small > LARGEST_RATIO):
                raise Refused("unpacked", found=unpacked // (1024 * 1024))
            names = {part.filename for part in parts}
            if _encrypted_document(packed, names):
                raise Refused("encrypted")
            # What the directory says of the sizes was a claim: each part is read, and at most as much as it says.
            for part in parts:
                _read(packed, part)
            return next((told for name, told in _TOLD_BY.items() if name in names), kind)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, zlib_error(), ValueError) as error:
        raise Refused("broken") from error


def zlib_error() -> type[Exception]:
    import zlib

    return zlib.error


def _encrypted_document(packed: zipfile.ZipFile, names: set[str]) -> bool:
    """Tell whether an OpenDocument file has its parts encrypted; the packing itself does not say."""
    manifest = "META-INF/manifest.xml"
    if manifest not in names:
        return False
    with packed.open(manifest) as part:
        return b"encryption-data" in part.read(1024 * 1024)


def _read(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    left = part.file_size
    with packed.open(part) as content:
        while piece := content.read(min(1024 * 1024, left + 1)):
            left -= len(piece)
            if left < 0:
                raise Refused("broken")


def bounded(limits: Callable[[int, tuple[int, int]], None] = resource.setrlimit) -> None:
    """Set the bounds of this process. It also loses the right to write a file of any size."""
    limits(resource.RLIMIT_AS, (MEMORY, MEMORY))
    limits(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    limits(resource.RLIMIT_FSIZE, (0, 0))
    limits(resource.RLIMIT_CORE, (0, 0))


def main(kind: str) -> int:
    bounded()
    warnings.simplefilter("ignore")
    try:
        answer: dict[str, object] = {"kind": look_at(kind, sys.stdin.buffer)}
    except Refused as refused:
        answer = {"refused": refused.code, **refused.details}
    except (MemoryError, RecursionError):
        answer = {"refused": "heavy"}
    print(json.dumps(answer))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
