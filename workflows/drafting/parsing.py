"""Bytes of a letter file to plain JSON values: JSON or TOML, never an unexpected error for any bytes.

What comes out holds only objects with string keys, lists, cleaned strings, booleans, null and small
integers: exactly what has a canonical form. Dates are strings (RFC 3339).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from mla.core.canonical import LARGEST_INTEGER
from mla.core.errors import MlaError
from mla.core.text import TextRefused, clean

#: Bytes of a letter file, its annexes aside.
LARGEST_FILE = 5 * 1024 * 1024
#: Levels of objects and lists; a letter needs six.
DEEPEST = 20
#: Values in one file; a letter needs some hundreds.
MOST_VALUES = 20_000
#: Times that a character which makes structure may stand in a file, its texts included: what a reader
#: needs seconds for is refused before it is read.
MOST_MARKS = 60_000
#: Problems told at once.
MOST_PROBLEMS = 100

Kind = Literal["json", "toml"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a letter file. `where` is the path of the value or its line and column."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class LetterFileWrong(MlaError):
    """The file is no letter file; `problems` names every place, the first hundred of them."""

    def __init__(self, problems: Iterable[Problem], *, name: str = "") -> None:
        self.problems = tuple(problems)[:MOST_PROBLEMS]
        self.name = name
        told = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"{name}: {told}" if name else told)


def plain_from_bytes(data: bytes, *, name: str) -> dict[str, Any]:
    """Return the one object of the file as plain JSON values, its text cleaned.

    `name` decides by its suffix between JSON and TOML; without a known suffix the first character does.

    Raises:
        LetterFileWrong: for anything else, naming lines or paths.
    """
    if len(data) > LARGEST_FILE:
        limit = LARGEST_FILE // (1024 * 1024)
        message = _("the file is larger than %(limit)s MB; it was not read") % {"limit": limit}
        raise LetterFileWrong([Problem("", message)], name=name)
    text = _decoded(data, name)
    if any(text.count(mark) > MOST_MARKS for mark in "[{,:=\"'"):
        raise LetterFileWrong([_too_many("")], name=name)
    found = _json(text, name) if _kind(text, name) == "json" else _toml(text, name)
    return plain(found, name=name)


def plain(value: Any, *, name: str = "") -> dict[str, Any]:
    """Return parsed JSON or TOML as plain JSON values, its text in NFC with LF.

    Raises:
        LetterFileWrong: no object, too deep or too many values, a number that is not small and whole,
            an object key that stands twice, a forbidden character, a time without offset; each by path.
    """
    walk = _Walk()
    if not isinstance(value, dict | _Object):
        raise LetterFileWrong([Problem("", _("a letter file holds one object"))], name=name)
    result: dict[str, Any] = walk.value(value, "", 0)
    if walk.problems:
        raise LetterFileWrong(walk.problems, name=name)
    return result


def path_of(location: Iterable[str | int]) -> str:
    """Return `("items", 0, "period")` as ``items[0].period``."""
    path = ""
    for step in location:
        path = _join(path, step)
    return path


def _join(path: str, step: str | int) -> str:
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path else step


def _kind(text: str, name: str) -> Kind:
    suffix = name.rpartition(".")[2].lower()
    if suffix == "json":
        return "json"
    if suffix == "toml":
        return "toml"
    return "json" if text.lstrip().startswith("{") else "toml"


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        message = _("the file begins with a byte order mark; save it as UTF-8 without one")
        raise LetterFileWrong([Problem(_line_column(1, 1), message)], name=name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        message = _("the byte 0x%(byte)02X is not UTF-8") % {"byte": data[error.start]}
        raise LetterFileWrong([Problem(_line_column(line, column), message)], name=name) from error


def _line_column(line: int, column: int) -> str:
    return _("line %(line)s, column %(column)s") % {"line": line, "column": column}


@dataclass(frozen=True, slots=True)
class _Number:
    """A number that has no place in a letter: with a fraction, an exponent, too large, not a number."""

    text: str


@dataclass(frozen=True, slots=True)
class _Object:
    """An object whose keys stand more than once."""

    twice: tuple[str, ...]


def _whole(text: str) -> int | _Number:
    return int(text) if len(text) <= 11 else _Number(text)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Object:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    twice = dict.fromkeys(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return _Object(tuple(twice)[:MOST_PROBLEMS])


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_pairs, parse_float=_Number, parse_int=_whole, parse_constant=_Number)
    except json.JSONDecodeError as error:
        message = _("not valid JSON: %(why)s") % {"why": error.msg}
        raise LetterFileWrong([Problem(_line_column(error.lineno, error.colno), message)], name=name) from error
    except RecursionError as error:
        raise LetterFileWrong([_too_deep("")], name=name) from error


_AT = re.compile(r"^(?P<why>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.DOTALL)
#: Keys of many dotted parts cost the reader the square of their number. Text has no such run of
#: words (the longest honest one is a reverse IPv6 name, 34 parts).
_DOTTED = re.compile(r"""(?:\.[ \t]*(?:[\w-]{1,1000}|"[^"\n]{0,1000}"|'[^'\n]{0,1000}')[ \t]*){40}""")


def _toml(text: str, name: str) -> Any:
    # The standard library's reader takes CRLF but no lone CR.
    if long_key := _DOTTED.search(text):
        line = text.count("\n", 0, long_key.start()) + 1
        raise LetterFileWrong([_too_deep(_line_column(line, 1))], name=name)
    try:
        return tomllib.loads(text, parse_float=_Number)
    except tomllib.TOMLDecodeError as error:
        match = _AT.match(str(error))
        why = match["why"] if match else str(error)
        if match and match["line"]:
            where = _line_column(int(match["line"]), int(match["column"]))
        else:
            where = _line_column(text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1)
        message = _("not valid TOML: %(why)s") % {"why": _shown(why, 200)}
        raise LetterFileWrong([Problem(where, message)], name=name) from error
    except RecursionError as error:
        raise LetterFileWrong([_too_deep("")], name=name) from error
    except ValueError as error:
        # An integer of thousands of digits, a date that the calendar does not have.
        message = _("not valid TOML: %(why)s") % {"why": _shown(str(error), 200)}
        raise LetterFileWrong([Problem("", message)], name=name) from error


def _too_many(where: str) -> Problem:
    return Problem(where, _("the file has more than %(most)s values") % {"most": MOST_VALUES})


def _too_deep(where: str) -> Problem:
    return Problem(where, _("nested deeper than %(depth)s levels") % {"depth": DEEPEST})


def _shown(text: str, longest: int = 60) -> str:
    """Text of the file as it may stand in a message: short, nothing invisible."""
    short = text[:longest] + ("…" if len(text) > longest else "")
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short)


class _Walk:
    """Turns parsed values into plain ones and collects what is wrong, by path."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.count = 0

    def wrong(self, path: str, message: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(path, message))

    def value(self, value: Any, path: str, depth: int) -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            if self.count == MOST_VALUES + 1:
                self.problems.append(_too_many(path))
            return None
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self.text(value, path)
        if isinstance(value, dict | list | tuple):
            if depth >= DEEPEST:
                self.problems.append(_too_deep(path))
                return None
            if isinstance(value, dict):
                return self.mapping(value, path, depth)
            return [self.value(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
        return self.single(value, path)

    def mapping(self, value: dict[Any, Any], path: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in value.items():
            inner = _join(path, _shown(str(key)))
            if isinstance(key, str) and self.text(key, inner) == key:
                found[key] = self.value(item, inner, depth + 1)
            else:
                self.wrong(inner, _("this is no name of a field"))
        return found

    def single(self, value: Any, path: str) -> Any:
        if isinstance(value, int):
            if abs(value) <= LARGEST_INTEGER:
                return value
            value = _Number(str(value) if value.bit_length() < 200 else "")
        if isinstance(value, _Number | float):
            shown = _shown(value.text if isinstance(value, _Number) else repr(value), 30)
            self.wrong(
                path,
                _("%(number)s is not a small whole number; write amounts and long numbers as text in quotes")
                % {"number": shown},
            )
        elif isinstance(value, _Object):
            for key in value.twice:
                self.wrong(_join(path, _shown(key)), _("this field stands twice"))
        elif isinstance(value, dt.datetime):
            if value.tzinfo is not None:
                return value.isoformat()
            self.wrong(path, _("the time needs its UTC offset, such as 2026-03-01T08:00:00+01:00"))
        elif isinstance(value, dt.date):
            return value.isoformat()
        else:
            self.wrong(path, _("a %(kind)s has no place in a letter") % {"kind": type(value).__name__})
        return None

    def text(self, value: str, path: str) -> str:
        try:
            return clean(value)
        except TextRefused as error:
            self.wrong(path, str(error))
            return ""
