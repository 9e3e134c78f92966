"""Preservations on the worklist, and who has the ball while something is asked on one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.core import clock
from tests.exchange.test_lines import Case
from tests.exchange.test_preservation_lines import in_days, kept, module_world, ours, theirs
from tests.factories import drain
from tests.lifecycle.conftest import World, arrived, one_transaction, savepoint, world
from workflows.lifecycle.models import OutgoingRequest, Preservation
from workflows.lifecycle.services import preservation as keep
from workflows.lifecycle.services.outgoing_course import Proof
from workflows.tracking.ball import Step, holders_incoming, holders_outgoing
from workflows.tracking.selectors import worklist_incoming, worklist_outgoing

__all__ = ["arrived", "module_world", "one_transaction", "savepoint", "world"]

PROOF = Proof("letter.pdf", "application/pdf", b"%PDF their letter")


@pytest.fixture
def case(world: World, arrived: None) -> Case:
    return Case(world)


def acts(found: Any) -> list[str]:
    return [row.act for row in found.rows]


def test_what_waits_of_a_preservation_stands_on_the_worklist_until_it_is_done(case: Case) -> None:
    line = case.line
    assert "preservation_in.preserve" in acts(worklist_incoming(line.their_supervisor))
    keep.preservation_in_ask_tipping_off(preservation=theirs(case), by=line.their_supervisor, question="Go on?")
    # Now it waits for the other State.
    assert "preservation_in.preserve" not in acts(worklist_incoming(line.their_supervisor))
    drain()
    assert "preservation_out.go_on" in acts(worklist_outgoing(line.supervisor))
    keep.preservation_out_go_on(preservation=ours(case), by=line.supervisor)
    drain()
    assert "preservation_out.go_on" not in acts(worklist_outgoing(line.supervisor))
    kept(case)
    assert "preservation_in.preserve" not in acts(worklist_incoming(line.their_supervisor))
    keep.preservation_out_ask_extension(preservation=ours(case), by=line.desk, until=in_days(200), reason="A hearing.")
    drain()
    assert "preservation_in.extend" in acts(worklist_incoming(line.their_supervisor))
    keep.preservation_in_extend(preservation=theirs(case), by=line.their_supervisor, until=in_days(150))
    drain()
    assert "preservation_in.extend" not in acts(worklist_incoming(line.their_supervisor))
    for one, reader in ((worklist_outgoing, line.supervisor), (worklist_incoming, line.their_supervisor)):
        assert not [act for act in acts(one(reader)) if act.endswith(".lapse")]
    # The database has its own clock: the day is moved, not time.
    Preservation.objects.update(preserved_from=in_days(-90), until=in_days(-2))
    assert "preservation_out.lapse" in acts(worklist_outgoing(line.supervisor))
    assert "preservation_in.lapse" in acts(worklist_incoming(line.their_supervisor))


def test_what_is_recorded_by_hand_of_a_preservation_is_a_sign_of_life(case: Case) -> None:
    long_ago = clock.now() - dt.timedelta(days=70)
    OutgoingRequest.objects.filter(pk=case.ours.pk).update(silent_since=long_ago, chased_rung=2)
    keep.preservation_out_note(
        preservation=ours(case), act="note_provider", by=case.line.registry, provider="Example Hosting", proof=PROOF
    )
    heard = case.ours
    assert heard.silent_since is not None and heard.silent_since > long_ago and heard.chased_rung == 0
    # What we do ourselves is none.
    OutgoingRequest.objects.filter(pk=case.ours.pk).update(silent_since=long_ago)
    keep.preservation_out_withdraw(preservation=ours(case), by=case.line.supervisor, reason="not needed")
    assert case.ours.silent_since == long_ago


def test_question_on_a_preservation_gives_the_ball_to_whoever_is_asked() -> None:
    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)

    def steps(*done: tuple[str, str]) -> list[Step]:
        item = {"item": "M1"}
        return [Step(start + dt.timedelta(hours=at), act, to, item) for at, (act, to) in enumerate(done)]

    out = steps(
        ("outgoing.send", "sent"), ("preservation_out.note_tipping_off", ""), ("preservation_out.go_on", ""),
        ("outgoing.note_result", "concluded"), ("preservation_out.ask_extension", ""),
        ("preservation_out.note_extension", ""),
    )  # fmt: skip
    held = holders_outgoing(out, originating=1, central=1, other=2)
    assert [one.authority_id for one in held] == [2, 1, 2, 1, 2, 1]
    inward = steps(
        ("incoming.receive", "received"), ("preservation_in.ask_tipping_off", ""), ("preservation_in.receive_go_on", ""),
        ("incoming.close", "closed"), ("preservation_in.receive_extension_request", ""), ("preservation_in.extend", ""),
    )  # fmt: skip
    assert [one.authority_id for one in holders_incoming(inward, authority=2, sender=1)] == [2, 1, 2, None, 2, None]
