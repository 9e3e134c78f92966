"""Kinds of court orders, of reasons to put a notice off and of privileges, from `data/courts.toml`. No database here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mla.reference.files import ROOT, toml_rows
from mla.reference.practice import ConditionRule, rules_of

#: Why a file does not leave that a court stopped; rows of the data file of these codes have the words.
ORDER_SET_ASIDE = "order_set_aside"
SURRENDER_STOPPED = "surrender_stopped"


@dataclass(frozen=True, slots=True)
class Coded:
    """One row. `name`: English, for gettext. `rules`: articles that have to do with it."""

    code: str
    name: str
    rules: tuple[ConditionRule, ...] = ()

    def rule_of(self, instrument: str) -> ConditionRule | None:
        return next((rule for rule in self.rules if rule.instrument == instrument), None)


@cache
def court_codes(table: str) -> Mapping[str, Coded]:
    """Return the rows of one table by code, in the order of the file: order, deferral, privilege or withheld.

    Raises:
        ReferenceDataWrong: courts.toml says something that cannot be; with its line.
    """
    found: dict[str, Coded] = {}
    for row in toml_rows(ROOT, "courts.toml", table, "code"):
        code = row.text("code", required=True)
        if code in found:
            raise row.wrong(f"code {code!r} stands twice", "code")
        found[code] = Coded(code, row.text("name", required=True), rules_of(row))
    return found


def withheld_names() -> Mapping[str, str]:
    """Return why a file can be withheld, in English, by code: the privileges and what the program itself writes."""
    return {code: one.name for table in ("privilege", "withheld") for code, one in court_codes(table).items()}
