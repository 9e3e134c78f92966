"""The short machines: which item has one, and which. A machine is added here, and nowhere else in the lifecycle."""

from __future__ import annotations

from collections.abc import Iterable

from mla.accounts.actors import Actor
from workflows.engine.machine import transition_from
from workflows.engine.models import CaseRow
from workflows.lifecycle.models import (
    CustodyIn,
    CustodyOut,
    EmergencyIn,
    EmergencyOut,
    PreservationIn,
    PreservationOut,
    RequestedItem,
    SpontaneousIn,
    SpontaneousOut,
    TeamIn,
    TeamOut,
)
from workflows.lifecycle.models.short import ShortMachine

MACHINES: tuple[type[ShortMachine], ...] = (
    PreservationOut,
    PreservationIn,
    EmergencyOut,
    EmergencyIn,
    CustodyOut,
    CustodyIn,
    SpontaneousOut,
    SpontaneousIn,
    TeamOut,
    TeamIn,
)


def machine_of(item: RequestedItem) -> type[ShortMachine] | None:
    """Return the machine that an item of its measure has in this side's file, or None."""
    side = "outgoing" if item.outgoing_id else "incoming"
    return next((one for one in MACHINES if (side, item.measure) == (one.SIDE, one.MEASURE)), None)


def short_rows(items: Iterable[RequestedItem]) -> list[ShortMachine]:
    """Return the short machines of these items of one case, in the items' order, each with its item and its case.

    One query a machine, none where no item has one. For callers that checked access.
    """
    by_item = {item.pk: item for item in items}
    wanted = {machine for item in by_item.values() if (machine := machine_of(item)) is not None}
    found = [
        row
        for machine in MACHINES
        if machine in wanted
        for row in machine._default_manager.filter(item__in=by_item).order_by("id")
    ]
    for row in found:
        row.item = by_item[row.item_id]
    places = {pk: place for place, pk in enumerate(by_item)}
    return sorted(found, key=lambda row: places[row.item_id])


def may_now(row: CaseRow, act: str, by: Actor) -> bool:
    """Tell whether an act starts from where a row is, and the actor may do it. What it needs beside is not asked."""
    declared = transition_from(row, act)
    return declared is not None and bool(declared.has_perm(row, by))  # type: ignore[arg-type]
