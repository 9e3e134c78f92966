"""The lists of cases: filters, order by change, pages by key, and what each row says. Narrowed to the actor."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, QuerySet

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.prepared import Prepared
from mla.core.questions import OfEachRow
from workflows.drafting.models import LetterVersion
from workflows.lifecycle.models import OpenPoint, OutgoingRequest, RequestedItem
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE
from workflows.lifecycle.outcomes import LODGED, OutgoingStatus
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.tracking.assigned import assigned_to_officer
from workflows.tracking.cases import Case
from workflows.tracking.deadlines import Deadline
from workflows.tracking.due import Known, deadlines_for, with_dated_parts
from workflows.tracking.hanging import items_of, open_points_of
from workflows.tracking.offices import with_offices
from workflows.tracking.pages import beyond, chosen_rows
from workflows.tracking.selectors import waiting_rules_incoming, waiting_rules_outgoing

PAGE = 50
#: Rows looked at for one page of overdue cases: overdue is computed, so it cannot be asked of the database.
LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class Filters:
    """What is shown. Empty fields filter nothing. `begun_from`, `begun_to`: days (UTC) on which a case began."""

    status: str = ""
    urgency: str = ""
    state: str = ""
    measure: str = ""
    waiting: bool = False
    #: Of requests out: with the other State, which was last heard of on this day (UTC) or before.
    silent_since: date | None = None
    #: Of requests in: given to the actor in person for execution.
    mine: bool = False
    overdue: bool = False
    begun_from: date | None = None
    begun_to: date | None = None
    oldest_first: bool = False
    #: By urgency and then by the day that the letter needs, in place of the last change.
    needed_first: bool = False


def query_of(filters: Filters) -> str:
    """Return the query string of an address that shows these filters: their fields in one order, "" for none.

    Built from the filters that were understood, never from an address that somebody sent.
    """
    said = {
        "status": filters.status,
        "urgency": filters.urgency,
        "state": filters.state,
        "measure": filters.measure,
        "begun_from": filters.begun_from.isoformat() if filters.begun_from else "",
        "begun_to": filters.begun_to.isoformat() if filters.begun_to else "",
        "silent_since": filters.silent_since.isoformat() if filters.silent_since else "",
        "waiting": "on" if filters.waiting else "",
        "mine": "on" if filters.mine else "",
        "overdue": "on" if filters.overdue else "",
        "order": "needed" if filters.needed_first else "oldest" if filters.oldest_first else "",
    }
    return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class ListRow:
    """One case. `due`: the next deadline. `with_them`: the other State must act. `still`: since the last change."""

    case: Case
    due: Deadline | None
    with_them: bool
    still: timedelta
    overdue: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """`after`: what to give for the next page, None on the last. `looked_at`: cases that were examined for it."""

    rows: list[ListRow]
    after: str | None
    looked_at: int


def list_outgoing(actor: Actor, filters: Filters, after: str | None = None, size: int = PAGE) -> ListPage:
    """Return one page of the requests out that the actor may see; a fixed number of queries."""
    return _OUT.page(actor, filters, after, size)


def list_incoming(actor: Actor, filters: Filters, after: str | None = None, size: int = PAGE) -> ListPage:
    """Return one page of the requests in that the actor may see. As list_outgoing."""
    return _IN.page(actor, filters, after, size)


def _outgoing(actor: Actor, filters: Filters) -> QuerySet[Any]:
    rows = visible_outgoing(actor)
    if filters.state:
        rows = rows.filter(letter__requested__code=filters.state)
    if filters.measure:
        # Items exist from the sending on; before it the letter says what will be asked.
        draft = LetterVersion.objects.filter(
            letter=OuterRef("letter"),
            number=OuterRef("letter__current"),
            content__items__contains=[{"measure": filters.measure}],
        )
        items = RequestedItem.objects.filter(outgoing=OuterRef("pk"), measure=filters.measure)
        rows = rows.filter(Q(OfEachRow(items)) | Q(OfEachRow(draft)))
    if filters.status in (LODGED, OutgoingStatus.DRAFTING):
        # As their status is read: what is lodged is no longer being drafted.
        rows = rows.filter(status=OutgoingStatus.DRAFTING, lodged_at__isnull=filters.status != LODGED)
        filters = replace(filters, status="")
    if filters.silent_since:
        end = datetime.combine(filters.silent_since, time(), UTC) + timedelta(days=1)
        rows = rows.filter(status__in=WITH_THE_OTHER_STATE, silent_since__lt=end)
    return _narrowed(rows, filters, "created_at").select_related("letter__requested")


def _incoming(actor: Actor, filters: Filters) -> QuerySet[Any]:
    rows = visible_incoming(actor)
    if filters.state:
        rows = rows.filter(requesting__code=filters.state)
    if filters.measure:
        rows = rows.filter(OfEachRow(RequestedItem.objects.filter(incoming=OuterRef("pk"), measure=filters.measure)))
    if filters.mine:
        rows = rows.filter(assigned_to_officer(actor))
    return with_dated_parts(_narrowed(rows, filters, "received_at").select_related("requesting"))


def _narrowed(rows: QuerySet[Any], filters: Filters, begun: str) -> QuerySet[Any]:
    if filters.status:
        rows = rows.filter(status=filters.status)
    if filters.urgency:
        rows = rows.filter(urgency=filters.urgency)
    if filters.begun_from:
        rows = rows.filter(**{f"{begun}__gte": datetime.combine(filters.begun_from, time(), UTC)})
    if filters.begun_to:
        end = datetime.combine(filters.begun_to, time(), UTC) + timedelta(days=1)
        rows = rows.filter(**{f"{begun}__lt": end})
    if filters.overdue:
        rows = rows.exclude(status__in=["concluded", "closed"])
    return rows


#: What a page begins after: the last change or how much a case presses, and the identity.
_Place = tuple[datetime | int, int]


class _List:
    """The pages of one kind of case. Queries are written once for each actor and filters (mla.core.prepared)."""

    def __init__(
        self, rows: Callable[[Actor, Filters], QuerySet[Any]], waiting: Callable[[Actor], Sequence[Q]]
    ) -> None:
        self._rows, self._waiting = rows, waiting
        self._first: Prepared[Any] = Prepared(lambda key: self._chosen(key))
        self._later: Prepared[Any] = Prepared(
            lambda key: self._chosen(key, place=(_MOMENT, _PK)), moment=_MOMENT, pk=_PK
        )
        self._later_needed: Prepared[Any] = Prepared(
            lambda key: self._chosen(key, place=(_LEVEL, _PK)), level=_LEVEL, pk=_PK
        )

    def page(self, actor: Actor, filters: Filters, after: str | None, size: int) -> ListPage:
        most = LOOKED_AT if filters.overdue else size
        place = _pressing_place(after) if filters.needed_first else _place(after)
        return _page(self._cases(actor.unnamed(), filters, place, most + 1), filters, size, most)

    def _cases(self, actor: Actor, filters: Filters, place: _Place | None, size: int) -> list[Case]:
        if filters.begun_from or filters.begun_to or filters.silent_since:
            # Asked for some days and hardly again.
            return list(self._chosen((actor, filters, size), place))
        if place is None:
            return self._first.rows((actor, filters, size))
        moment, pk = place
        if filters.needed_first:
            return self._later_needed.rows((actor, filters, size), level=moment, pk=pk)
        return self._later.rows((actor, filters, size), moment=moment, pk=pk)

    def _chosen(self, asked: tuple[Actor, Filters, int], place: _Place | None = None) -> QuerySet[Any]:
        actor, filters, size = asked
        rows = self._rows(actor, filters)
        first = "pressing" if filters.needed_first else "changed_at"
        ascending = filters.oldest_first and not filters.needed_first
        if place is not None:
            rows = rows.filter(beyond((first, "pk"), place, descending=not ascending))
        order = (first, "pk") if ascending else (f"-{first}", "-pk")
        return chosen_rows(rows, *order, size=size, conditions=self._waiting(actor) if filters.waiting else None)


#: Stand in a written query for the place where the page before ended.
_MOMENT, _LEVEL, _PK = datetime(1, 1, 2, tzinfo=UTC), 2**62 + 13, 2**62 + 11

_OUT, _IN = _List(_outgoing, waiting_rules_outgoing), _List(_incoming, waiting_rules_incoming)


def rows_listed(cases: list[Case]) -> list[ListRow]:
    """Return cases that the caller may see as lists show them, in their order; a fixed number of queries."""
    with_offices(cases)
    return _rows(cases)


def _page(cases: list[Case], filters: Filters, size: int, most: int) -> ListPage:
    more, cases = len(cases) > most, cases[:most]
    listed = rows_listed(cases)
    looked_at = len(listed)
    if filters.overdue:
        kept: list[ListRow] = []
        for number, row in enumerate(listed, 1):
            if row.overdue:
                kept.append(row)
            if len(kept) == size:
                looked_at = number
                break
        more = more or looked_at < len(listed)
        listed = kept
    last = cases[looked_at - 1] if cases else None
    return ListPage(listed, _key(last, filters) if more and last is not None else None, looked_at)


def _rows(cases: list[Case]) -> list[ListRow]:
    now = clock.now()
    first: dict[tuple[str, int], Deadline] = {}
    known = _known(cases)
    for deadline in deadlines_for(cases, known=known):
        first.setdefault((deadline.case.kind, deadline.case.id), deadline)
    asked = {
        (point.outgoing_id, point.incoming_id)
        for point in known.points
        if point.kind != OpenPoint.Kind.OFFER and (point.incoming_id or point.kind in OpenPoint.SHARED)
    }
    found = []
    for case in cases:
        due = first.get((case.KIND, case.pk))
        found.append(
            ListRow(
                case, due, _with_them(case, asked), now - case.changed_at, due is not None and due.overdue(now.date())
            )
        )
    return found


def _known(cases: list[Case]) -> Known:
    offices = [
        office
        for case in cases
        for office in (
            (case.originating, case.central, case.addressee)
            if isinstance(case, OutgoingRequest)
            else (case.authority, case.executing)
        )
        if office is not None
    ]
    return Known(
        items_of(cases),
        open_points_of(cases),
        {office.pk: office for office in offices},
    )


def _with_them(case: Case, asked: set[tuple[int | None, int | None]]) -> bool:
    """Tell whether the other State must act, as `workflows.tracking.ball` has it. `asked`: cases with an open question."""
    if isinstance(case, OutgoingRequest):
        return case.status in {"sent", "acknowledged", "in_execution"} and (case.pk, None) not in asked
    return case.status in {"acknowledged", "under_review", "in_execution"} and (None, case.pk) in asked


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9]{1,17})\.([0-9]{1,18})", re.ASCII)


def _key(case: Case, filters: Filters) -> str:
    if filters.needed_first:
        return f"{case.pressing}.{case.pk}"
    return f"{(case.changed_at - _EPOCH) // timedelta(microseconds=1)}.{case.pk}"


def _pressing_place(after: str | None) -> _Place | None:
    found = _PLACE.fullmatch(after or "")
    return (int(found[1]), int(found[2])) if found else None


def _place(after: str | None) -> _Place | None:
    found = _PLACE.fullmatch(after or "")
    if found is None:
        return None
    return _EPOCH + timedelta(microseconds=int(found[1])), int(found[2])


__all__ = ["Filters", "ListPage", "ListRow", "list_incoming", "list_outgoing", "query_of", "rows_listed"]
