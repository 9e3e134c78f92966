"""Which role may do which act: one table, every cell stated, readable by a lawyer (capabilities.csv).

The table says what a role may do at all; each machine's `may_*` functions add whose case it must be.
An act that is not in the table is closed to everyone.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from mla.accounts.actors import Actor
from mla.accounts.models import Role

TABLE = Path(__file__).with_name("capabilities.csv")


_KIND_OF_ROLE = {str(Role.FOREIGN_OFFICER): "peer", str(Role.TIMER): "system"}


class CapabilityTableWrong(Exception):
    """A row of capabilities.csv is not understood; the message names it."""


@cache
def capability_table() -> dict[str, frozenset[str]]:
    """Return the roles of each act.

    Raises:
        CapabilityTableWrong: unknown role in the header, a cell that is neither yes nor no, an act twice.
    """
    table: dict[str, frozenset[str]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            act = row.pop("act")
            if set(row) != set(Role.values):
                raise CapabilityTableWrong(f"{act}: columns {sorted(set(row) ^ set(Role.values))} do not fit the roles")
            if act in table or not set(row.values()) <= {"yes", "no"}:
                raise CapabilityTableWrong(f"{act}: stands twice, or has a cell that is neither yes nor no")
            table[act] = frozenset(role for role, cell in row.items() if cell == "yes")
    return table


def holds(actor: Actor, act: str) -> bool:
    """Tell whether the actor's role may do `act` at all, whoever's case it is.

    The other State writes messages and the system runs jobs: a person with one of their two roles as a
    hat may do none of their acts.
    """
    if _KIND_OF_ROLE.get(actor.role, "user") != actor.kind:
        return False
    return actor.role in capability_table().get(act, frozenset())
