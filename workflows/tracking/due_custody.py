"""The day on which a person in custody is to be back: on both sides, whatever the status of the case, until it is so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from mla.core import clock
from mla.reference.models import Authority
from workflows.lifecycle.models import CustodyIn, CustodyOut, RequestedItem
from workflows.tracking.cases import Case, key_of
from workflows.tracking.deadlines import CUSTODY_STEPS, Deadline, DeadlineKind, day_of, zone_named
from workflows.tracking.due_short import rows_of


def deadlines(
    cases: Sequence[Case], offices: Mapping[int, Authority], items: Mapping[tuple[str, int], Sequence[RequestedItem]]
) -> list[Deadline]:
    """Return them for these cases; one query a side, none where no item asks for a transfer."""
    return [
        deadline
        for case, row in rows_of(cases, items, CustodyOut, CustodyIn)
        for deadline in _of(case, row, offices)
    ]  # fmt: skip


def _of(case: Case, row: Any, offices: Mapping[int, Authority]) -> Iterator[Deadline]:
    if row.status not in ("arrangements_agreed", "transferred") or row.return_on is None or row.return_since is None:
        return
    office = offices.get(case.authority_id)
    zone = zone_named(office.time_zone if office else "UTC")
    since, today = day_of(row.return_since, zone), day_of(clock.now(), zone)
    words = {"key": row.item.key}
    if row.status == "arrangements_agreed":
        note = _("item %(key)s: as it is arranged") % words
        kind, due, first = DeadlineKind.CUSTODY_TRANSFER, row.transfer_on, False
    else:
        note = _("item %(key)s: the person is to be back, or the State the person comes from waives it") % words
        kind, due = DeadlineKind.CUSTODY_RETURN, row.return_on
        first = (due - today).days <= CUSTODY_STEPS[0]
    for authority_id in _whose(case):
        yield _deadline(case, kind, due, since, authority_id, note, first=first)


def _whose(case: Case) -> list[int]:
    """Return the offices that are warned: whoever has the file, and whoever carries it out."""
    executing = getattr(case, "executing_id", None)
    return sorted({case.authority_id, executing or case.authority_id})


def _deadline(
    case: Case, kind: DeadlineKind, due: date, since: date, authority_id: int, note: str, *, first: bool
) -> Deadline:
    return Deadline(
        kind=kind, due=due, since=since, case=key_of(case), for_authority_id=authority_id, legal=True, confirmed=True,
        source=_("agreed between the States, UNTOC 18(11)(b)"), note=note, first=first,
    )  # fmt: skip
