"""What a letter may cost to render. Every bound is stated here once, with what it was measured against.

Single fields are bounded by the letter file (20,000 characters of text, 300 of a line), its lists too;
a letter with every field at its longest would still have tens of millions of characters. So the whole is
bounded as well, at a size whose rendering was measured (tests/documents/test_rendering_limits.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from mla.core.errors import MlaError
from workflows.drafting.letterfile import LARGEST_LETTER, MOST_LINES

#: Characters of all texts of a letter together; the letter reader refuses more, so that nobody is told at the end.
LETTER_CHARACTERS = LARGEST_LETTER
#: Objects in all lists of a letter together: persons, facts, identifiers, annexes and so on.
LETTER_ENTRIES = 2_500
#: Line ends in all texts together: a letter of empty lines would have thousands of pages.
LETTER_LINES = MOST_LINES
#: A larger PDF than this is not a letter any more.
PDF_BYTES = 64 * 2**20
#: Pages; past it a judge reads no letter either.
PDF_PAGES = 400
#: Seconds of one rendering by the wall, and of processor time (a kernel limit on the fork).
WALL_SECONDS = 80.0
CPU_SECONDS = 60
#: Bytes of address space that the fork may take on top of what its parent already holds.
MEMORY_BYTES = 1_500 * 2**20

RenderKind = Literal["too_large", "timeout", "fetch_denied", "crash", "glyph_missing", "not_paired"]


class RenderFailed(MlaError):
    """No PDF was made, and none is stored. `kind` says why; `place` names the datum where there is one.

    A timeout and a crash can be tried again; the other kinds stay until the letter changes.
    """

    own_words = True

    def __init__(self, kind: RenderKind, message: str, place: str = "") -> None:
        self.kind, self.place = kind, place
        super().__init__(f"{place}: {message}" if place else message)

    @property
    def final(self) -> bool:
        """Whether another attempt with the same letter must fail in the same way."""
        return self.kind in ("too_large", "fetch_denied", "glyph_missing", "not_paired")


def begins_as_pdf(content: bytes) -> bool:
    """Tell whether a file begins as a PDF does, white space before it left out. What follows may be broken."""
    return content[:1024].lstrip().startswith(b"%PDF-")


def texts_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, text) for every string of plain JSON values, such as ``facts[0].text``."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts_of(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from texts_of(inner, f"{path}[{index}]")


def check_size(content: Mapping[str, Any]) -> None:
    """Refuse a letter that is too large to be rendered. `content` is LetterFile.content().

    Raises:
        RenderFailed: too_large, with the size and the bound in words.
    """
    entries = _entries(content)
    if entries > LETTER_ENTRIES:
        raise RenderFailed("too_large", f"the letter has {entries} entries, at most {LETTER_ENTRIES} can be printed")
    characters, lines, longest = 0, 0, ("", 0)
    for path, text in texts_of(content):
        characters += len(text)
        lines += text.count("\n")
        longest = max(longest, (path, len(text)), key=lambda found: found[1])
    if characters > LETTER_CHARACTERS:
        raise RenderFailed(
            "too_large",
            f"the letter has {characters} characters, at most {LETTER_CHARACTERS} can be printed; move long texts "
            f"into an annex (the longest is {longest[0]} with {longest[1]})",
        )
    if lines > LETTER_LINES:
        raise RenderFailed("too_large", f"the letter has {lines} line ends, at most {LETTER_LINES} can be printed")


def _entries(value: Any) -> int:
    if isinstance(value, Mapping):
        return 1 + sum(map(_entries, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sum(map(_entries, value))
    return 0
