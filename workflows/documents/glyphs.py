"""Whether the shipped fonts can print a text. A character without a glyph would be an empty box in a court file.

The chain of families here is the one in letter.css (a test compares them). Fontconfig is asked once
per process where each family lies; nothing is read from the letter but its characters.
"""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from fontTools.ttLib import TTFont

from mla.core.text import BIDIRECTIONAL
from workflows.documents.limits import RenderFailed, texts_of

#: Without these no letter is rendered at all; the Debian packages that bring them are in docs/letter-design.md.
REQUIRED_FAMILIES: Final = ("Noto Serif", "Noto Sans Mono")
#: Families of the letter in their order; a family that is not installed only narrows what can be printed.
FAMILIES: Final = (
    "Noto Serif",
    "Noto Naskh Arabic",
    "Noto Serif Hebrew",
    "Noto Serif Armenian",
    "Noto Serif Georgian",
    "Noto Serif Devanagari",
    "Noto Serif Bengali",
    "Noto Serif Gurmukhi",
    "Noto Serif Gujarati",
    "Noto Sans Oriya",
    "Noto Serif Tamil",
    "Noto Serif Telugu",
    "Noto Serif Kannada",
    "Noto Serif Malayalam",
    "Noto Serif Sinhala",
    "Noto Serif Thai",
    "Noto Serif Lao",
    "Noto Serif Khmer",
    "Noto Serif Myanmar",
    "Noto Serif Tibetan",
    "Noto Serif Ethiopic",
    "Noto Sans Thaana",
    "Noto Sans Mongolian",
    "Noto Serif CJK SC",
    "Noto Serif CJK TC",
    "Noto Serif CJK JP",
    "Noto Serif CJK KR",
    "Noto Sans Math",
    "Noto Sans Symbols",
    "Noto Sans Symbols2",
)


class FontsMissing(RenderFailed):
    """The machine lacks a font without which no letter is printed."""

    def __init__(self, families: Iterable[str]) -> None:
        self.families = tuple(families)
        super().__init__(
            "glyph_missing",
            f"the font {', '.join(self.families)} is not installed (Debian: fonts-noto-core, fonts-noto-mono, fonts-noto-cjk)",
        )

    @property
    def final(self) -> bool:
        return False


@lru_cache(maxsize=1)
def installed_fonts() -> dict[str, tuple[str, int]]:
    """Return file and index within the file of the regular face of each family that is installed.

    Raises:
        FontsMissing: fontconfig is not there, or a required family is not.
    """
    try:
        listing = subprocess.run(
            ["fc-list", "--format", "%{family[0]}\t%{file}\t%{index}\t%{style[0]}\n"],
            capture_output=True, text=True, check=True, timeout=30,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise FontsMissing(["fontconfig (fc-list)"]) from error
    found: dict[str, tuple[str, int]] = {}
    for line in sorted(listing.splitlines()):
        family, path, index, style = line.split("\t")
        if family in FAMILIES + REQUIRED_FAMILIES and style == "Regular":
            found.setdefault(family, (path, int(index) & 0xFFFF))
    if missing := [family for family in REQUIRED_FAMILIES if family not in found]:
        raise FontsMissing(missing)
    return found


@lru_cache(maxsize=1)
def coverage() -> frozenset[int]:
    """Return the code points that the installed families of the chain can print."""
    points: set[int] = set()
    for family, (path, index) in installed_fonts().items():
        if family in FAMILIES:
            with TTFont(path, fontNumber=index, lazy=True) as font:
                points.update(font.getBestCmap())
    # Fonts have glyphs of no width for them. No text comes in with one (mla.core.text); what came by another way stops here.
    return frozenset(points - set(map(ord, BIDIRECTIONAL)))


def printable(character: str) -> bool:
    """Whether a character has a glyph, or needs none."""
    return ord(character) in coverage() or _needs_no_glyph(character)


def _needs_no_glyph(character: str) -> bool:
    """Line ends, joiners and marks of direction steer the text and are not drawn (Unicode, 5.21)."""
    code = ord(character)
    return character in "\n\t\u00ad" or code in range(0x200B, 0x2010) or code in range(0xFE00, 0xFE10) or code == 0x61C


@dataclass(frozen=True, slots=True)
class Missing:
    """A character that no font of the letter has: in which text it stands first, and where there."""

    place: str
    line: int
    column: int
    character: str

    @property
    def code(self) -> str:
        return f"U+{ord(self.character):04X}"

    @property
    def name(self) -> str:
        return unicodedata.name(self.character, "a character without a name")


def missing_glyphs(content: Mapping[str, Any]) -> Iterator[Missing]:
    """Yield what the fonts cannot print, each character once for each text. `content`: any plain JSON.

    Raises:
        FontsMissing: the machine has no fonts to print any letter.
    """
    known = coverage()
    for path, text in texts_of(content):
        for character in sorted(set(text)):
            if ord(character) in known or _needs_no_glyph(character):
                continue
            at = text.index(character)
            yield Missing(path, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), character)


def check_glyphs(content: Mapping[str, Any]) -> None:
    """Refuse a text that the fonts cannot print. `content` is LetterFile.content(), or any plain JSON.

    Raises:
        RenderFailed: glyph_missing, naming the first such character, its field, line and column.
        FontsMissing: the machine has no fonts to print any letter.
    """
    for one in missing_glyphs(content):
        raise RenderFailed(
            "glyph_missing",
            f"line {one.line}, column {one.column} holds {one.code} ({one.name}), "
            "which no font of the letter can print; write it in another way",
            place=one.place,
        )
