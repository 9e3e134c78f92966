"""The short machines of cases whose items are known: read only where an item has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.lifecycle.models import RequestedItem
from workflows.lifecycle.models.short import ShortMachine
from workflows.tracking.cases import Case


def rows_of(
    cases: Sequence[Case],
    items: Mapping[tuple[str, int], Sequence[RequestedItem]],
    *machines: type[ShortMachine],
) -> Iterator[tuple[Case, Any]]:
    """Yield each case with each of its machines of these kinds, item and case at hand; one query a kind, or none."""
    for machine in machines:
        wanted = {
            item.pk: (case, item)
            for case in cases
            if case.KIND == machine.SIDE
            for item in items.get((case.KIND, case.pk), ())
            if item.measure == machine.MEASURE
        }
        if not wanted:
            continue
        for row in machine._default_manager.filter(item__in=wanted).order_by("id"):
            case, row.item = wanted[row.item_id]
            setattr(row.item, case.KIND, case)
            yield case, row
