"""Killing at random, from one thread, with a seed that is told so that a run can be looked at again."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import psutil

from tests.kill.installation import Installation

#: What is killed, and how often in relation. A pool's process dies as by the kernel's out-of-memory killer; the
#: head alone leaves a pool without its head; the group is a machine that goes away.
BLOWS = {"pool process": 6, "head of a worker": 1, "whole worker": 1, "relay": 1, "office": 1}

#: Jobs, hints or letters between two blows at the same program.
WORK_BETWEEN = 4


def seed() -> int:
    return int(os.environ.get("MLA_KILL_SEED", random.randrange(10**6)))


class Storm:
    """Strikes one installation. What was hit is spared until it has done some work again: otherwise a machine
    that needs longer for a letter than the next blow takes to come would never get one done.
    """

    def __init__(self, installation: Installation, *, chance: random.Random, office: str = "office-Case") -> None:
        self.installation, self.chance, self.office = installation, chance, office
        self._done_at_last_blow: dict[str, int] = {}

    def rage(self, *, until: Callable[[], bool], seconds: float) -> float:
        """Strike every 0.5 to 2 seconds until all is done; what died is started again. Return the seconds.

        Raises:
            AssertionError: not done within `seconds`.
        """
        started = time.monotonic()
        while not until():
            if time.monotonic() - started > seconds:
                raise AssertionError(f"not done after {seconds:.0f} s: {self.installation.standing()}")
            time.sleep(self.chance.uniform(0.5, 2.0))
            self._strike()
            self.installation.revive()
        return time.monotonic() - started

    def _strike(self) -> None:
        blow = self.chance.choices(list(BLOWS), weights=list(BLOWS.values()))[0]
        worker = self.chance.choice(["default", "documents"])
        name = {"relay": "relay", "office": self.office}.get(blow, worker)
        pool = self.installation.children(name)
        if self.installation.programs[name].process.poll() is not None or (name == worker and not pool):
            return
        done = self._work_done(name)
        if done < self._done_at_last_blow.get(name, 0) + WORK_BETWEEN:
            return
        if blow == "pool process":
            try:
                self.chance.choice(pool).kill()
            except psutil.NoSuchProcess:
                return
        else:
            self.installation.kill(name, group=blow == "whole worker")
        self._done_at_last_blow[name] = done
        self.installation.figures["kills"] += 1
        self.installation.figures[f"kills: {blow}"] += 1

    def _work_done(self, name: str) -> int:
        """Count what a program has done so far: jobs of its queue, hints, or letters approved."""
        where = {"relay": "hinted_at is not null", self.office: "event = 'outgoing.approved'"}
        return self.installation.count(where.get(name, f"queue = '{name}' and status = 'done'"))
