"""Reading the register that an authority kept before, a CSV file, into lines. Pure: no table, no clock.

The format is told in docs/register-import.md. What a line says is checked in `importing_lines`; here the file is taken
apart without losing a character of it, or refused with words on what to do.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from mla.core.errors import MlaError
from mla.core.spreadsheet import plain_cell
from mla.core.text import TextRefused, clean

#: Bytes of a file, and lines of it. A larger register is brought in by several files.
LARGEST_FILE: Final = 20 * 1024 * 1024
MOST_LINES: Final = 20_000
#: Characters of one line: what an entry keeps of it.
LONGEST_LINE: Final = 40_000

#: The columns that are read, by their fixed English names; a header may also have their words in the reader's language.
COLUMNS: Final[Mapping[str, object]] = {
    "direction": gettext_lazy("direction"),
    "our_reference": gettext_lazy("our reference"),
    "their_reference": gettext_lazy("their reference"),
    "state": gettext_lazy("other State"),
    "authority": gettext_lazy("other authority"),
    "subject": gettext_lazy("subject"),
    "for_authority": gettext_lazy("for which authority of ours"),
    "executing_authority": gettext_lazy("executing authority"),
    "measures": gettext_lazy("measures"),
    "date": gettext_lazy("sent or received on"),
    "last_act": gettext_lazy("last act on"),
    "status": gettext_lazy("status"),
    "outcome": gettext_lazy("outcome"),
    "ground": gettext_lazy("ground of refusal"),
    "needed_by": gettext_lazy("urgent until"),
    "officer": gettext_lazy("officer"),
    "restricted": gettext_lazy("restricted"),
    "channel": gettext_lazy("channel"),
    "note": gettext_lazy("note"),
}
#: Without one of these nothing of the file can be understood.
REQUIRED: Final = ("direction", "our_reference", "state", "subject", "date", "status")


class RegisterUnreadable(MlaError):
    """The file is no CSV with the columns of a register; the message says what it is and what to do."""

    own_words = True


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one line: `column` as the file calls it, "" for the whole line; `known`: it was taken over already."""

    line: int
    column: str
    message: str
    known: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file. `number`: counted from 1 as an editor does; `cells`: [column, cell] in the file's order."""

    number: int
    text: str
    cells: tuple[tuple[str, str], ...]
    #: What is read of it, cleaned, by the names of COLUMNS.
    said: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """A file taken apart. `columns`: the file's word for each column that is read; `unread`: its other columns."""

    name: str
    sha256: str
    header: str
    delimiter: str
    columns: Mapping[str, str]
    unread: tuple[str, ...]
    lines: tuple[Line, ...] = field(repr=False)


def read_register(data: bytes, *, name: str) -> Register:
    """Return the lines of a CSV file; `name` is the file's, for messages and for the record.

    UTF-8 with or without a byte order mark; semicolon, comma or tab; quotes as Excel writes them.

    Raises:
        RegisterUnreadable: it is no such file, has no such columns, or its quotes do not close.
    """
    text = _text(data)
    rows = _rows(text)
    first = next(rows, None)
    while first is not None and not any(cell.strip() for cell in first[2]):
        first = next(rows, None)
    if first is None:
        raise RegisterUnreadable(_("The file is empty: the first line names the columns, each other line is a case."))
    _number, header_text, header = first
    header = [" ".join(cell.split()) for cell in header]
    columns = _columns(header)
    lines: list[Line] = []
    for number, raw, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(lines) == MOST_LINES:
            message = _(
                "The file has more than %(most)s lines: divide it, each part with the line that names the columns."
            )
            raise RegisterUnreadable(message % {"most": MOST_LINES})
        lines.append(_line(number, raw, cells, header, columns))
    if not lines:
        raise RegisterUnreadable(_("The file names its columns and has no case: each line after the first is a case."))
    read = set(columns.values())
    return Register(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        header=header_text,
        delimiter=_delimiter(text),
        columns={column: header[index] for column, index in columns.items()},
        unread=tuple(word for index, word in enumerate(header) if word and index not in read),
        lines=tuple(lines),
    )


# --- the bytes ---


def _text(data: bytes) -> str:
    if not data.strip():
        raise RegisterUnreadable(_("The file is empty: the first line names the columns, each other line is a case."))
    if len(data) > LARGEST_FILE:
        message = _(
            "The file has more than %(most)s megabytes: divide it, each part with the line that names the columns."
        )
        raise RegisterUnreadable(message % {"most": LARGEST_FILE // 2**20})
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        message = _(
            "This is a spreadsheet (.xlsx, .ods or .xls), not a CSV file. Open it, save it as “CSV UTF-8”, and choose that file."
        )
        raise RegisterUnreadable(message)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RegisterUnreadable(_("This is text in UTF-16. Save it as “CSV UTF-8”, and choose that file."))
    if data.startswith(b"%PDF"):
        raise RegisterUnreadable(
            _("This is a PDF. The register is read from a CSV file: save it as one in the program that made it.")
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = _(
            "Line %(line)s holds a character that is not UTF-8. Save the file as “CSV UTF-8”, and choose that file."
        )
        raise RegisterUnreadable(message % {"line": line}) from error
    if "\x00" in text:
        raise RegisterUnreadable(_("This is no text. Save the register as “CSV UTF-8”, and choose that file."))
    return text


_SEPARATOR = re.compile(r'\A"?sep=(.)"?\r?\n', re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_DELIMITERS = ";,\t"


def _delimiter(text: str) -> str:
    """Return what stands between the cells: as the file says in Excel's way, else what the header has most of."""
    said = _SEPARATOR.match(text)
    if said and said[1] in _DELIMITERS:
        return said[1]
    header = _QUOTED.sub("", text.lstrip("\r\n").split("\n", 1)[0])
    return max(_DELIMITERS, key=lambda one: (header.count(one), -_DELIMITERS.index(one)))


def _rows(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield each row with the number of its first line and its text as it stands in the file."""
    before = 0
    if said := _SEPARATOR.match(text):
        text, before = text[said.end() :], 1
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines), delimiter=_delimiter(text), strict=True)
    start = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = _(
                "The quotes of line %(line)s do not fit: a text with a separator, a quote or a line end stands in"
                " quotes, and a quote in it is written twice."
            )
            raise RegisterUnreadable(message % {"line": before + start + 1}) from error
        yield before + start + 1, "".join(lines[start : reader.line_num]).rstrip("\r\n"), cells
        start = reader.line_num


# --- the header ---


def folded(word: str) -> str:
    """Return a word as two people mean the same by it: case, spaces, hyphens and underscores say nothing."""
    return " ".join(re.sub(r"[\s_-]+", " ", word).split()).casefold()


def in_both_languages(words: Mapping[str, object]) -> dict[str, str]:
    """Return the code of each word, as it is, in English and in the active language, folded."""
    found: dict[str, str] = {}
    with override("en"):
        english = {code: str(word) for code, word in words.items()}
    for code, word in words.items():
        for one in (code, english[code], str(word)):
            found.setdefault(folded(one), code)
    return found


def _columns(header: list[str]) -> dict[str, int]:
    """Return the place of each column that is read."""
    named = in_both_languages(COLUMNS)
    found: dict[str, int] = {}
    for index, word in enumerate(header):
        column = named.get(folded(word))
        if column in found:
            raise RegisterUnreadable(_("The column “%(column)s” stands twice in the first line.") % {"column": word})
        if column is not None:
            found[column] = index
    missing = [column for column in REQUIRED if column not in found]
    if missing:
        message = _(
            "The first line of the file names the columns. It lacks: %(missing)s. The columns that are read are: %(known)s."
        )
        raise RegisterUnreadable(message % {"missing": ", ".join(missing), "known": ", ".join(COLUMNS)})
    return found


def _line(number: int, raw: str, cells: list[str], header: list[str], columns: Mapping[str, int]) -> Line:
    problems = []
    if any(cell.strip() for cell in cells[len(header) :]):
        message = _(
            "The line has %(cells)s cells, the first line of the file %(columns)s: a text with a separator in it must"
            " stand in quotes."
        )
        problems.append(Problem(number, "", message % {"cells": len(cells), "columns": len(header)}))
    if len(raw) > LONGEST_LINE:
        message = _("The line has %(length)s characters, at most %(most)s are taken: shorten the note.")
        problems.append(Problem(number, "", message % {"length": len(raw), "most": LONGEST_LINE}))
    cells = (cells + [""] * len(header))[: len(header)]
    said = {}
    for index, (word, cell) in enumerate(zip(header, cells, strict=True)):
        try:
            cells[index] = clean(plain_cell(cell)).strip()
        except TextRefused as refused:
            problems.append(Problem(number, word, str(refused)))
            cells[index] = "".join(one for one in cell if one.isprintable())
    for column, index in columns.items():
        said[column] = cells[index]
    pairs = tuple(zip(header, cells, strict=True))
    return Line(number, raw, pairs, said, tuple(problems))
