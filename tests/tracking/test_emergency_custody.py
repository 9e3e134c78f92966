"""Minutes of an emergency, what follows in writing, and the day on which a person in custody is to be back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.core import clock
from mla.reference.emergency import emergency_targets
from tests.lifecycle.conftest import World, arrived, one_transaction, savepoint, world
from tests.lifecycle.short_letters import CONSENT, MOVED, Both, arrangements, both, in_days, module_world
from workflows.engine.errors import ConditionsNotMet
from workflows.lifecycle.models import IncomingRequest
from workflows.lifecycle.services import custody, emergency
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.tracking.ball import Step, holders_incoming, holders_outgoing
from workflows.tracking.deadlines import Deadline, DeadlineKind, steps_due
from workflows.tracking.due import deadlines_for
from workflows.tracking.due_cases import cases_with_deadlines
from workflows.tracking.models import Notification
from workflows.tracking.selectors import worklist_incoming, worklist_outgoing
from workflows.tracking.services import ReminderStands, notification_see, reminders_create

__all__ = ["arrived", "both", "module_world", "one_transaction", "savepoint", "world"]
KINDS = {DeadlineKind.EMERGENCY, DeadlineKind.WRITTEN_FOLLOW_UP, DeadlineKind.CUSTODY_RETURN,
         DeadlineKind.CUSTODY_TRANSFER}  # fmt: skip


def due(case: Any) -> list[Deadline]:
    found = deadlines_for([type(case).objects.select_related(None).get(pk=case.pk)])
    ours = [one for one in found if one.kind in KINDS]
    assert found[: len([one for one in ours if one.first])] == [one for one in ours if one.first], "first comes first"
    return ours


def over(both: Both) -> None:
    by = both.line.their_supervisor
    custody.custody_act(custody=both.custody_in, act="record_consent", by=by, on=in_days(-1), **CONSENT)
    custody.custody_act(custody=both.custody_in, act="agree_arrangements", by=by, **arrangements())
    custody.custody_act(custody=both.custody_in, act="record_transfer", by=by, on=in_days(0), **MOVED)
    both.drain()


def test_emergency_is_due_by_the_minute_first_and_says_that_it_is_late(both: Both) -> None:
    start, target = both.emergency_in.started_at, emergency_targets()
    with clock.frozen(start + dt.timedelta(minutes=7)):
        assert both.emergency_in.took == dt.timedelta(minutes=7) and both.emergency_in.running
        take, answer = due(both.theirs)
        assert (take.at, answer.at) == (start + target["take_up"], start + target["answer"])
        assert not take.late and take.first and take.source == "own target" and not take.legal
    with clock.frozen(start + dt.timedelta(minutes=11)):
        assert due(both.theirs)[0].late and due(both.ours)[0].late
    assert [item.act for item in worklist_incoming(both.their_duty).rows] == ["emergency_in.take_up"]
    emergency.emergency_act(emergency=both.emergency_in, act="take_up", by=both.their_duty)
    emergency.emergency_ask_facts(emergency=both.emergency_in, by=both.their_duty, question="Which?")
    both.drain()
    (facts,) = due(both.ours)
    asked_at = both.emergency_out.facts_asked_at
    assert asked_at and facts.at == asked_at + target["facts"] and "we owe" in facts.note
    assert [item.act for item in worklist_outgoing(both.duty).rows] == ["emergency_out.give_facts"]
    given = clock.now()
    emergency.emergency_act(emergency=both.emergency_in, act="disclose", by=both.their_duty, what="All.", at=given)
    emergency.emergency_act(
        emergency=both.emergency_in, act="ask_followup", by=both.their_duty, why="declared", due=in_days(9)
    )
    both.drain()
    assert both.emergency_in.took == given - both.emergency_in.started_at and not both.emergency_out.running
    for case in (both.ours, both.theirs):
        (later,) = due(case)
        assert (later.kind, later.due, later.first) == ("written_follow_up", in_days(9), False)
    assert both.ours in cases_with_deadlines(in_days(0))[0] and both.theirs in cases_with_deadlines(in_days(0))[1]
    with CaptureQueriesContext(connection) as asked:
        deadlines_for([IncomingRequest.objects.get(pk=both.theirs.pk)])
    assert sum("lifecycle_emergency" in one["sql"] or "lifecycle_custody" in one["sql"] for one in asked) == 2


def test_person_who_is_over_is_warned_of_on_both_sides_and_never_closed_or_put_away(both: Both) -> None:
    over(both)
    for case in (both.ours, both.theirs):
        (back,) = [one for one in due(case) if one.kind == "custody_return"]
        assert (back.due, back.legal, back.confirmed) == (in_days(20), True, True)
        assert set(steps_due(back, in_days(0))) == {30}
        assert set(steps_due(back, in_days(21))) == {30, 14, 7, 3, 1, -1}
    line = both.line
    refused = course.outgoing_note_refusal(
        outgoing=both.ours, by=World.peer(both.ours), ground="essential_interests"
    )  # fmt: skip
    with pytest.raises(ConditionsNotMet) as unmet:
        course.outgoing_close(outgoing=refused, by=line.supervisor, reason="told by telephone")
    assert [one.code for one in unmet.value.reasons] == ["person_is_over"]
    concluded = inward.incoming_return_defective(
        incoming=both.theirs, by=line.their_supervisor, reason="Not in our language."
    )  # fmt: skip
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_close(incoming=concluded, by=line.their_registry, reason="over")
    assert [one.code for one in unmet.value.reasons] == ["person_is_over"]
    with clock.frozen(clock.now() + dt.timedelta(days=21)):
        for case in (both.ours, both.theirs):
            (back,) = [one for one in due(case) if one.kind == "custody_return"]
            assert back.overdue(in_days(0)) and back.first
        reminders_create()
        standing = Notification.objects.filter(kind="custody_return")
        assert set(standing.values_list("case_kind", flat=True)) == {"outgoing", "incoming"}
        with pytest.raises(ReminderStands):
            notification_see(notification=standing.filter(case_kind="outgoing")[0], by=line.registry)
    custody.custody_act(custody=both.custody_out, act="record_return", by=line.registry, on=in_days(0), **MOVED)
    both.drain()
    assert not [one for one in due(both.theirs) if one.kind == "custody_return"]
    notification_see(notification=standing.filter(case_kind="outgoing")[0], by=line.registry)
    course.outgoing_close(outgoing=both.ours, by=line.supervisor, reason="told by telephone")
    inward.incoming_close(incoming=both.theirs, by=line.their_registry, reason="over")


def test_overdue_return_stands_on_the_worklist_of_both_sides(both: Both) -> None:
    over(both)
    line = both.line
    for custody_row in (both.custody_out, both.custody_in):
        # The database has its own clock: the agreed day is moved, not time.
        type(custody_row)._default_manager.filter(pk=custody_row.pk).update(return_on=in_days(-1))
    assert [item.act for item in worklist_outgoing(line.registry).rows] == ["custody_out.record_return"]
    assert "custody_in.record_return" in [item.act for item in worklist_incoming(line.their_registry).rows]
    assert "Record the return" in worklist_outgoing(line.registry).rows[0].label


def test_question_on_an_emergency_gives_the_ball_to_whoever_has_the_facts() -> None:
    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)

    def steps(*acts: tuple[str, str]) -> list[Step]:
        return [Step(start + dt.timedelta(minutes=at), act, to) for at, (act, to) in enumerate(acts)]

    ours = steps(
        ("outgoing.send", "sent"), ("emergency_out.note_taken_up", ""), ("emergency_out.note_more_facts", ""),
        ("emergency_out.give_facts", ""),
    )  # fmt: skip
    held = holders_outgoing(ours, originating=1, central=1, other=2)
    assert [(one.authority_id, one.why) for one in held][1:] == [
        (1, "more facts are asked on the emergency"), (2, "not acknowledged yet"),
    ]  # fmt: skip
    theirs = steps(
        ("incoming.receive", "received"), ("emergency_in.ask_facts", ""), ("emergency_in.disclose", "")
    )  # fmt: skip
    assert [one.authority_id for one in holders_incoming(theirs, authority=2, sender=1)] == [2, 1, 2]
