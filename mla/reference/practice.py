"""What practice has names for: conditions under which a State helps, and what a result can lack, what happens meanwhile. No database here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mla.reference.files import ROOT, Row, toml_rows

_CONFIDENCE = ("verified", "to_be_confirmed")


@dataclass(frozen=True, slots=True)
class ConditionRule:
    """An article that has to do with a condition."""

    instrument: str
    article: str
    to_be_confirmed: bool


@dataclass(frozen=True, slots=True)
class ConditionKind:
    """A kind of condition. `name`: English, for gettext."""

    kind: str
    name: str
    rules: tuple[ConditionRule, ...]

    def rule_of(self, instrument: str) -> ConditionRule | None:
        return next((rule for rule in self.rules if rule.instrument == instrument), None)


@dataclass(frozen=True, slots=True)
class Defect:
    """What a result can lack. `name`: English, for gettext."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """What can happen on the way of an execution. `name`: English, for gettext."""

    code: str
    name: str


@cache
def condition_kinds() -> Mapping[str, ConditionKind]:
    """Return every kind of condition by its code, read once.

    Raises:
        ReferenceDataWrong: conditions.toml says something that cannot be; with its line.
    """
    found: dict[str, ConditionKind] = {}
    for row in toml_rows(ROOT, "conditions.toml", "condition", "kind"):
        kind = row.text("kind", required=True)
        if kind in found:
            raise row.wrong(f"kind {kind!r} stands twice", "kind")
        found[kind] = ConditionKind(kind, row.text("name", required=True), rules_of(row))
    return found


@cache
def defects() -> Mapping[str, Defect]:
    """Return every defect by its code, read once.

    Raises:
        ReferenceDataWrong: defects.toml says something that cannot be; with its line.
    """
    found: dict[str, Defect] = {}
    for row in toml_rows(ROOT, "defects.toml", "defect", "code"):
        code = row.text("code", required=True)
        if code in found:
            raise row.wrong(f"code {code!r} stands twice", "code")
        found[code] = Defect(code, row.text("name", required=True))
    return found


def rules_of(row: Row) -> tuple[ConditionRule, ...]:
    """Return the articles that a row of a data file names, in their order. Raises ReferenceDataWrong, with its line."""
    return tuple(_rule(row, index, given) for index, given in enumerate(row.values.get("rule", [])))


@cache
def progress_events() -> Mapping[str, ProgressEvent]:
    """Return every event of an execution by its code, read once.

    Raises:
        ReferenceDataWrong: progress_events.toml says something that cannot be; with its line.
    """
    found: dict[str, ProgressEvent] = {}
    for row in toml_rows(ROOT, "progress_events.toml", "event", "code"):
        code = row.text("code", required=True)
        if code in found:
            raise row.wrong(f"code {code!r} stands twice", "code")
        found[code] = ProgressEvent(code, row.text("name", required=True))
    return found


def _rule(row: Row, index: int, given: Mapping[str, Any]) -> ConditionRule:
    at = ("rule", index)
    if not isinstance(given.get("instrument"), str) or not isinstance(given.get("article"), str):
        raise row.wrong("a rule has an instrument and an article", *at)
    if given.get("confidence") not in _CONFIDENCE:
        raise row.wrong(f"confidence is {' or '.join(_CONFIDENCE)}", *at, "confidence")
    return ConditionRule(given["instrument"], given["article"], given["confidence"] != "verified")
