"""The capability table against the law's tables, and the two roles that are no person's hat."""

from __future__ import annotations

import csv

import pytest

from mla.accounts.capabilities import TABLE, capability_table, holds
from mla.accounts.models import Role
from tests.lifecycle.tables import KINDS, by_hand, table

#: How the law's tables write the roles that are worn by no person.
NO_HATS = {"peer": Role.FOREIGN_OFFICER, "system": Role.TIMER}


def roles(who: str) -> set[str]:
    return {str(NO_HATS.get(name, name)) for name in (token.partition("@")[0] for token in who.split())}


def law() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kind, lines in (("outgoing", table("outgoing")), ("incoming", table("incoming")), ("item", table("item"))):
        for line in lines:
            name = f"item_{line['side']}" if kind == "item" else kind
            found.setdefault(f"{name}.{line['act']}", set()).update(roles(line["who"]))
    return found


@pytest.mark.parametrize("act", sorted(law()))
def test_roles_of_an_act_are_those_of_the_law(act: str) -> None:
    assert capability_table()[act] == law()[act]


def test_every_cell_is_stated() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["act", *Role.values]
    assert all(len(row) == len(header) and set(row[1:]) <= {"yes", "no"} for row in rows)


def test_auditor_changes_nothing_but_says_what_came_of_an_opened_restricted_case() -> None:
    assert [act for act, allowed in capability_table().items() if Role.AUDITOR in allowed] == ["break_glass.review"]


def test_role_of_the_peer_or_of_the_system_worn_by_a_person_opens_nothing() -> None:
    for act, allowed in capability_table().items():
        for kind in KINDS:
            opened = {role for role in Role.values if holds(by_hand(kind, role, 1), act)}
            if kind == "user":
                assert opened == allowed - {Role.FOREIGN_OFFICER, Role.TIMER}
            else:
                assert opened == allowed & {NO_HATS[kind]}


def test_nobody_may_do_what_is_not_in_the_table() -> None:
    for kind in KINDS:
        for role in Role.values:
            assert not holds(by_hand(kind, role, 1), "outgoing.delete")
