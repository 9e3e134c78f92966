"""What of the short machines waits for a person: minutes and people before everything else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import DateField, DateTimeField, DurationField, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.db.models.functions import Cast, Now

from workflows.lifecycle.models import CustodyIn, CustodyOut, EmergencyIn, EmergencyOut
from workflows.lifecycle.models.short import ShortMachine


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


def _has(machine: type[ShortMachine], **which: Any) -> Q:
    rows = machine._default_manager.filter(**{f"item__{machine.SIDE}": OuterRef("pk")}, **which)
    return Q(Exists(rows))


def _not_back(machine: type[ShortMachine]) -> Q:
    """The person is to be back by tomorrow, or was to be: on the list of both sides until it is so."""
    a_day = Value(timedelta(days=1), output_field=DurationField())
    tomorrow = Cast(ExpressionWrapper(Now() + a_day, output_field=DateTimeField()), DateField())
    return _has(machine, status="transferred", return_on__lte=tomorrow)
