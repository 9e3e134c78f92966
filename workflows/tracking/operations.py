"""Operations as people look at them: the list, and one with its cases. What the actor may not see is neither shown nor counted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mla.accounts.actors import Actor
from workflows.lifecycle.models import Operation, OperationMember
from workflows.lifecycle.selectors import visible_incoming, visible_operations, visible_outgoing
from workflows.lifecycle.selectors_together import cases_of_operation
from workflows.tracking.cases import Case
from workflows.tracking.due import with_dated_parts
from workflows.tracking.lists import ListRow, rows_listed
from workflows.tracking.pages import PAGE, Page, keyset_page

#: Cases of one operation that a page shows, of each direction.
MOST_CASES = 200
LONGEST_WORDS = 200
_LAST = dt.date.max


@dataclass(frozen=True, slots=True)
class ListedOperation:
    """One operation. `out` and `inward`: how many of its cases the actor may see."""

    operation: Operation
    out: int
    inward: int


def operations_page(
    actor: Actor, *, words: str = "", status: str = "", after: int | None = None, size: int = PAGE
) -> Page[ListedOperation]:
    """Return the operations that the actor may see, the newest first; three queries. `words`: in name or description."""
    rows = visible_operations(actor)
    if words:
        rows = rows.filter(name__icontains=words) | rows.filter(description__icontains=words)
    if status in Operation.Status.values:
        rows = rows.filter(status=status)
    page = keyset_page(rows, after, size)
    of_these = OperationMember.objects.filter(operation__in=[row.pk for row in page.rows], removed_at=None)
    out = _counted(of_these.filter(outgoing__in=visible_outgoing(actor)))
    inward = _counted(of_these.filter(incoming__in=visible_incoming(actor)))
    return Page([ListedOperation(row, out[row.pk], inward[row.pk]) for row in page.rows], page.after)


def _counted(members: object) -> Counter[int]:
    return Counter(members.values_list("operation", flat=True))  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class OperationCases:
    """The cases of an operation, what is due first on top. `stages`: how many stand at each status, in words."""

    rows: list[ListRow]
    more: bool

    @property
    def overdue(self) -> int:
        return sum(row.overdue for row in self.rows)

    @property
    def stages(self) -> list[tuple[str, int]]:
        counted = Counter(str(row.case.get_status_display()) for row in self.rows)
        return list(counted.items())


def operation_cases(operation: Operation, actor: Actor) -> OperationCases:
    """Return the cases of an operation with their status and next date; a fixed number of queries.

    For callers that have the operation from `access_operation_by_id`.
    """
    out, inward = cases_of_operation(operation, actor)
    requests = list(out.select_related("letter__requested")[: MOST_CASES + 1])
    received = list(with_dated_parts(inward.select_related("requesting"))[: MOST_CASES + 1])
    cases: list[Case] = [*requests[:MOST_CASES], *received[:MOST_CASES]]
    rows = sorted(rows_listed(cases) if cases else [], key=_first_due)
    return OperationCases(rows, len(requests) > MOST_CASES or len(received) > MOST_CASES)


def _first_due(row: ListRow) -> tuple[dt.date, str, int]:
    return (row.due.due if row.due else _LAST, row.case.KIND, row.case.pk)


def open_operations(actor: Actor) -> Sequence[Operation]:
    """Return the open operations into which the actor may put a case, by name."""
    return list(visible_operations(actor).filter(status=Operation.Status.OPEN).order_by("name")[:MOST_CASES])
