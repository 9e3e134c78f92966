"""The last day of a team: due on both sides, warned of at 60, 30 and 7 days, and shown as run out until it is ended."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.exchange.conftest import one_transaction, savepoint
from tests.factories import drain
from tests.lifecycle.offering import Both, active, both, day, module_both, today
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import spontaneous as info
from workflows.lifecycle.services import teams
from workflows.tracking import due_offering
from workflows.tracking.deadlines import steps_of
from workflows.tracking.due import deadlines_for
from workflows.tracking.due_cases import cases_with_deadlines
from workflows.tracking.hanging import items_of
from workflows.tracking.selectors import worklist

__all__ = ["both", "module_both", "one_transaction", "savepoint"]


def test_last_day_of_a_team_is_due_until_it_is_extended_or_ended(both: Both) -> None:
    cases = [both.ours, both.theirs]
    assert not [one for one in deadlines_for(cases) if one.kind == "team_end"]
    active(both)
    found = [one for one in deadlines_for(cases) if one.kind == "team_end"]
    assert {(one.due, one.for_authority_id, one.legal) for one in found} == {
        (day(90), case.authority_id, True) for case in cases
    }
    assert steps_of("team_end") == (60, 30, 7)
    # Run out, and not ended: overdue, also where the request itself is long over.
    assert all(one.overdue(day(91)) for one in found)
    items: dict[tuple[str, int], list[object]] = {}
    for item in items_of(cases):
        items.setdefault((item.case.KIND, item.case.pk), []).append(item)
    with CaptureQueriesContext(connection) as asked:
        due_offering.deadlines(cases, {}, items)  # type: ignore[arg-type]
    assert len(asked) == 2
    outgoing, incoming = cases_with_deadlines(day(500))
    assert both.ours in outgoing and both.theirs in incoming
    teams.team_end(team=both.team, by=both.line.supervisor, how="notice", on=today())
    assert not [one for one in deadlines_for([both.ours]) if one.kind == "team_end"]


def test_answer_to_the_conditions_is_due_for_whom_it_is_asked_of(both: Both) -> None:
    notes = {(one.case.kind, str(one.note)) for one in deadlines_for([both.ours, both.theirs]) if one.kind == "answer"}
    assert notes == {("outgoing", "the other State owes the answer"), ("incoming", "we owe the answer")}


def test_what_is_offered_or_signed_waits_for_the_supervisor(both: Both) -> None:
    def waits(supervisor: Any) -> set[str]:
        pages = worklist(supervisor)
        return {item.act for page in pages for item in page.rows if item.case in {both.ours, both.theirs}}

    line = both.line
    line.under_review(both.theirs)
    # Our own offer is no question that the other side owes an answer to: the case itself can be accepted.
    assert waits(line.their_supervisor) == {"accept"}
    line_of = inward.incoming_accept(
        incoming=type(both.theirs).objects.get(pk=both.theirs.pk), by=line.their_supervisor,
        executing=line.executing_authority, decided_by="Supervisor",
    )  # fmt: skip
    assert line_of.status == "in_execution"
    assert waits(line.their_supervisor) == {"spontaneous_in.accept"}
    for key in ("M1", "M2"):
        info.spontaneous_accept(spontaneous=both.into(key), by=line.their_supervisor)
    drain()
    assert waits(line.their_supervisor) == set()
    assert waits(line.supervisor) == {"spontaneous_out.give"}
