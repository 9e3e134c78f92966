"""What is due of courts and notices, and who has the ball meanwhile."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.core import clock
from tests.factories import Line
from workflows.lifecycle.models import IncomingRequest
from workflows.lifecycle.services import courts
from workflows.lifecycle.services.courts import AppliedFor, Challenge, Deferral
from workflows.tracking import due_courts
from workflows.tracking.at_court import with_courts
from workflows.tracking.ball import Step, holders_incoming
from workflows.tracking.due import deadlines_for
from workflows.tracking.due_cases import cases_with_deadlines
from workflows.tracking.selectors import worklist_incoming


def in_days(days: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=days)


def kinds(case: IncomingRequest) -> list[tuple[str, dt.date]]:
    mine = {"court_hearing", "order_end", "notice"}
    return sorted({(str(one.kind), one.due) for one in deadlines_for([case]) if one.kind in mine})


@pytest.mark.django_db
def test_hearing_end_of_an_order_and_deferred_notice_are_due_by_one_query_or_none() -> None:
    line = Line()
    case: Any = line.in_execution(line.arrived(line.sent()))
    by = line.executing
    order = AppliedFor("interception", "District Court", in_days(-9))
    courts.incoming_apply_for_order(incoming=case, by=by, order=order)
    courts.incoming_note_order_granted(
        incoming=case, by=by, order=case.courtorder_set.get().public_id, reference="4 Gs 12",
        decided_on=in_days(-8), valid_until=in_days(30),
    )  # fmt: skip
    challenge = Challenge("provider", "Court of Appeal", in_days(-3), hearing_on=in_days(12))
    courts.incoming_note_challenge(incoming=case, by=by, challenge=challenge)
    courts.incoming_defer_notice(incoming=case, by=by, deferral=Deferral("law", "CPA 101", until=in_days(0)))
    case.refresh_from_db()
    found = [("court_hearing", in_days(12)), ("notice", in_days(0)), ("order_end", in_days(30))]
    assert kinds(case) == found
    two = [case, IncomingRequest.objects.get(pk=case.pk)]
    with CaptureQueriesContext(connection) as asked:
        due_courts.deadlines(two, {})
    assert len(asked) == 1
    again = IncomingRequest.objects.get(pk=case.pk)
    with_courts(again)
    with CaptureQueriesContext(connection) as asked:
        due = due_courts.deadlines([again], {})
    assert len(asked) == 0
    assert {one.for_authority_id for one in due if one.kind == "notice"} == {case.authority_id}
    assert {one.for_authority_id for one in due if one.kind == "court_hearing"} == {
        case.authority_id,
        case.executing_id,
    }
    # The deferral whose day has come waits for the supervisor; the hearing keeps the result here.
    waits = {item.act for item in worklist_incoming(line.their_supervisor).rows if item.case.pk == case.pk}
    assert waits == {"notify_affected"}
    assert case in cases_with_deadlines(in_days(0))[1]


def test_remedy_and_filter_say_why_whoever_carries_out_waits() -> None:
    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    acts = ["accept", "open_filter", "note_challenge", "note_challenge", "note_remedy_decided", "note_remedy_decided",
            "close_filter"]  # fmt: skip
    steps = [
        Step(start + dt.timedelta(days=number), f"incoming.{act}", "in_execution", {"executing": 7})
        for number, act in enumerate(acts)
    ]
    held = holders_incoming(steps, authority=1, sender=2)
    assert {one.authority_id for one in held} == {7}
    assert [one.why for one in held] == [
        "in execution",
        "files are looked through for what is privileged",
        "a remedy is pending before a court",
        "files are looked through for what is privileged",
        "in execution",
    ]
