"""Which cases can have a deadline at all: the sweep for reminders looks at no others."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from workflows.lifecycle.models import (
    CustodyIn,
    CustodyOut,
    EmergencyIn,
    EmergencyOut,
    IncomingRequest,
    Notice,
    OpenPoint,
    OutgoingRequest,
    Preservation,
    Remedy,
    TeamIn,
    TeamOut,
)
from workflows.lifecycle.models.short import ShortMachine
from workflows.lifecycle.models.teams import STANDING
from workflows.lifecycle.models.undertakings import BOUND
from workflows.lifecycle.outcomes import IncomingStatus, OutgoingStatus
from workflows.tracking.due import ENDED
from workflows.tracking.due_contacts import left_by_contacts


def cases_with_deadlines(today: date) -> tuple[Any, Any]:
    """Return the cases, both kinds, that can have a deadline: open ones, and those with something open beside."""
    kept = Preservation.objects.filter(until__gte=today)
    asked = OpenPoint.objects.filter(kind=OpenPoint.Kind.COMPLEMENT, answered_at=None, due__isnull=False)
    outgoing = OutgoingRequest.objects.filter(
        ~Q(status__in=ENDED)
        | Q(status=OutgoingStatus.CONCLUDED, originals_due__isnull=False)
        | Q(pk__in=kept.filter(outgoing__isnull=False).values("outgoing"))
        | Q(pk__in=asked.filter(outgoing__isnull=False).values("outgoing"))
        | Q(pk__in=_dated(TeamOut, *STANDING))
        | left_by_contacts()
        | Q(pk__in=_dated(CustodyOut, "transferred", "arrangements_agreed"))
        | Q(pk__in=_dated(EmergencyOut, "written_followup_due"))
        | BOUND
    )
    incoming = IncomingRequest.objects.filter(
        ~Q(status__in=ENDED)
        | Q(status=IncomingStatus.CONCLUDED, originals_due__isnull=False)
        | Q(pk__in=kept.filter(incoming__isnull=False).values("incoming"))
        | Q(pk__in=asked.filter(incoming__isnull=False).values("incoming"))
        | Q(
            status=IncomingStatus.CONCLUDED,
            pk__in=Notice.objects.filter(kind="deferred", ended_at=None).values("incoming"),
        )
        | Q(status=IncomingStatus.CONCLUDED, pk__in=Remedy.objects.filter(result="").values("incoming"))
        | Q(pk__in=_dated(TeamIn, *STANDING))
        | left_by_contacts()
        | Q(pk__in=_dated(CustodyIn, "transferred", "arrangements_agreed"))
        | Q(pk__in=_dated(EmergencyIn, "followup_awaited"))
        | BOUND
    )
    return outgoing.select_related("letter"), incoming.defer("content")


def _dated(machine: type[ShortMachine], *statuses: str) -> Any:
    """Return the cases, open or ended, that have such a machine in a status that has a day."""
    return machine._default_manager.filter(Q(("status__in", statuses))).values(f"item__{machine.SIDE}")
