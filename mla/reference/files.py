"""The shipped reference data, read from its files into plain rows. No database here.

Each row keeps the file and line it came from, so that what is wrong with it can be told with its place.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from mla.reference.dates import is_whole_day, last_day
from mla.reference.errors import ReferenceDataWrong
from mla.reference.places import line_of

ROOT = Path(__file__).resolve().parent

#: What takes a fault where the reading goes on.
Noted = Callable[[ReferenceDataWrong], None]

#: Words of a note that take the certainty out of a row, whatever its confidence says.
_DOUBT = re.compile(r"general knowledge|verify|inferr|inference|to be confirmed|conflict|month only", re.IGNORECASE)


def doubted(note: str) -> bool:
    """Tell whether a note takes the certainty out of its row."""
    return _DOUBT.search(note) is not None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its values by column, and where it stands.

    `document` is the text of a TOML file and `base` the place of the row in it, to find the line of a key.
    """

    file: Path
    line: int
    values: dict[str, Any]
    document: str = field(default="", repr=False, compare=False)
    base: tuple[str | int, ...] = ()

    def wrong(self, message: str, *path: str | int) -> ReferenceDataWrong:
        """Return the error to raise, at the line of the key `path` below the row where that can be told."""
        line = line_of(self.document, (*self.base, *path)) if self.document and path else self.line
        return ReferenceDataWrong(self.file, line, message)

    def text(self, key: str, *, required: bool = False) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(f"{key} is not a text", key)
        if required and not value.strip():
            raise self.wrong(f"{key} is missing", key)
        return value.strip()

    def whole_date(self, key: str) -> date | None:
        """Return a date; a month or a year alone counts as its last day. None where empty."""
        value = self.values.get(key)
        if value in (None, ""):
            return None
        if isinstance(value, date):
            return value
        if isinstance(value, str) and re.fullmatch(r"\d{4}(-\d\d){0,2}", value):
            found = last_day(value)
            # Without the comparison "2026-13" would be read as the year before its dash.
            if found is not None and found.isoformat().startswith(value):
                return found
        raise self.wrong(f"{key} {value!r} is not a date (year, year-month or year-month-day)", key)

    def doubtful(self, confidence: str, *dates: str) -> bool:
        """Tell whether the row is to be confirmed: weak source, a note that says so, or a date of less than a day."""
        if confidence != "high" or doubted(self.text("note")):
            return True
        return any(self.text(key) and not is_whole_day(self.text(key)) for key in dates)


def _raised(error: ReferenceDataWrong) -> None:
    raise error


def csv_rows(root: Path, name: str, columns: frozenset[str], wrong: Noted = _raised) -> Iterator[Row]:
    """Yield the rows of `data/<name>`.

    A column that is missing or unknown, a row with more or fewer values and a file that is no CSV go to `wrong`,
    which raises them unless another is given; then the other rows are read.
    """
    path = root / "data" / name
    shown = path.relative_to(root)
    with _open(path, root) as source:
        reader = csv.DictReader(source, strict=True)
        found = frozenset(reader.fieldnames or ())
        if found != columns:
            wrong(
                ReferenceDataWrong(
                    shown, 1, f"columns are wrong: missing {sorted(columns - found)}, unknown {sorted(found - columns)}"
                )
            )
            return
        try:
            for values in reader:
                row = Row(shown, reader.line_num, values)
                if None in values or None in values.values():
                    wrong(row.wrong("the number of values is not the number of columns"))
                else:
                    yield row
        except (csv.Error, UnicodeDecodeError) as error:
            wrong(ReferenceDataWrong(shown, reader.line_num, str(error)))


def toml_rows(root: Path, name: str, table: str, key: str, wrong: Noted = _raised) -> Iterator[Row]:
    """Yield the entries of the array of tables `table` in `data/<name>`; `key` is what names an entry.

    A file that cannot be read and an entry without its key go to `wrong`, which raises them unless another is given.
    """
    path = root / "data" / name
    try:
        document, text = _toml(path, root)
    except ReferenceDataWrong as error:
        return wrong(error)
    entries = document.get(table)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return wrong(ReferenceDataWrong(path.relative_to(root), 1, f"has no [[{table}]]"))
    for index, entry in enumerate(entries):
        row = Row(path.relative_to(root), line_of(text, (table, index)), entry, text, (table, index))
        try:
            row.text(key, required=True)
        except ReferenceDataWrong as error:
            wrong(error)
        else:
            yield row


def instrument_files(root: Path) -> list[Path]:
    """Return the files of the instruments, each named after its code."""
    return sorted((root / "data" / "treaties").glob("*.toml"))


def measure_files(root: Path) -> list[Path]:
    """Return the files of the measures, each in a folder named after its slug."""
    return sorted((root / "measures").glob("*/measure.toml"))


def instrument_rows(root: Path, wrong: Noted = _raised) -> Iterator[Row]:
    """Yield one row per instrument; a file that cannot be read or has another's code goes to `wrong`."""
    for path in instrument_files(root):
        try:
            yield _named(path, root, "code", path.stem, "file")
        except ReferenceDataWrong as error:
            wrong(error)


def measure_rows(root: Path, wrong: Noted = _raised) -> Iterator[Row]:
    """Yield one row per measure; a file that cannot be read or has another's slug goes to `wrong`."""
    for path in measure_files(root):
        try:
            yield _named(path, root, "slug", path.parent.name, "folder")
        except ReferenceDataWrong as error:
            wrong(error)


def _named(path: Path, root: Path, key: str, name: str, what: str) -> Row:
    document, text = _toml(path, root)
    row = Row(path.relative_to(root), 1, document, text)
    if row.text(key, required=True) != name:
        raise row.wrong(f"{key} {document[key]!r} is not the {what}'s name", key)
    return row


@lru_cache(maxsize=1)
def ground_names() -> dict[str, str]:
    """Return the names of the coded grounds of refusal, in English, by code."""
    rows = toml_rows(ROOT, "refusal_grounds.toml", "ground", "code")
    return {row.text("code", required=True): row.text("name", required=True) for row in rows}


#: Final statuses of an item that leave something without a result, other than a refusal.
_WITHOUT_A_RESULT = frozenset({"impossible", "not_held", "partially_executed"})


@dataclass(frozen=True, slots=True)
class ImpossibleReason:
    """A coded reason why an accepted measure has no result, or not the whole. `name` in English."""

    code: str
    name: str
    #: Final statuses of an item that it fits.
    outcomes: frozenset[str]
    source: str
    to_be_confirmed: bool


@lru_cache(maxsize=1)
def impossible_reasons() -> dict[str, ImpossibleReason]:
    """Return the coded reasons of `data/impossible.toml` by code, in the order of the file.

    Raises:
        ReferenceDataWrong: naming file and line of an entry that lacks something or of a code that is there twice.
    """
    name = "impossible.toml"
    document, _text = _toml(ROOT / "data" / name, ROOT)
    found: dict[str, ImpossibleReason] = {}
    for row in toml_rows(ROOT, name, "reason", "code"):
        code = row.text("code", required=True)
        outcomes = row.values.get("outcomes")
        if code in found:
            raise row.wrong(f"{code} is there twice", "code")
        if not isinstance(outcomes, list) or not outcomes or not set(outcomes) <= _WITHOUT_A_RESULT:
            raise row.wrong(f"outcomes: some of {', '.join(sorted(_WITHOUT_A_RESULT))}", "outcomes")
        found[code] = ImpossibleReason(
            code=code,
            name=row.text("name", required=True),
            outcomes=frozenset(outcomes),
            source=str(document.get("source", "")),
            to_be_confirmed=document.get("status") != "verified",
        )
    return found


def reason_names() -> dict[str, str]:
    """Return the names of every coded ground and reason that an item can have, in English, by code."""
    return ground_names() | {code: one.name for code, one in impossible_reasons().items()}


def shipped_files(root: Path = ROOT) -> list[Path]:
    """Return the files whose content is the reference data, in a fixed order."""
    found = [path for folder in ("data", "measures") for path in (root / folder).rglob("*") if path.is_file()]
    return sorted(path for path in found if path.suffix in {".csv", ".toml"})


def data_version(root: Path = ROOT) -> str:
    """Return the SHA-256 over names and contents of the shipped files, 64 hexadecimal digits.

    Read again only when a file's size or time of change is another.
    """
    return _digest(root, tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in shipped_files(root)))


@lru_cache(maxsize=4)
def _digest(root: Path, files: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, _size, _changed in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _open(path: Path, root: Path) -> Any:
    try:
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise ReferenceDataWrong(path.relative_to(root), 1, f"cannot be read: {error.strerror}") from error


def _toml(path: Path, root: Path) -> tuple[dict[str, Any], str]:
    with _open(path, root) as source:
        try:
            text: str = source.read()
            return tomllib.loads(text), text
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"line (\d+)", str(error))
            line = int(at.group(1)) if at else text.count("\n") + 1
            raise ReferenceDataWrong(path.relative_to(root), line, f"is not TOML: {error}") from error
        except UnicodeDecodeError as error:
            raise ReferenceDataWrong(path.relative_to(root), 1, f"is not UTF-8: {error}") from error
