"""What is due of courts and notices: a hearing on a remedy, the end of an order, a notice that was put off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, F, Value
from django.utils.translation import gettext as _

from mla.reference.models import Authority
from workflows.lifecycle.models import CourtOrder, IncomingRequest, Notice, Remedy
from workflows.tracking.cases import Case, key_of
from workflows.tracking.deadlines import Deadline, DeadlineKind, day_of, zone_named

#: A remedy or a notice may outlast the execution.
_STATUSES = frozenset({"in_execution", "concluded"})


@dataclass(frozen=True, slots=True)
class _Dated:
    kind: DeadlineKind
    due: date
    since: datetime


def deadlines(cases: Sequence[Case], offices: Mapping[int, Authority]) -> list[Deadline]:
    """Return them for these cases; one query, or none where the rows were read with the case."""
    inward = [case for case in cases if isinstance(case, IncomingRequest) and case.status in _STATUSES]
    read = [case for case in inward if "remedy_set" in getattr(case, "_prefetched_objects_cache", {})]
    rows = {case.pk: list(_of_read(case)) for case in read}
    asked = [case.pk for case in inward if case.pk not in rows]
    if asked:
        for pk, kind, due, since in _rows(asked):
            rows.setdefault(pk, []).append(_Dated(DeadlineKind(kind), due, since))
    return [deadline for case in inward for row in rows.get(case.pk, ()) for deadline in _of(case, row, offices)]


def _of_read(case: IncomingRequest) -> Iterator[_Dated]:
    for remedy in case.remedy_set.all():
        if remedy.pending and remedy.hearing_on:
            yield _Dated(DeadlineKind.COURT_HEARING, remedy.hearing_on, remedy.at)
    for notice in case.notice_set.all():
        if notice.open and notice.until:
            yield _Dated(DeadlineKind.NOTICE, notice.until, notice.at)
    for order in case.courtorder_set.all():
        if order.state == CourtOrder.State.GRANTED and order.valid_until and order.decided_at:
            yield _Dated(DeadlineKind.ORDER_END, order.valid_until, order.decided_at)


def _rows(cases: list[int]) -> Any:
    def of(rows: Any, kind: DeadlineKind, due: str, since: str) -> Any:
        named = rows.filter(incoming__in=cases).annotate(
            of_kind=Value(kind.value, output_field=CharField()), due_on=F(due), since=F(since)
        )
        return named.order_by().values_list("incoming", "of_kind", "due_on", "since")

    hearings = of(
        Remedy.objects.filter(result="", hearing_on__isnull=False), DeadlineKind.COURT_HEARING, "hearing_on", "at"
    )
    notices = of(
        Notice.objects.filter(kind=Notice.Kind.DEFERRED, ended_at=None, until__isnull=False),
        DeadlineKind.NOTICE, "until", "at",
    )  # fmt: skip
    orders = of(
        CourtOrder.objects.filter(state=CourtOrder.State.GRANTED, valid_until__isnull=False),
        DeadlineKind.ORDER_END, "valid_until", "decided_at",
    )  # fmt: skip
    return hearings.union(notices, orders, all=True)


def _of(case: IncomingRequest, row: _Dated, offices: Mapping[int, Authority]) -> Iterator[Deadline]:
    if case.status == "concluded" and row.kind == DeadlineKind.ORDER_END:
        return
    said = {
        DeadlineKind.COURT_HEARING: (_("set by the court"), _("while the remedy is pending no result leaves")),
        DeadlineKind.NOTICE: (_("own review date"), _("give notice, or put it off anew")),
        DeadlineKind.ORDER_END: (_("set by the court"), _("what is gathered after this day needs another order")),
    }
    source, note = said[row.kind]
    executing = case.executing_id or case.authority_id
    # Notice is for the authority that answers for the request; before a court stands whoever carries out.
    to = {case.authority_id} if row.kind == DeadlineKind.NOTICE else {case.authority_id, executing}
    office = offices.get(case.authority_id)
    since = day_of(row.since, zone_named(office.time_zone if office else "UTC"))
    for authority_id in sorted(to):
        yield Deadline(
            kind=row.kind, due=row.due, source=source, legal=row.kind != DeadlineKind.NOTICE, confirmed=True,
            case=key_of(case), for_authority_id=authority_id, since=since, note=note,
        )  # fmt: skip
