"""How a short machine begins: with its item, by the system."""

from __future__ import annotations

from mla.accounts.actors import Actor
from workflows.engine.perform import create
from workflows.lifecycle.models import RequestedItem
from workflows.lifecycle.short import machine_of


def item_begin(*, item: RequestedItem, by: Actor) -> RequestedItem:
    """Bring an item into being, and the short machine that an item of its measure has. By the system, in an open act."""
    begun = create(item, act="create", by=by)
    machine = machine_of(begun)
    if machine is not None:
        row, effects = machine.begun(begun)
        create(row, act="create", by=by, effects=effects)
    return begun
