"""Rows of data files that have a code, a name and perhaps articles. No database here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mla.reference.files import ROOT, Row, toml_rows

_CONFIDENCE = ("verified", "to_be_confirmed")


@dataclass(frozen=True, slots=True)
class CodedRule:
    """An article that has to do with a row."""

    instrument: str
    article: str
    to_be_confirmed: bool


@dataclass(frozen=True, slots=True)
class Coded:
    """One row. `name`: English, for gettext. `rules`: articles that have to do with it."""

    code: str
    name: str
    rules: tuple[CodedRule, ...] = ()

    def rule_of(self, instrument: str) -> CodedRule | None:
        return next((rule for rule in self.rules if rule.instrument == instrument), None)


@cache
def coded_rows(file: str, table: str, key: str = "code") -> Mapping[str, Coded]:
    """Return the rows of one table of a file in `data/`, by code, in the order of the file; read once.

    Raises:
        ReferenceDataWrong: the file says something that cannot be; with its line.
    """
    found: dict[str, Coded] = {}
    for row in toml_rows(ROOT, file, table, key):
        code = row.text(key, required=True)
        if code in found:
            raise row.wrong(f"{key} {code!r} stands twice", key)
        found[code] = Coded(code, row.text("name", required=True), _rules(row))
    return found


def _rules(row: Row) -> tuple[CodedRule, ...]:
    return tuple(_rule(row, index, given) for index, given in enumerate(row.values.get("rule", [])))


def _rule(row: Row, index: int, given: Mapping[str, Any]) -> CodedRule:
    at = ("rule", index)
    if not isinstance(given.get("instrument"), str) or not isinstance(given.get("article"), str):
        raise row.wrong("a rule has an instrument and an article", *at)
    if given.get("confidence") not in _CONFIDENCE:
        raise row.wrong(f"confidence is {' or '.join(_CONFIDENCE)}", *at, "confidence")
    return CodedRule(given["instrument"], given["article"], given["confidence"] != "verified")
