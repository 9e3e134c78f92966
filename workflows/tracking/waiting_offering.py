"""What of information without a request, and of teams, waits for a person."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from workflows.lifecycle.models import SpontaneousIn, SpontaneousOut, TeamExtension, TeamIn, TeamOut
from workflows.lifecycle.models.short import ShortMachine


def waiting_offering(side: str) -> list[tuple[str, str, Q]]:
    """Return the acts of these rows that a case waits for, as `selectors._outgoing_rules`; each act with its kind."""
    if side == "outgoing":
        return [
            ("spontaneous_out.give", "central", _has(SpontaneousOut, status="accepted", told_in_letter=False)),
            *_of_teams(TeamOut, "central"),
        ]
    return [
        ("spontaneous_in.accept", "authority", _has(SpontaneousIn, status="offered")),
        *_of_teams(TeamIn, "authority"),
    ]


def _of_teams(machine: type[ShortMachine], whose: str) -> list[tuple[str, str, Q]]:
    asked = TeamExtension.objects.filter(**{f"item__{machine.SIDE}": OuterRef("pk")}, ours=False, agreed=None)
    return [
        (f"{machine.KIND}.countersign", whose, _has(machine, status="signing", signed_here_on=None)),
        (f"{machine.KIND}.agree_extension", whose, Q(Exists(asked))),
    ]


def _has(machine: type[ShortMachine], **which: Any) -> Q:
    return Q(Exists(machine._default_manager.filter(**{f"item__{machine.SIDE}": OuterRef("pk")}, **which)))
