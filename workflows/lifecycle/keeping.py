"""What the law says of how long data are kept that were preserved, as far as it is certain. No database here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from workflows.drafting.preserving_data import preserving_rules


@dataclass(frozen=True, slots=True)
class Least:
    """A rule that has data kept at least so many days from when they are kept."""

    days: int
    article: str

    def until(self, begun: dt.date) -> dt.date:
        return begun + dt.timedelta(days=self.days)


def least_of(content: Any, key: str) -> Least | None:
    """Return the longest least time of the instruments that a letter cites for an item (Budapest 29(7)), or None.

    What is to be confirmed is left out: it binds nobody here. `content`: the letter; what came from outside may lack anything.
    """
    cited = _cited(content if isinstance(content, dict) else {}, key)
    found = [
        Least(rule.days, rule.article)
        for rule in preserving_rules().rules
        if not rule.most and not rule.to_be_confirmed and rule.instruments & cited
    ]
    return max(found, key=lambda one: one.days, default=None)


def _cited(content: dict[str, Any], key: str) -> set[str]:
    """Return the instruments that an item rests on: those it names, or all of the letter."""
    items, bases = _rows(content.get("items")), _rows(content.get("bases"))
    asked = next((one for one in items if one.get("id") == key), {})
    named = {one for one in asked.get("bases") or () if isinstance(one, str)}
    return {str(basis.get("instrument", "")) for basis in bases if not named or basis.get("id") in named}


def _rows(given: Any) -> list[dict[str, Any]]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
