"""The tables of the law as a reader of the documentation finds them, each beside the picture of its machine."""

from __future__ import annotations

from tests.architecture.sources import case_rows
from tests.lifecycle.tables import table
from workflows.engine.drawing import machine_svg
from workflows.engine.models import CaseRow

HEAD = """# Every machine: who does what, from where

Made from the tables `tests/lifecycle/` (table_*.csv), which are written by hand, and from the declared acts, which the
pictures show; `MACHINES=write` and the tests of that folder make it again. A test tries each machine in memory with every
status, act, role and place, and fails where table and program differ. On which conditions an act can be done, and from
which article that follows, is said in [the record of the machines](adr/0002-state-machines.md).

A dashed way leads back. What is not in a table nobody may do. “By message” is the other State's authority, which has no
login here.
"""
ROLES = {
    "originator_drafter": "drafter",
    "originator_signatory": "signatory",
    "desk_officer": "desk officer",
    "supervisor": "supervisor",
    "legal": "legal officer",
    "translator": "translator",
    "registry": "registry",
    "duty_officer": "duty officer",
    "executing_officer": "executing officer",
    "auditor": "auditor",
    "peer": "by message",
    "system": "the system",
}
PLACES = {
    "originating": "originating authority",
    "central": "central authority",
    "addressee": "the other State",
    "receiver": "receiving authority",
    "sender": "the sender",
    "executing": "executing authority",
    "ours": "our authority",
    "owner": "the letter's authority",
    "lodged": "authority it is lodged with",
    "advice": "authority asked for advice",
    "own": "its authority",
    "state": "another authority of its State",
}
#: Of a short machine, which is called alike on both sides.
FILES = {"outgoing": ", in our file", "incoming": ", in the receiver's file"}
SIDES = {"out": "our file", "in": "the receiver's file"}


def machines() -> list[type[CaseRow]]:
    """Return every machine in the order of the documentation: requests first, then by name."""
    first = ["outgoing", "incoming", "item"]
    return sorted(case_rows(), key=lambda one: (first.index(one.KIND) if one.KIND in first else 9, one.KIND))


def picture_of(model: type[CaseRow]) -> str:
    return machine_svg(model)


def rendered() -> str:
    return HEAD + "".join(_machine(model) for model in machines())


def _machine(model: type[CaseRow]) -> str:
    name = str(model._meta.verbose_name) + FILES.get(getattr(model, "SIDE", ""), "")
    lines = ["", f"## {name[:1].upper()}{name[1:]}", "", f"![{name}: its statuses](machines/{model.KIND}.svg)", ""]
    law = table(model.KIND)
    apart = next((column for column in ("side", "with") if law and column in law[0]), "")
    heads = {"side": "In", "with": "File with"}
    columns = ["Act", "From", "To", *([heads[apart]] if apart else []), "Who"]
    lines += ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    merged: dict[tuple[str, str, str, str], list[str]] = {}
    for line in law:
        same = line["to"] == line["from"]
        key = (line["act"], "same" if same else line["to"], line.get(apart, ""), line["who"])
        merged.setdefault(key, []).append(line["from"])
    for (act, to, where, who), sources in merged.items():
        cells = [f"`{act}`", ", ".join(sources), to, *([_place(where)] if apart else []), _who(who)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _place(where: str) -> str:
    return SIDES.get(where) or PLACES[where]


def _who(who: str) -> str:
    by_place: dict[str, list[str]] = {}
    for one in who.split():
        role, _, place = one.partition("@")
        by_place.setdefault(place, []).append(ROLES[role])
    return "; ".join(f"{PLACES[place]}: {', '.join(roles)}" for place, roles in by_place.items())
