"""What of the short machines waits for a person: minutes and people before everything else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import (
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Now

from workflows.lifecycle.models import (
    CustodyIn,
    CustodyOut,
    EmergencyIn,
    EmergencyOut,
    Preservation,
    PreservationIn,
    PreservationOut,
    PreservationPoint,
)
from workflows.lifecycle.models.short import ShortMachine

#: Statuses of a request in after which nothing is begun on it.
ENDED = ("concluded", "closed")


def waiting_short(side: str) -> list[tuple[str, str, Q]]:
    """Return the acts of short machines that a case waits for, as `selectors._outgoing_rules`; act with its kind."""
    if side == "outgoing":
        return [
            ("emergency_out.give_facts", "central", _has(EmergencyOut, status="more_facts")),
            ("custody_out.record_return", "central", _not_back(CustodyOut)),
            ("emergency_out.regularise", "central", _has(EmergencyOut, status="written_followup_due")),
        ]
    return [
        ("emergency_in.take_up", "authority", _has(EmergencyIn, status="received")),
        ("emergency_in.disclose", "authority", _has(EmergencyIn, status="answering")),
        ("custody_in.record_return", "authority", _not_back(CustodyIn)),
    ]


def waiting_keeping(side: str) -> list[tuple[str, str, Q]]:
    """Return the acts of preservations that a case waits for, as `waiting_short`."""
    if side == "incoming":
        return [(act, "authority", what) for act, what in kept_here()]
    tipping_off = _asked(PreservationOut, PreservationPoint.Kind.TIPPING_OFF, "asked")
    return [
        ("preservation_out.go_on", "central", tipping_off),
        ("preservation_out.lapse", "central", _over(PreservationOut)),
    ]


def kept_here() -> list[tuple[str, Q]]:
    """Return what waits of the preservations that we were asked: for who decides here and for who carries out."""
    begun = ("received", "served")
    in_order = PreservationIn.objects.filter(item__incoming=OuterRef("pk"), status__in=begun)
    in_order = in_order.exclude(Exists(_open_points(PreservationPoint.Kind.TIPPING_OFF)))
    extension = PreservationPoint.Kind.EXTENSION
    return [
        ("preservation_in.preserve", Q(Exists(in_order)) & ~Q(status__in=ENDED) & ~Q(desired="withdraw")),
        ("preservation_in.extend", _asked(PreservationIn, extension, "preserved", "held", "lapsed")),
        ("preservation_in.lapse", _over(PreservationIn)),
    ]


def _asked(machine: type[ShortMachine], kind: str, *statuses: str) -> Q:
    """A question of that kind on a preservation waits for our answer."""
    which: dict[str, Any] = {f"item__{machine.SIDE}": OuterRef("pk"), "status__in": statuses}
    rows = machine._default_manager.filter(**which)
    return Q(Exists(rows.filter(Exists(_open_points(kind)))))


def _open_points(kind: str) -> QuerySet[PreservationPoint]:
    return PreservationPoint.objects.filter(item=OuterRef("item"), kind=kind, answered_at=None)


def _over(machine: type[ShortMachine]) -> Q:
    """The last day is over, and neither an extension nor the lapse is recorded."""
    last = Preservation.objects.filter(item=OuterRef("item")).order_by("-id").values("until")[:1]
    which: dict[str, Any] = {f"item__{machine.SIDE}": OuterRef("pk"), "status": "preserved"}
    rows = machine._default_manager.filter(**which)
    return Q(Exists(rows.annotate(last=Subquery(last)).filter(last__lt=Cast(Now(), DateField()))))


def _has(machine: type[ShortMachine], **which: Any) -> Q:
    rows = machine._default_manager.filter(**{f"item__{machine.SIDE}": OuterRef("pk")}, **which)
    return Q(Exists(rows))


def _not_back(machine: type[ShortMachine]) -> Q:
    """The person is to be back by tomorrow, or was to be: on the list of both sides until it is so."""
    a_day = Value(timedelta(days=1), output_field=DurationField())
    tomorrow = Cast(ExpressionWrapper(Now() + a_day, output_field=DateTimeField()), DateField())
    return _has(machine, status="transferred", return_on__lte=tomorrow)
