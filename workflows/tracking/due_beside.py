"""Deadlines of rows beside a case, each kind in a module of its own. Computed as those of `due`, never stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mla.reference.models import Authority
from workflows.tracking import due_contacts, due_courts
from workflows.tracking.cases import Case
from workflows.tracking.deadlines import Deadline

#: Returns the deadlines of cases that the caller may see, by a fixed number of queries; offices by their identity.
Source = Callable[[Sequence[Case], Mapping[int, Authority]], list[Deadline]]

SOURCES: tuple[Source, ...] = (due_courts.deadlines, due_contacts.deadlines)


def beside(cases: Sequence[Case], offices: Mapping[int, Authority]) -> list[Deadline]:
    """Return what is due of the rows beside these cases, in no order."""
    return [deadline for source in SOURCES for deadline in source(cases, offices)]
