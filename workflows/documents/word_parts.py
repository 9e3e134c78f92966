"""The letter's page, taken apart for a word processor: paragraphs, headings and tables, each with a key of its own.

Pure. The parts are those of the same page that the PDF is made from, so that wording, numbers, tables and languages are
the same; the keys come back with an edited copy and say which part a paragraph was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import lxml.html

#: Begins the name of every bookmark that the working copy has; hidden in a word processor, as the underscore says.
KEY: Final = "_mla"
#: The same for the translation beside it.
OTHER_KEY: Final = "_mlb"

Style = Literal[
    "title", "heading", "subheading", "para", "text", "office", "name", "small", "meta", "digest", "caption", "cell", "fill", "framed"
]  # fmt: skip

_HEADINGS: Final[dict[str, Style]] = {"h1": "title", "h2": "heading", "h3": "subheading"}
_STYLES: Final[dict[str, Style]] = {
    "para": "para", "office": "office", "office-line": "small", "addressee-name": "name", "kind": "small",
    "meta": "meta", "digest": "digest", "fill": "fill", "signature-line": "small",
}  # fmt: skip
#: What stands on every page, and what is true of the PDF alone: the attached content, the code to check it by.
_LEFT_OUT: Final = frozenset({"page-head", "page-foot", "integrity", "check", "signature-field", "qr"})
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a\u202c\ufeff]")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look. `direction`: its own, empty for that of the paragraph. A line end in it is one."""

    text: str
    bold: bool = False
    fixed: bool = False
    direction: str = ""
    #: A number that the word processor counts: "page" or "pages".
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `number`: of the letter, 0 for what is not numbered; `key` empty inside a row, which has one itself."""

    style: Style
    runs: tuple[Run, ...]
    key: str = ""
    number: int = 0

    @property
    def text(self) -> str:
        return plain("".join(run.text for run in self.runs))


@dataclass(frozen=True, slots=True)
class Cell:
    texts: tuple[Text, ...]
    heads: bool = False
    span: int = 1


@dataclass(frozen=True, slots=True)
class TableRow:
    cells: tuple[Cell, ...]
    key: str
    heads: bool = False

    @property
    def text(self) -> str:
        return plain(CELLS.join(" ".join(text.text for text in cell.texts) for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Table:
    """`kind` is its class in the page, `columns` those of its columns, by which the style sheet gives widths."""

    kind: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class Break:
    """What follows begins on a new page."""


Piece = Text | Table | Break
#: Between the cells of a row, where a row is one line of text.
CELLS: Final = " | "


@dataclass(frozen=True, slots=True)
class WordParts:
    """The whole letter. `head` and `foot` stand on every page; each line of the foot has two ends."""

    language: str
    direction: str
    han: str
    title: str
    head: tuple[Run, ...]
    foot: tuple[tuple[tuple[Run, ...], tuple[Run, ...]], ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A paragraph or a row of a table as one text, which an edited copy is compared by.

    `other`: it stands in the column of the translation. `cells`: the two of a row that has lost its keys.
    """

    key: str
    text: str
    number: int = 0
    other: bool = False
    cells: tuple[str, ...] = ()


def word_parts(page: str) -> WordParts:
    """Return the parts of a letter's page (`preview.letter_page`)."""
    root = lxml.html.document_fromstring(page)
    found = root.xpath("//*[@id='page-head']")
    lines = [
        tuple(_runs(end) for end in line.xpath("./*"))
        for line in root.xpath("//*[@id='page-foot']/*[contains(@class, 'foot-line')]")
    ]
    body = _Walk()
    body.walk(root.body)
    return WordParts(
        language=root.get("lang") or "en",
        direction=root.get("dir") or "ltr",
        han=(root.get("class") or "").removeprefix("han-"),
        title=root.findtext(".//title") or "",
        head=_runs(found[0]) if found else (),
        foot=tuple((line[0], line[1]) for line in lines if len(line) == 2),
        pieces=tuple(body.pieces),
    )


def units_of(parts: WordParts) -> list[Unit]:
    """Return the letter as the lines that are compared, in their order."""
    found: list[Unit] = []
    for piece in parts.pieces:
        if isinstance(piece, Text):
            found.append(Unit(piece.key, piece.text, piece.number))
        elif isinstance(piece, Table):
            found += [Unit(row.key, row.text) for row in piece.rows]
    return [unit for unit in found if unit.text.replace("|", "").strip()]


def plain(text: str) -> str:
    """Return a text as it is compared: one space for any, none at its ends, no invisible place to break at.

    Nor the marks by which a word processor sets a run apart. What turns the order of letters round stays, to be seen.
    """
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


class _Walk:
    """Collects the pieces of the page's body, and counts their keys."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._keys = 0

    def _key(self) -> str:
        self._keys += 1
        return f"{KEY}{self._keys}"

    def walk(self, element: Any, framed: bool = False) -> None:
        for child in element:
            if not isinstance(child.tag, str) or _named(child) & _LEFT_OUT:
                continue
            classes = _named(child)
            if child.tag == "table":
                self._table(child)
            elif child.tag in ("p", *_HEADINGS):
                self._text(child, framed)
            else:
                if "certificate" in classes and self.pieces:
                    self.pieces.append(Break())
                self.walk(child, framed or "urgent" in classes)

    def _text(self, element: Any, framed: bool) -> None:
        runs = _runs(element)
        if not runs:
            return
        classes = (element.get("class") or "").split()
        style: Style = "framed" if framed else "text"
        if element.tag in _HEADINGS:
            style = _HEADINGS[element.tag]
        elif named := [_STYLES[name] for name in classes if name in _STYLES]:
            style = named[0]
        number = re.fullmatch(r"p([0-9]+)", element.get("id") or "") if style == "para" else None
        self.pieces.append(Text(style, runs, self._key(), int(number[1]) if number else 0))

    def _table(self, table: Any) -> None:
        for caption in table.xpath("./caption"):
            if runs := _runs(caption):
                self.pieces.append(Text("caption", runs, self._key()))
        rows = [
            TableRow(tuple(_cell(cell) for cell in row.xpath("./th|./td")), self._key(), group.tag == "thead")
            for group in table.xpath("./thead|./tbody")
            for row in group.xpath("./tr")
        ]
        columns = tuple(column.get("class") or "" for column in table.xpath("./colgroup/col"))
        self.pieces.append(Table((table.get("class") or "").split(" ")[0], columns, tuple(rows)))


def _cell(cell: Any) -> Cell:
    paragraphs = cell.xpath("./p")
    texts = [Text("cell", runs) for each in (paragraphs or [cell]) if (runs := _runs(each))]
    return Cell(tuple(texts), cell.tag == "th", int(cell.get("colspan") or 1))


def _named(element: Any) -> set[str]:
    return {element.get("id") or "", *(element.get("class") or "").split()} - {""}


def _runs(element: Any) -> tuple[Run, ...]:
    """Return the text of an element as runs, white space as a browser shows it."""
    made: list[Run] = []
    for run in _inside(element, Run("")):
        before = made[-1].text if made else "\n"
        text = run.text
        if text != "\n" and before.endswith((" ", "\n")):
            text = text.removeprefix(" ")
        if not text and not run.counts:
            continue
        last = made[-1] if made else None
        if (
            last
            and not (last.counts or run.counts)
            and (last.bold, last.fixed, last.direction) == (run.bold, run.fixed, run.direction)
        ):
            made[-1] = Run(last.text + text, run.bold, run.fixed, run.direction)
        else:
            made.append(Run(text, run.bold, run.fixed, run.direction, run.counts))
    while made and not made[-1].counts and not made[-1].text.strip(" \n"):
        made.pop()
    if made and not made[-1].counts:
        last = made[-1]
        made[-1] = Run(last.text.rstrip(" \n"), last.bold, last.fixed, last.direction)
    return tuple(made)


def _inside(element: Any, look: Run) -> Iterator[Run]:
    if element.text:
        yield _like(look, element.text)
    for child in element:
        if isinstance(child.tag, str):
            yield from _of_child(child, look)
        if child.tail:
            yield _like(look, child.tail)


def _of_child(child: Any, look: Run) -> Iterator[Run]:
    classes = (child.get("class") or "").split()
    if child.tag == "br":
        yield Run("\n", look.bold, look.fixed, look.direction)
    elif "page-number" in classes or "page-count" in classes:
        yield Run("", look.bold, look.fixed, look.direction, "page" if "page-number" in classes else "pages")
    elif child.tag != "wbr":
        yield from _inside(
            child,
            Run(
                "",
                look.bold or child.tag in ("b", "strong") or "marking" in classes,
                look.fixed or bool({"value", "digest"} & set(classes)),
                child.get("dir") or look.direction,
            ),
        )


def _like(look: Run, text: str) -> Run:
    return Run(_SPACE.sub(" ", text), look.bold, look.fixed, look.direction)
