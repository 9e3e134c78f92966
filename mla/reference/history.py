"""What an instrument, or a State's standing towards it, was before somebody changed it: kept with every change."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from mla.audit.services import Entry, What, Who, record
from mla.core import clock
from mla.core.canonical import canonical_bytes
from mla.reference.errors import ReferenceEditRefused
from mla.reference.models import Instrument, InstrumentChange, Participation

#: What is kept of a row of participation, in the order in which it is shown.
STANDING = (
    "status", "signed", "consent_date", "consent_kind", "in_force_date", "ended", "source", "as_of", "confidence",
    "to_be_confirmed", "note",
)  # fmt: skip
#: What is kept of an instrument beside its rules.
TITLE = (
    "short_name", "full_title", "adopted", "in_force", "articles", "source", "as_of", "confidence", "to_be_confirmed",
    "note",
)  # fmt: skip


class Edited(TypedDict):
    """Who edited reference data, and when."""

    by_id: str
    by_label: str
    by_authority_id: int
    at: datetime


def edited_now(by: Who) -> Edited:
    """Return who edits reference data, and when, as the rows of its history keep them.

    Raises:
        ReferenceEditRefused: `by` is under no authority.
    """
    if by.authority_id is None:
        raise ReferenceEditRefused(_("Reference data is edited under the hat of an authority."))
    return {"by_id": by.id, "by_label": by.label, "by_authority_id": by.authority_id, "at": clock.now()}


def standing_row(row: Participation | None) -> dict[str, Any] | None:
    """Return a row of participation as plain values, or None where there is none."""
    if row is None or row.pk is None:
        return None
    return {"state": row.jurisdiction.code} | {name: _plain(getattr(row, name)) for name in STANDING}


def instrument_row(row: Instrument, parties: Sequence[Participation]) -> dict[str, Any]:
    """Return an instrument with its rules and, of a bilateral treaty, how both States stand, as plain values."""
    said = {name: _plain(getattr(row, name)) for name in TITLE} | {"rules": row.rules}
    if row.kind == Instrument.Kind.BILATERAL:
        states = sorted(parties, key=lambda one: one.jurisdiction.code)
        said["parties"] = [{"state": one.jurisdiction.code, "ended": _plain(one.ended)} for one in states]
    return said


def fingerprint(row: dict[str, Any] | None) -> str:
    """Return what tells one state of a row from another; a page keeps it to see a change by somebody else."""
    return hashlib.sha256(canonical_bytes(row)).hexdigest()[:16] if row is not None else "-"


def note_change(
    *,
    instrument: Instrument,
    act: str,
    about: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    by: Who,
) -> None:
    """Keep what was and what is, and record the act at `by`'s authority, with both, in the record of acts.

    `about`: the type of the object in that record; `act` is one of InstrumentChange.Act.

    Raises:
        ReferenceEditRefused: `by` is under no authority.
    """
    edited = edited_now(by)
    change = InstrumentChange.objects.create(
        instrument=instrument,
        act=act,
        before=before,
        after=after,
        **edited,
    )
    state = (after or before or {}).get("state", "")
    differs = [name for name in (after or {}) if (before or {}).get(name) != (after or {}).get(name)]
    record(
        Entry(
            authority_id=edited["by_authority_id"],
            act=_ACTS[act],
            by=by,
            on=What(type=about, id=f"{instrument.code}/{state}" if state else instrument.code),
            detail={
                "change": change.pk,
                "before": {name: (before or {}).get(name) for name in differs},
                "after": {name: (after or {}).get(name) for name in differs},
            },
        )
    )


_ACTS = {"add": "instrument.add", "change": "instrument.edit", "standing": "participation.record"}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
