"""What of courts and filters reaches the other State: how many files are withheld and why, and what fell with an order."""

from __future__ import annotations

import datetime as dt

import pytest

from mla.core import clock
from tests.exchange.test_lines import Case, case
from tests.exchange.test_parts import add, carried
from tests.factories import drain
from workflows.exchange.bodies import BODIES
from workflows.lifecycle.services import courts, parts
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services.courts import AppliedFor, Challenge
from workflows.tracking.at_court import withheld_there

__all__ = ["case"]


def ago(days: int) -> dt.date:
    return clock.now().date() - dt.timedelta(days=days)


def test_withheld_files_are_counted_and_never_named_and_a_fallen_execution_is_told(case: Case) -> None:
    case.in_execution()
    line, supervisor = case.line, case.line.their_supervisor
    order = AppliedFor("production", "District Court", ago(9), items=["M2"])
    courts.incoming_apply_for_order(incoming=case.theirs, by=line.executing, order=order)
    applied = case.theirs.courtorder_set.get().public_id
    courts.incoming_note_order_granted(
        incoming=case.theirs, by=line.executing, order=applied, reference="4 Gs 12", decided_on=ago(8)
    )
    for content, item in ((b"account", "M1"), (b"letter to counsel", "M1"), (b"second account", "M2")):
        add(case, content, item)
    case.item("M2", "execute", line.executing)
    courts.incoming_open_filter(incoming=case.theirs, by=line.executing, kind="legal", filtered_by="Office 2")
    row = case.theirs.privilegefilter_set.get()
    first, privileged, second = courts.filter_files(row)
    decided = {first.public_id: "", privileged.public_id: "legal", second.public_id: ""}
    courts.incoming_close_filter(incoming=case.theirs, by=supervisor, filter=row.public_id, decided=decided)
    parts.incoming_transmit_part(incoming=case.theirs, by=line.their_registry)
    drain()
    # What stays inside stays inside: no order and no name of what is withheld is known over there.
    assert case.ours.withheld_there == [{"ground": "legal", "count": 1}]
    assert withheld_there(case.ours) == [(1, "communication with a lawyer")]
    assert privileged.sha256 not in set(case.ours.evidence_set.values_list("sha256", flat=True))
    assert case.items(case.ours)["M2"] == "executed"
    add(case, b"third account", "M2")
    challenge = Challenge("provider", "Court of Appeal", ago(3), order=applied)
    courts.incoming_note_challenge(incoming=case.theirs, by=line.executing, challenge=challenge)
    remedy = case.theirs.remedy_set.get().public_id
    courts.incoming_note_remedy_decided(
        incoming=case.theirs, by=supervisor, remedy=remedy, result="upheld", decided_on=ago(1), decision="Set aside."
    )
    case.item("M1", "execute", line.executing)
    case.item(
        "M2", "refuse", supervisor, ground="essential_interests", article="national law", reason="no order stands"
    )
    inward.incoming_transmit_result(incoming=case.theirs, by=line.their_registry)
    case.ended("partially_executed")
    assert case.items(case.ours) == {"M1": "executed", "M2": "refused"}
    assert case.ours.withheld_there == [{"ground": "legal", "count": 1}, {"ground": "order_set_aside", "count": 1}]
    assert not any(carried(case, "result"))


@pytest.mark.parametrize(
    "withheld", [[{"ground": "legal", "count": 0}], [{"ground": "Legal privilege", "count": 1}], [{"count": 1}]]
)
def test_count_that_says_nothing_is_refused(withheld: list[dict[str, object]]) -> None:
    body = {"outcome": "executed", "items": [], "withheld": withheld}
    with pytest.raises(ValueError, match="withheld"):
        BODIES["result"].model_validate(body)
    assert BODIES["result"].model_validate(body | {"withheld": [{"ground": "of_another_list", "count": 3}]})
