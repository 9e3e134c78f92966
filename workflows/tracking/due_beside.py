"""Deadlines of rows beside a case, each kind in a module of its own. Computed as those of `due`, never stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mla.reference.models import Authority
from workflows.lifecycle.models import RequestedItem
from workflows.tracking import due_contacts, due_courts, due_custody, due_emergency, due_ledger, due_offering
from workflows.tracking.cases import Case
from workflows.tracking.deadlines import Deadline

#: Returns the deadlines of cases that the caller may see, by a fixed number of queries; offices by their identity.
Source = Callable[[Sequence[Case], Mapping[int, Authority]], list[Deadline]]
#: The items of cases, by kind and identity of the case.
Items = Mapping[tuple[str, int], Sequence[RequestedItem]]
#: The same of the short machines of items, which are given: no query where no item has such a machine.
ItemSource = Callable[[Sequence[Case], Mapping[int, Authority], Items], list[Deadline]]

SOURCES: tuple[Source, ...] = (due_courts.deadlines, due_contacts.deadlines, due_ledger.deadlines)
ITEM_SOURCES: tuple[ItemSource, ...] = (due_emergency.deadlines, due_custody.deadlines, due_offering.deadlines)


def beside(cases: Sequence[Case], offices: Mapping[int, Authority], items: Items) -> list[Deadline]:
    """Return what is due of the rows beside these cases, in no order."""
    found = [deadline for source in SOURCES for deadline in source(cases, offices)]
    return found + [deadline for source in ITEM_SOURCES for deadline in source(cases, offices, items)]
