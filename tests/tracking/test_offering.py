"""The last day of a team: due on both sides, warned of at 60, 30 and 7 days, and shown as run out until it is ended."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.exchange.conftest import one_transaction, savepoint
from tests.lifecycle.offering import Both, active, both, day, module_both, today
from workflows.lifecycle.services import teams
from workflows.tracking import due_offering
from workflows.tracking.deadlines import steps_of
from workflows.tracking.due import deadlines_for
from workflows.tracking.due_cases import cases_with_deadlines
from workflows.tracking.hanging import items_of

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
