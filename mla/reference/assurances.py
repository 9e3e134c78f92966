"""The kinds of assurances that one State gives another, from the data file. No database here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from mla.reference.files import ROOT, Row, toml_rows

#: Fields of a letter's `statements` that hold the words of an assurance.
STATEMENTS = frozenset({"speciality", "death_penalty", "costs", "reciprocity"})
_CONFIDENCE = ("verified", "to_be_confirmed")


@dataclass(frozen=True, slots=True)
class AssuranceRule:
    """What an instrument has to do with an assurance. `wanted`: a letter that rests on it is asked for the words."""

    instrument: str
    article: str
    wanted: bool
    to_be_confirmed: bool


@dataclass(frozen=True, slots=True)
class AssuranceKind:
    """A kind of assurance. `name`, `label` (in a letter), `example`: English, for gettext."""

    kind: str
    name: str
    label: str
    statement: str
    example: str
    rules: tuple[AssuranceRule, ...]

    def rule_of(self, instrument: str) -> AssuranceRule | None:
        return next((rule for rule in self.rules if rule.instrument == instrument), None)


@cache
def assurance_kinds() -> Mapping[str, AssuranceKind]:
    """Return every kind by its code, read once.

    Raises:
        ReferenceDataWrong: assurances.toml says something that cannot be; with its line.
    """
    found: dict[str, AssuranceKind] = {}
    for row in toml_rows(ROOT, "assurances.toml", "assurance", "kind"):
        kind, statement = row.text("kind", required=True), row.text("statement")
        if kind in found:
            raise row.wrong(f"kind {kind!r} stands twice", "kind")
        if statement and statement not in STATEMENTS:
            raise row.wrong(f"statement is empty or one of: {', '.join(sorted(STATEMENTS))}", "statement")
        rules = tuple(_rule(row, index, given) for index, given in enumerate(row.values.get("rule", [])))
        words = {name: row.text(name, required=True) for name in ("name", "label", "example")}
        found[kind] = AssuranceKind(kind=kind, statement=statement, rules=rules, **words)
    return found


def _rule(row: Row, index: int, given: Mapping[str, Any]) -> AssuranceRule:
    at = ("rule", index)
    if not isinstance(given.get("instrument"), str) or not isinstance(given.get("article"), str):
        raise row.wrong("a rule has an instrument and an article", *at)
    if not isinstance(given.get("wanted"), bool):
        raise row.wrong("wanted is true or false", *at, "wanted")
    if given.get("confidence") not in _CONFIDENCE:
        raise row.wrong(f"confidence is {' or '.join(_CONFIDENCE)}", *at, "confidence")
    to_be_confirmed = given["confidence"] != "verified"
    return AssuranceRule(given["instrument"], given["article"], given["wanted"], to_be_confirmed)


def known_assurance(value: str) -> str:
    """Return the kind. Raises ValueError for one that the data file does not have."""
    if value not in assurance_kinds():
        raise ValueError(_("must be one of: %(known)s") % {"known": ", ".join(assurance_kinds())})
    return value
