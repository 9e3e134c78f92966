"""Both States play a request with random acts and faults, and nothing is lost: the invariants hold whatever happens.

Each step an officer of either side does what is open to them, by the form of its page; or a job runs, in any order, or
fails after its work and before its end; or a message arrives twice, early, or hours later by a clock that is wrong.
`make long-play` plays thousands of steps by chance; the fast suite a few, always the same.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from tests import invariants
from tests.factories import officer
from tests.lifecycle.conftest import World
from tests.play.officers import BESIDE, ends, leads_on, open_acts, try_act
from workflows.engine import outbox
from workflows.engine.models import CaseRow, OutboxJob
from workflows.exchange.models import Message
from workflows.exchange.receiving import message_receive
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest
from workflows.lifecycle.short import short_rows

pytestmark = pytest.mark.usefixtures("arrived")

PLAYS = int(os.environ.get("PLAYS", "0"))
#: By which each step throws its dice: a failing play is told by its steps and seeds.
SEEDS = st.integers(0, 2**32 - 1)
#: An officer tries so often until something is done.
TRIES = 8
#: Of ten plays of an act that ends or refuses something, so many are dared: a request that ends at once shows little.
DARED = 0.15
#: So many different acts are done in every run, or the officers do not play.
ENOUGH = 15
#: How often an act that leads on is taken before one that does not.
ONWARD = 0.5


class Interrupted(Exception):
    """A worker dies after its work and before it is written."""


class BothSides(RuleBasedStateMachine):
    world: World
    people: tuple[tuple[Actor, ...], tuple[Actor, ...]]
    told: Counter[str]

    @initialize(skew=st.sampled_from([-60, 0, 60]))
    def begin(self, skew: int) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.skews = (dt.timedelta(), dt.timedelta(minutes=skew))
        self.at = clock.now()
        self.out = self.world.outgoing("sent")
        self.inward = self.world.received()

    def teardown(self) -> None:
        try:
            self._heal()
            invariants.assert_invariants()
            self._both_know_the_same()
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    # --- what can happen ---

    @rule(theirs=st.booleans(), seed=SEEDS, times=st.integers(1, 6))
    def officers_act(self, theirs: bool, seed: int, times: int) -> None:
        chance = Random(seed)
        with clock.frozen(self.at + self.skews[theirs]):
            for _time in range(times):
                self._somebody_acts(theirs, chance)

    @rule(seed=SEEDS, many=st.integers(1, 6))
    def workers_work(self, seed: int, many: int) -> None:
        chance = Random(seed)
        for _job in range(many):
            self._run_one(chance)

    @rule(seed=SEEDS)
    def worker_dies(self, seed: int) -> None:
        real = outbox._handler_of

        def dying(row: OutboxJob) -> Any:
            handler = real(row)

            def run(job: Any) -> Any:
                finish = handler.run(job)

                def finish_and_die() -> None:
                    if finish is not None:
                        finish()
                    raise Interrupted

                return finish_and_die

            return replace(handler, run=run)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(outbox, "_handler_of", dying)
            self._run_one(Random(seed))

    @rule(seed=SEEDS)
    def message_arrives_again_or_early(self, seed: int) -> None:
        sent = list(Message.objects.filter(direction="out").order_by("id").select_related("peer"))
        message = Random(seed).choice(sent)
        message_receive(data=bytes(message.envelope), receiver=message.peer, channel="local")

    @rule(hours=st.sampled_from([1, 30, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        self.at += dt.timedelta(hours=hours)

    # --- how it is played ---

    def _somebody_acts(self, theirs: bool, chance: Random) -> None:
        onward = chance.random() < ONWARD
        for _try in range(TRIES):
            row, actor, acts = self._somebody(theirs, chance)
            ahead = [act for act in acts if leads_on(row, act)]
            if not (acts := ahead if onward and ahead else acts):
                continue
            act = chance.choice(acts)
            if (ends(row, act) or act in BESIDE) and chance.random() > DARED:
                continue
            before = self._state(row)
            with transaction.atomic():
                how = try_act(row, act, actor, chance)
            self.told[f"{row.KIND}.{act} {how}"] += 1
            entries, version = self._state(row)
            if how == "done":
                assert version >= before[1] and entries > before[0], (act, before, entries, version)
                return
            assert (entries, version) == before, f"{act} was {how} and left something"

    def _somebody(self, theirs: bool, chance: Random) -> tuple[CaseRow, Actor, list[str]]:
        case: Any = self.inward if theirs else self.out
        case = type(case).objects.get(pk=case.pk)
        items = list(case.items.order_by("id"))
        rows: list[CaseRow] = [case, case, *items, *short_rows(items)]
        row, actor = chance.choice(rows), chance.choice(self.people[theirs])
        return row, actor, open_acts(row, actor)

    @staticmethod
    def _state(row: CaseRow) -> tuple[int, int]:
        version = type(row)._default_manager.values_list("version", flat=True).get(pk=row.pk)
        return AuditEntry.objects.filter(outcome="done").count(), version

    def _run_one(self, chance: Random) -> None:
        due = list(OutboxJob.objects.filter(status="due").order_by("id").values_list("pk", flat=True))
        if due:
            with clock.frozen(self.at):
                outbox.run_job(chance.choice(due))

    def _heal(self) -> None:
        """Let everything come to rest, as workers do after the faults are over."""
        with clock.frozen(self.at):
            for _round in range(200):
                due = list(OutboxJob.objects.filter(status="due").order_by("id").values_list("pk", flat=True))
                if not due:
                    return
                # A job that failed waits for its next turn; here nobody waits.
                OutboxJob.objects.filter(pk__in=due).update(due_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
                for pk in due:
                    outbox.run_job(pk)
        raise AssertionError("the jobs do not come to rest")

    def _both_know_the_same(self) -> None:
        """What both States know of, open or answered, is alike on both sides where every message was taken in."""
        if Message.objects.filter(direction="in", status="refused").exists():
            return
        sides = []
        for model, case in ((OutgoingRequest, self.out), (IncomingRequest, self.inward)):
            shared = OpenPoint.objects.filter(**{model.KIND: case.pk}, kind__in=OpenPoint.SHARED)
            sides.append({row.point_id: (row.kind, row.choice, bool(row.answered_at)) for row in shared})
        assert sides[0] == sides[1]


@pytest.fixture
def people(world: World) -> Iterator[tuple[tuple[Actor, ...], tuple[Actor, ...]]]:
    line, asked = world.line, world.line.letter.requested.authority or ""
    asking = world.line.letter.requesting.authority or ""
    ours = (line.prosecutor, line.desk, line.supervisor, line.registry, officer(Role.DUTY_OFFICER, asking))
    theirs = (line.their_desk, line.their_supervisor, line.their_registry, line.executing)
    yield ours, (*theirs, officer(Role.DUTY_OFFICER, asked))


def test_nothing_is_lost_whatever_happens(world: World, people: Any) -> None:
    told: Counter[str] = Counter()
    machine = type("Play", (BothSides,), {"world": world, "people": people, "told": told})
    play = settings(
        max_examples=PLAYS or 4,
        stateful_step_count=60 if PLAYS else 30,
        derandomize=not PLAYS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if PLAYS else [Phase.generate],
    )
    run_state_machine_as_test(machine, settings=play)
    done = [name for name in told if name.endswith(" done")]
    print("\n".join(f"{count:6} {name}" for name, count in sorted(told.items())))  # noqa: T201
    assert len(done) >= ENOUGH, f"the officers got little done: {done}"
