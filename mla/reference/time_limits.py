"""Time limits set by law or treaty and their extensions, from `data/time_limits.toml`. No database here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from mla.reference.files import ROOT, Row, toml_rows

_FILE = "time_limits.toml"
KINDS = ("acknowledgement", "decision", "execution", "preservation")
STARTS = ("received", "decided", "preserved")
_SIDES = ("requested", "requesting")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """One limit. `name`: English, for gettext. `days`: calendar days; None: its end stands in the case.

    `instrument` or `state` (ISO code of the requested State): where it holds. `measures`: for which items alone.
    """

    code: str
    name: str
    article: str
    kind: str
    start: str
    days: int | None
    source: str
    as_of: str
    to_be_confirmed: bool
    instrument: str = ""
    state: str = ""
    measures: frozenset[str] = frozenset()

    @property
    def cited(self) -> str:
        """The provision, as it stands beside a deadline."""
        return f"{self.instrument} {self.article}".strip()


@dataclass(frozen=True, slots=True)
class Extension:
    """How a limit is extended: by at most `days` each time, at most `times` (0: without a number). `by`: which State does it."""

    code: str
    name: str
    of: str
    article: str
    days: int
    times: int
    by: str
    tells: bool
    source: str
    as_of: str
    to_be_confirmed: bool

    @property
    def cited(self) -> str:
        return f"{time_limits()[self.of].instrument} {self.article}".strip()


@cache
def time_limits() -> Mapping[str, TimeLimit]:
    """Return the limits by code, in the order of the file; read once.

    Raises:
        ReferenceDataWrong: the file says something that cannot be; with its line.
    """
    return _by_code("limit", _limit)


@cache
def extensions() -> Mapping[str, Extension]:
    """Return the extensions by code, in the order of the file; read once. Raises as `time_limits`."""
    return _by_code("extension", _extension)


def _by_code(table: str, made: Callable[[Row], T]) -> Mapping[str, T]:
    found: dict[str, T] = {}
    for row in toml_rows(ROOT, _FILE, table, "code"):
        code = row.text("code")
        if code in found:
            raise row.wrong(f"code {code!r} stands twice", "code")
        found[code] = made(row)
    return found


def _limit(row: Row) -> TimeLimit:
    start = _one_of(row, "from", STARTS)
    if bool(row.text("instrument")) == bool(row.text("state")):
        raise row.wrong("a limit is of an instrument or of a State")
    if (start == "preserved") == ("days" in row.values):
        raise row.wrong("a limit has days, unless its end stands in the case", "from")
    measures = row.values.get("measures", [])
    if not isinstance(measures, list) or not all(isinstance(one, str) for one in measures):
        raise row.wrong("measures are a list of codes", "measures")
    return TimeLimit(
        code=row.text("code"), name=row.text("name", required=True), article=row.text("article", required=True),
        kind=_one_of(row, "kind", KINDS), start=start, days=None if start == "preserved" else _number(row, "days", 1),
        source=row.text("source", required=True), as_of=row.text("as_of", required=True),
        to_be_confirmed=_doubtful(row), instrument=row.text("instrument"), state=row.text("state"),
        measures=frozenset(measures),
    )  # fmt: skip


def _extension(row: Row) -> Extension:
    if row.text("of", required=True) not in time_limits():
        raise row.wrong(f"there is no limit {row.text('of')!r}", "of")
    if not isinstance(row.values.get("tells"), bool):
        raise row.wrong("tells is true or false", "tells")
    if row.values["tells"] and row.text("by") != "requested":
        raise row.wrong("only the requested State can be made to tell by a message", "tells")
    return Extension(
        code=row.text("code"), name=row.text("name", required=True), of=row.text("of"),
        article=row.text("article", required=True), days=_number(row, "days", 1), times=_number(row, "times", 0),
        by=_one_of(row, "by", _SIDES), tells=row.values["tells"], source=row.text("source", required=True),
        as_of=row.text("as_of", required=True), to_be_confirmed=_doubtful(row),
    )  # fmt: skip


def _one_of(row: Row, key: str, allowed: tuple[str, ...]) -> str:
    if row.text(key) not in allowed:
        raise row.wrong(f"{key} is one of {', '.join(allowed)}", key)
    return row.text(key)


def _number(row: Row, key: str, least: int) -> int:
    value = row.values.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise row.wrong(f"{key} is a whole number from {least} on", key)
    return value


def _doubtful(row: Row) -> bool:
    return _one_of(row, "confidence", ("verified", "to_be_confirmed")) != "verified"
