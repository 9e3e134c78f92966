"""Doing an act of a short machine: what is recorded by hand of the other State's is heard by the request too."""

from __future__ import annotations

from typing import Any, TypeVar

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from workflows.engine.acts import one_act
from workflows.engine.models import CaseRow
from workflows.engine.perform import perform
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE
from workflows.lifecycle.models.short import ShortMachine

R = TypeVar("R", bound=CaseRow)


def short_perform(row: R, act: str, *, by: Actor, **data: Any) -> R:
    """Do an act of a short machine, as `perform`. What the registry records of the other State's with proof is a sign
    of its life: the request hears it, as it hears a message."""
    with one_act():
        done = perform(row, act, by=by, **data)
        if isinstance(done, ShortMachine) and data.get("proof") and holds(by, "outgoing.hear") and by.kind == "user":
            of_it = OutgoingRequest.objects.filter(
                pk=done.item.outgoing_id or 0, status__in=WITH_THE_OTHER_STATE
            ).first()
            if of_it is not None:
                perform(of_it, "hear", by=by, item=done.item.key)
        return done
