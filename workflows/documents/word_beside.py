"""The parts of a letter and of its translation brought together for a word processor: paragraphs side by side, rows in turn.

What is the same in both stands once and belongs to the letter. A row of a table is followed by that of the translation,
since a cell of half its width holds neither. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from workflows.documents.pairing import LettersDiffer
from workflows.documents.word_parts import KEY, OTHER_KEY, Break, Piece, Table, TableRow, Text, Unit, WordParts

_UNLIKE: Final = "the original goes on there in another way than the translation"


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph and its translation, which stand beside each other."""

    source: Text
    other: Text


@dataclass(frozen=True, slots=True)
class RowPair:
    """A row of a table; `other` is None where the translation says the same."""

    source: TableRow
    other: TableRow | None


@dataclass(frozen=True, slots=True)
class TablePair:
    table: Table
    rows: tuple[RowPair, ...]


Beside = Text | Break | Pair | TablePair


def beside(source: WordParts, other: WordParts) -> list[Beside]:
    """Return both letters in the order of the original.

    Raises:
        LettersDiffer: one has a paragraph, heading or row that the other has not.
    """
    made: list[Beside] = []
    number = 0
    for at, one in enumerate(source.pieces):
        theirs = other.pieces[at] if at < len(other.pieces) else None
        if isinstance(one, Text):
            number = one.number or number
        made.append(_together(one, theirs, number))
    if len(other.pieces) > len(source.pieces):
        raise LettersDiffer(number, "", _UNLIKE)
    return made


def other_units(pieces: list[Beside]) -> list[Unit]:
    """Return what of the translation stands in the file, as the lines that are compared."""
    found: list[Unit] = []
    for piece in pieces:
        if isinstance(piece, Pair):
            found.append(Unit(piece.other.key, piece.other.text, piece.other.number))
        elif isinstance(piece, TablePair):
            found += [Unit(row.other.key, row.other.text) for row in piece.rows if row.other is not None]
    return [unit for unit in found if unit.text.replace("|", "").strip()]


def _together(one: Piece, other: Piece | None, number: int) -> Beside:
    if isinstance(one, Break) and isinstance(other, Break):
        return one
    if isinstance(one, Text) and isinstance(other, Text) and (one.style, one.number) == (other.style, other.number):
        if one.text == other.text and not one.number:
            return one
        return Pair(one, replace(other, key=_key(other.key)))
    if isinstance(one, Table) and isinstance(other, Table) and len(one.rows) == len(other.rows):
        return TablePair(one, tuple(_rows(one, other, number)))
    raise LettersDiffer(number, "", _UNLIKE)


def _rows(one: Table, other: Table, number: int) -> Iterator[RowPair]:
    for left, right in zip(one.rows, other.rows, strict=True):
        if len(left.cells) != len(right.cells):
            raise LettersDiffer(number, "", "the table after it has other rows in the translation than in the original")
        same = left.text == right.text
        yield RowPair(left, None if same else replace(right, key=_key(right.key)))


def _key(key: str) -> str:
    return OTHER_KEY + key.removeprefix(KEY)
