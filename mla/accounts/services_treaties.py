"""Who may enter treaties and who is bound by them: a legal officer, under the hat of an authority (capabilities.csv)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.reference import services, services_treaties
from mla.reference.models import Instrument, Jurisdiction, Participation
from mla.reference.treaties import TreatyValues

EDIT = "treaty.edit"


def _require(by: Actor) -> None:
    if not holds(by, EDIT):
        raise AccessDenied("treaty", EDIT, by)


def treaty_add(*, values: TreatyValues, by: Actor) -> Instrument:
    """Enter a bilateral treaty; see `mla.reference.services_treaties.treaty_add`.

    Raises:
        AccessDenied: `by` is no legal officer.
        TreatyWrong: as there.
    """
    _require(by)
    return services_treaties.treaty_add(values=values, by=by.who())


def treaty_edit(*, instrument: Instrument, values: TreatyValues, expected: str, by: Actor) -> Instrument:
    """Change a bilateral treaty. Raises AccessDenied, and as `mla.reference.services_treaties` says."""
    _require(by)
    return services_treaties.treaty_edit(instrument=instrument, values=values, expected=expected, by=by.who())


def participation_record(
    *, instrument: Instrument, jurisdiction: Jurisdiction, values: Mapping[str, Any], expected: str, by: Actor
) -> Participation:
    """Record how a State stands towards an instrument. Raises AccessDenied, and as `mla.reference.services` says."""
    _require(by)
    return services.participation_record(
        instrument=instrument, jurisdiction=jurisdiction, values=values, expected=expected, by=by.who()
    )
