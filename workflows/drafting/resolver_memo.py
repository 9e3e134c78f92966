"""What the resolver asks again and again, answered once: one State's standing, one instrument's scope.

`decide` stays a pure function: it is given these instead of `standing` and `scope`, and they answer the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from workflows.drafting.resolver_dates import standing
from workflows.drafting.resolver_scope import scope
from workflows.drafting.resolver_types import Law, Offence, Row, Scope, Standing

#: Answers kept of each kind: 200 States and 200 instruments on one day.
MOST_KEPT = 40_000


class Asked(Protocol):
    """What `decide` asks of each instrument."""

    def standing(self, code: str, row: Row | None, law: Law, on: date) -> Standing: ...

    def scope(self, law: Law, measure: str, offence: Offence) -> Scope: ...


class Plain:
    """Every answer worked out anew."""

    def standing(self, code: str, row: Row | None, law: Law, on: date) -> Standing:
        return standing(code, row, law, on)

    def scope(self, law: Law, measure: str, offence: Offence) -> Scope:
        return scope(law.rules, measure, offence)


@dataclass(slots=True)
class Memo:
    """Answers kept for one reading of the data, where codes name one row each, and for one language of the reasons."""

    standings: dict[tuple[str, str, date], Standing] = field(default_factory=dict)
    scopes: dict[tuple[str, str, Offence], Scope] = field(default_factory=dict)

    def standing(self, code: str, row: Row | None, law: Law, on: date) -> Standing:
        key = (code, law.code, on)
        found = self.standings.get(key)
        if found is None:
            if len(self.standings) >= MOST_KEPT:
                self.standings.clear()
            found = self.standings[key] = standing(code, row, law, on)
        return found

    def scope(self, law: Law, measure: str, offence: Offence) -> Scope:
        key = (law.code, measure, offence)
        found = self.scopes.get(key)
        if found is None:
            if len(self.scopes) >= MOST_KEPT:
                self.scopes.clear()
            found = self.scopes[key] = scope(law.rules, measure, offence)
        return found
