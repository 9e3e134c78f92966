"""The short machines: which item has one, and which. A machine is added here, and nowhere else in the lifecycle."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.lifecycle.models import (
    CustodyIn,
    CustodyOut,
    EmergencyIn,
    EmergencyOut,
    RequestedItem,
    SpontaneousIn,
    SpontaneousOut,
    TeamIn,
    TeamOut,
)
from workflows.lifecycle.models.short import ShortMachine

MACHINES: tuple[type[ShortMachine], ...] = (
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
