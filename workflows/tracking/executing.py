"""What the page of a case shows of its execution: who carried it out, news, originals. Read only where there was any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from mla.accounts.models import Membership, Role
from mla.core import clock
from workflows.lifecycle.models import Assignment, IncomingRequest, Original, OutgoingRequest, Progress
from workflows.tracking.cases import Case
from workflows.tracking.timeline import TimelineEntry

_LISTED = frozenset({"incoming.list_originals", "outgoing.note_originals"})


@dataclass(frozen=True, slots=True)
class Execution:
    """Rows in their order. `left`: of the open assignments, those whose officer executes there no longer."""

    assignments: list[Assignment]
    news: list[Progress]
    originals: list[Original]
    left: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.assignments or self.news or self.originals)


def execution_of(case: Case, entries: Sequence[TimelineEntry]) -> Execution:
    """Return what is shown of a case's execution, and put the rows at the case for which acts are open.

    No query for what never happened, as the timeline says; else one for each kind of row, and one for its officers.
    """
    given = any(entry.act == "incoming.assign_execution" for entry in entries)
    told = any("progress" in entry.ids for entry in entries)
    listed = any(entry.act in _LISTED for entry in entries)
    news = Progress.objects.order_by("id") if told else Progress.objects.none()
    originals = Original.objects.select_related("item").order_by("id") if listed else Original.objects.none()
    reads: list[Any] = [Prefetch("progress_set", news), Prefetch("original_set", originals)]
    if isinstance(case, IncomingRequest):
        rows = Assignment.objects.select_related("item", "executing", "officer").order_by("id")
        reads.append(Prefetch("assignment_set", rows if given else Assignment.objects.none()))
    prefetch_related_objects([case], *reads)
    assignments = list(case.assignment_set.all()) if isinstance(case, IncomingRequest) else []
    return Execution(assignments, list(case.progress_set.all()), list(case.original_set.all()), _left(assignments))


def execution_told(case: OutgoingRequest) -> Execution:
    """Return what the other State told of its execution, and the originals that came. Two queries; access is checked before."""
    originals = Original.objects.filter(outgoing=case).select_related("item").order_by("id")
    return Execution([], list(Progress.objects.filter(outgoing=case).order_by("id")), list(originals), frozenset())


def _left(assignments: Sequence[Assignment]) -> frozenset[int]:
    held = [row for row in assignments if row.ended_at is None and row.officer_id is not None]
    if not held:
        return frozenset()
    there = set(
        Membership.objects.valid(clock.now())
        .filter(user__in=[row.officer_id for row in held], role=Role.EXECUTING_OFFICER, user__is_active=True)
        .values_list("user", "authority")
    )
    return frozenset(row.pk for row in held if (row.officer_id, row.executing_id) not in there)
