"""Alarms of undertakings and the picture of a chain of custody, in memory."""

from __future__ import annotations

import datetime as dt

from workflows.lifecycle.models import CustodyEntry, OutgoingRequest
from workflows.tracking.ball import Step, holders_incoming
from workflows.tracking.chain import MOST_LANES, MOST_STEPS, chain_picture
from workflows.tracking.deadlines import DeadlineKind, steps_due
from workflows.tracking.due_ledger import deadlines

DAY = dt.date(2026, 3, 31)
AT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def test_last_day_and_breach_are_alarms_of_a_closed_case_too() -> None:
    quiet = OutgoingRequest(pk=1, status="closed", authority_id=2, central_id=2)
    assert deadlines([quiet], {}) == []
    case = OutgoingRequest(
        pk=2, status="closed", authority_id=2, central_id=2, bound_due=DAY, bound_kind="destruction",
        bound_since=AT.date(), breached_on=AT.date(),
    )  # fmt: skip
    first, second = deadlines([case], {})
    assert (first.kind, first.due, first.for_authority_id) == (DeadlineKind.DESTRUCTION, DAY, 2)
    assert (second.kind, second.due) == (DeadlineKind.BREACH, AT.date())
    assert second.overdue(DAY) and not first.overdue(DAY)
    assert steps_due(first, DAY) == [7, 1, 0]
    assert steps_due(second, AT.date()) == [0]
    assert steps_due(second, AT.date() + dt.timedelta(days=8)) == [0, -7]
    case.bound_kind = "something new"
    assert deadlines([case], {})[0].kind == DeadlineKind.UNDERTAKING_END


def test_question_on_a_use_has_the_ball_until_it_is_answered() -> None:
    steps = [
        Step(AT, "incoming.transmit_result", "concluded"),
        Step(AT + dt.timedelta(days=1), "incoming.note_use_asked", "concluded"),
        Step(AT + dt.timedelta(days=2), "incoming.close", "closed"),
        Step(AT + dt.timedelta(days=3), "incoming.answer_other_use", "closed"),
    ]
    held = holders_incoming(steps, authority=1, sender=2)
    assert [(one.party, one.since.day) for one in held] == [("central", 1), ("central", 2), ("nobody", 4)]


def entry(step: str, to: str = "", by: str = "registry") -> CustodyEntry:
    return CustodyEntry(step=step, by=by, to_whom=to, at=AT, sha256="a" * 64)


def test_chain_goes_from_hand_to_hand_and_a_long_one_is_cut() -> None:
    assert chain_picture([]) is None
    chain = chain_picture([entry("received"), entry("verified"), entry("moved", "strong room"), entry("copied")])
    assert chain is not None
    assert [lane.name for lane in chain.lanes] == ["registry", "strong room"]
    ys = [dot.y for dot in chain.dots]
    assert ys[0] == ys[1] < ys[2] == ys[3]
    back = chain_picture([entry("received"), entry("moved", "strong room")], mirrored=True)
    assert back is not None and back.dots[0].x > back.dots[1].x
    long = chain_picture([entry("moved", f"room {number}") for number in range(MOST_STEPS + 7)])
    assert long is not None and (len(long.dots), long.left_out, len(long.lanes)) == (MOST_STEPS, 7, MOST_LANES)
