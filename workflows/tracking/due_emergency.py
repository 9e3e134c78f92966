"""What is due in an emergency, by the minute, and what follows a disclosure in writing, by the day. Own targets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from mla.core import clock
from mla.reference.emergency import emergency_targets
from mla.reference.models import Authority
from workflows.lifecycle.models import EmergencyIn, EmergencyOut, RequestedItem
from workflows.tracking.cases import Case, key_of
from workflows.tracking.deadlines import OWN_TARGET, Deadline, DeadlineKind, day_of, zone_named
from workflows.tracking.due_short import rows_of


def deadlines(
    cases: Sequence[Case], offices: Mapping[int, Authority], items: Mapping[tuple[str, int], Sequence[RequestedItem]]
) -> list[Deadline]:
    """Return them for these cases; one query a side, none where no item asks for an emergency disclosure."""
    now = clock.now()
    return [
        deadline
        for case, row in rows_of(cases, items, EmergencyOut, EmergencyIn)
        for deadline in _of(case, row, now, offices.get(case.authority_id))
    ]


def _of(case: Case, row: Any, now: dt.datetime, office: Authority | None) -> Iterator[Deadline]:
    zone = zone_named(office.time_zone if office else "UTC")
    inward, words = case.KIND == "incoming", {"key": row.item.key}

    def by(step: str, since: dt.datetime, note: str) -> Deadline:
        at = since + emergency_targets()[step]
        return Deadline(
            kind=DeadlineKind.EMERGENCY, due=day_of(at, zone), since=day_of(since, zone), case=key_of(case),
            for_authority_id=case.authority_id, source=str(OWN_TARGET), legal=False, confirmed=True, note=note % words,
            at=at, late=now > at, first=True,
        )  # fmt: skip

    if row.status in ("sent", "received") and row.taken_up_at is None:
        note = (
            _("item %(key)s: take the emergency up")
            if inward
            else _("item %(key)s: nobody there has taken it up: call")
        )
        yield by("take_up", row.started_at, note)
    if row.status in ("sent", "received", "answering"):
        note = _("item %(key)s: disclose, decline or ask") if inward else _("item %(key)s: their answer")
        yield by("answer", row.started_at, note)
    if row.status == "more_facts" and row.facts_asked_at is not None:
        note = _("item %(key)s: the other State owes the facts") if inward else _("item %(key)s: we owe the facts")
        yield by("facts", row.facts_asked_at, note)
    if row.status in ("written_followup_due", "followup_awaited") and row.followup_due and row.followup_since:
        note = _("item %(key)s: the other State owes it") if inward else _("item %(key)s: we owe it")
        source = _("set by the requested State") if row.followup_asked and not inward else str(OWN_TARGET)
        if inward and row.followup_asked:
            source = _("set by us")
        yield Deadline(
            kind=DeadlineKind.WRITTEN_FOLLOW_UP, due=row.followup_due, since=day_of(row.followup_since, zone),
            case=key_of(case), for_authority_id=case.authority_id, source=source, legal=False, confirmed=True,
            note=note % words,
        )  # fmt: skip
