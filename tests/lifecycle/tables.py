"""Reading the tables of the law (table_*.csv, written by hand) and trying a machine against them, in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, get_args, get_type_hints

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from workflows.engine.machine import acts_of
from workflows.engine.models import CaseRow

HERE = Path(__file__).parent
KINDS: tuple[str, ...] = get_args(get_type_hints(Actor)["kind"])
#: The two roles that are no person's hat, as the tables write them.
WRITTEN = {("peer", Role.FOREIGN_OFFICER): "peer", ("system", Role.TIMER): "system"}


def table(name: str) -> list[dict[str, str]]:
    with (HERE / f"table_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_hand(kind: str, role: str, authority_id: int) -> Actor:
    return Actor(kind, "x", "x", role, authority_id, 1 if kind == "user" else None)  # type: ignore[arg-type]


def everyone(places: Mapping[str, int]) -> Iterator[tuple[str, Actor]]:
    """Yield every kind of actor with every role at every place, and how a table writes it; "" where it cannot."""
    for kind, role, (place, authority_id) in product(KINDS, Role.values, places.items()):
        if kind == "user" and role not in {Role.FOREIGN_OFFICER, Role.TIMER}:
            written = f"{role}@{place}"
        else:
            who = WRITTEN.get((kind, Role(role)), "")
            written = f"{who}@{place}" if who else ""
        yield written, by_hand(kind, role, authority_id)


def deviations(case: CaseRow, lines: list[dict[str, str]], places: Mapping[str, int]) -> list[str]:
    """Compare one row in its status with the lines of the law: each act, target and actor that differ."""
    status = case.status  # type: ignore[attr-defined]
    law: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        if line["from"] == status:
            law.setdefault((line["act"], line["to"]), set()).update(line["who"].split())
    code = {
        (name, str(found.target or status)): found
        for name, transitions in acts_of(type(case)).items()
        for found in transitions
        if found.source == status
    }
    wrong = [f"{status}: the law knows {act} to {to}, the code does not" for act, to in law.keys() - code.keys()]
    wrong += [f"{status}: the code knows {act} to {to}, the law does not" for act, to in code.keys() - law.keys()]
    people = list(everyone(places))
    for key in law.keys() & code.keys():
        for written, actor in people:
            permitted: Any = code[key].has_perm(case, actor)  # type: ignore[arg-type]
            if bool(permitted) != (written in law[key]):
                who = written or f"{actor.kind} with the role {actor.role}"
                wrong.append(
                    f"{status}: {key[0]} by {who} is {'open' if permitted else 'closed'}, the law says otherwise"
                )
    return wrong
