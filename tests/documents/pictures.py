"""Pages as small pictures made of letters: how much ink is where. A difference can be read in a review.

Rasterised by poppler, which we did not write. A cell is about 8.5 mm wide and 12 mm high; a picture of an eighth of that
would show each change of a font's version.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

#: Dots per inch of the raster, and dots of one cell.
_DPI, _WIDE, _HIGH = 24, 8, 11
_INK = " .:-=+*#%@"
#: Text fills a fifth of its lines with ink at the most: the steps are for that.
_STEPS = 36


def pictures_of(pdf: bytes, folder: Path) -> list[list[str]]:
    """Return one picture for each page, each a list of lines."""
    (folder / "letter.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", str(_DPI), "-gray", str(folder / "letter.pdf"), str(folder / "page")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return [_picture(page.read_bytes()) for page in sorted(folder.glob("page-*.pgm"))]


def far_apart(one: list[list[str]], other: list[list[str]]) -> list[str]:
    """Return in words which pages differ by more than a rasteriser's rounding."""
    if len(one) != len(other):
        return [f"{len(one)} pages instead of {len(other)}"]
    found = []
    for number, (left, right) in enumerate(zip(one, other, strict=True), start=1):
        cells = list(zip("".join(left), "".join(right), strict=True))
        apart = sum(abs(_INK.index(a) - _INK.index(b)) > 1 for a, b in cells)
        if apart > len(cells) * 0.02:
            found.append(f"page {number}: {apart} of {len(cells)} cells")
    return found


def written(pictures: list[list[str]]) -> str:
    """Return the pictures as a text file holds them, each page in a frame."""
    return "".join("".join(f"|{line}|\n" for line in page) + f"|{'_' * len(page[0])}|\n" for page in pictures)


def read(text: str) -> list[list[str]]:
    pages: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("|_"):
            pages.append([])
        else:
            pages[-1].append(line[1:-1])
    return pages[:-1]


def _picture(pgm: bytes) -> list[str]:
    kind, size, _depth, dots = pgm.split(b"\n", 3)
    assert kind == b"P5"
    width, height = map(int, size.split())
    lines = []
    for top in range(0, height, _HIGH):
        line = ""
        for left in range(0, width, _WIDE):
            cell = b"".join(
                dots[row * width + left : row * width + min(left + _WIDE, width)]
                for row in range(top, min(top + _HIGH, height))
            )
            ink = 1 - sum(cell) / 255 / len(cell)
            line += _INK[min(len(_INK) - 1, round(ink * _STEPS))]
        lines.append(line)
    return lines
