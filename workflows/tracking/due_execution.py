"""Days of an execution: when its result and the next news are expected, and when originals are to be back. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.outcomes import IncomingStatus, OutgoingStatus
from workflows.tracking.deadlines import DeadlineKind

_CONCLUDED = frozenset({IncomingStatus.CONCLUDED, OutgoingStatus.CONCLUDED})
_CLOSED = frozenset({IncomingStatus.CLOSED, OutgoingStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class ExecutionDay:
    """One day of an execution, and whose officers it is for. `since` (aware): when it was told."""

    kind: DeadlineKind
    due: date
    since: datetime
    for_authorities: tuple[int, ...]
    source: str
    note: str = ""


def execution_days(case: OutgoingRequest | IncomingRequest) -> Iterator[ExecutionDay]:
    """Yield the days of a case's execution. Reads nothing but the row of the case."""
    if case.status in _CLOSED:
        return
    inward = isinstance(case, IncomingRequest)
    if case.originals_due is not None and case.originals_at is not None:
        note = _("originals that we gave") if inward else _("originals to be returned, ETS 030 article 6(2)")
        source = _("set by us") if inward else _("set by the requested State")
        yield ExecutionDay(
            DeadlineKind.ORIGINALS, case.originals_due, case.originals_at, (case.authority_id,), source, note
        )
    if case.status in _CONCLUDED:
        return
    ours: tuple[int, ...] = (case.authority_id,)
    if isinstance(case, IncomingRequest):
        ours = tuple(sorted({case.authority_id, case.executing_id or case.authority_id}))
        if case.expected_by is not None:
            yield ExecutionDay(DeadlineKind.EXPECTED, case.expected_by, case.received_at, ours, _("own estimate"))
    if case.next_news_on is not None and case.next_news_at is not None:
        source = _("own estimate") if inward else _("estimate of the requested State")
        yield ExecutionDay(DeadlineKind.NEXT_NEWS, case.next_news_on, case.next_news_at, ours, source)
