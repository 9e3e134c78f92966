"""What limits the use of an exhibit: the instruments that its letter cites, and the undertakings in force. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mla.reference.ledger import UseLimit, forbids, use_limits
from workflows.lifecycle.models.ledger import OtherUse
from workflows.lifecycle.models.rows import Evidence
from workflows.lifecycle.models.undertakings import Undertaking


@dataclass(frozen=True, slots=True)
class Limits:
    """What the instruments of an exhibit say of its use. `not_known`: codes of those that the data do not know."""

    known: tuple[UseLimit, ...] = ()
    not_known: tuple[str, ...] = ()

    @property
    def exculpatory(self) -> str:
        """Whether what is exculpatory may be disclosed: yes, no or not_known; instruments that differ: not_known."""
        said = {one.exculpatory for one in self.known}
        return said.pop() if len(said) == 1 and not self.not_known else "not_known"

    @property
    def on_other_use(self) -> tuple[UseLimit, ...]:
        """Those under which another use needs a consent, whatever was agreed."""
        return tuple(one for one in self.known if one.scope == "other_use")


def letter_of(case: Any) -> dict[str, Any]:
    """Return the letter of a case of either side as plain values; what came from outside may lack anything."""
    if case.KIND == "incoming":
        found = case.content
    else:
        found = case.approved_version.content if case.approved_version_id else {}
    return found if isinstance(found, dict) else {}


def limits_of(content: dict[str, Any], item: str = "") -> Limits:
    """Return what the instruments say that an item of a letter rests on; of the whole letter where the item names none."""
    bases = [one for one in _rows(content, "bases") if isinstance(one.get("instrument"), str)]
    wanted = next((one.get("bases") or [] for one in _rows(content, "items") if item and one.get("id") == item), [])
    chosen = [one for one in bases if one.get("id") in wanted] or bases
    codes = dict.fromkeys(str(one["instrument"]) for one in chosen)
    known = use_limits()
    return Limits(
        tuple(known[code] for code in codes if code in known), tuple(code for code in codes if code not in known)
    )


def _rows(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    given = content.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def in_the_way(
    undertakings: Iterable[Undertaking], files: Sequence[Evidence], what: str, day: date
) -> list[Undertaking]:
    """Return the undertakings of this side that forbid `what` (transfer, other_use) with one of the files on that day."""
    return [
        one
        for one in undertakings
        if one.ours and forbids(one.kind, what) and one.binds_on(day) and any(one.binds(file) for file in files)
    ]


def consent_covers(consent: OtherUse | None, files: Sequence[Evidence], kind: str, day: date) -> bool:
    """Tell whether a recorded consent allows this with every one of the files on that day."""
    return (
        consent is not None
        and consent.kind == kind
        and consent.allows(day)
        and all(consent.covers(file) for file in files)
    )
