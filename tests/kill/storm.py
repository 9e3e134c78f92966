"""Killing at random, from one thread, with a seed that is told so that a run can be looked at again."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable

import psutil

from tests.kill.installation import Installation

#: What is killed, and how often in relation. A pool's process dies as by the kernel's out-of-memory killer; the
#: head alone leaves a pool without its head; the group is a machine that goes away.
BLOWS = {"pool process": 6, "head of a worker": 1, "whole worker": 1, "relay": 1, "office": 1}

#: Seconds; the interpreter and the application take two or three of them.
AT_WORK_AFTER = 4.0


def seed() -> int:
    return int(os.environ.get("MLA_KILL_SEED", random.randrange(10**6)))


def kill_at_random(
    installation: Installation,
    *,
    until: Callable[[], bool],
    seconds: float,
    chance: random.Random,
    office: str = "office-Case",
) -> None:
    """Strike every 0.5 to 2 seconds until all is done; what died is started again at the next look.

    Raises:
        AssertionError: not done within `seconds`.
    """
    started = time.monotonic()
    while not until():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"not done after {seconds:.0f} s: {installation.standing()}")
        time.sleep(chance.uniform(0.5, 2.0))
        _strike(installation, chance, office)
        installation.revive()


def _strike(installation: Installation, chance: random.Random, office: str) -> None:
    blow = chance.choices(list(BLOWS), weights=list(BLOWS.values()))[0]
    worker = chance.choice(["default", "documents"])
    name = {"relay": "relay", "office": office}.get(blow, worker)
    pool = installation.children(name)
    # Only what is at work is struck: a program that is killed while it starts has done nothing yet.
    if installation.programs[name].process.poll() is not None or installation.age(name) < AT_WORK_AFTER:
        return
    if name == worker and not pool:
        return
    if blow == "pool process":
        try:
            chance.choice(pool).kill()
        except psutil.NoSuchProcess:
            return
    else:
        installation.kill(name, group=blow == "whole worker")
    installation.figures["kills"] += 1
    installation.figures[f"kills: {blow}"] += 1


def stop_group(installation: Installation, name: str) -> None:
    """Stop a program and all that it started, as a machine that is suspended."""
    installation.kill(name, signal.SIGSTOP, group=True)
