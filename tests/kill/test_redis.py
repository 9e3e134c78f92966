"""Redis only wakes: emptied, killed or away for good, every job is done, once."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable

import pytest

from tests.kill.installation import Installation, keep_figures
from tests.kill.storm import seed

pytestmark = pytest.mark.kill

LETTERS = 30


def test_every_job_is_done_though_redis_is_emptied_and_killed(installation: Callable[..., Installation]) -> None:
    used = seed()
    chance = random.Random(used)
    mla = installation(lease=20)
    mla.start_all()
    started = time.monotonic()
    mla.start_office(LETTERS, until="acknowledged")
    while not (mla.office_finished() and mla.drained()):
        assert time.monotonic() - started < 400, mla.standing()
        time.sleep(chance.uniform(0.5, 2.0))
        if chance.random() < 0.7:
            with mla.redis() as client:
                client.flushall()
            mla.figures["Redis emptied"] += 1
        else:
            mla.kill("redis")
            time.sleep(chance.uniform(0.2, 1.5))
            mla.start_redis()
            mla.figures["Redis killed"] += 1
        mla.revive()
    seconds = time.monotonic() - started
    mla.stop_all()
    figures = mla.verify(LETTERS)
    assert figures["Redis emptied"] >= 3
    assert figures["Redis killed"] >= 1
    assert figures["jobs_parked"] == 0
    keep_figures("redis", figures | {"letters": LETTERS, "seconds": round(seconds, 1), "seed": used})


def test_relay_runs_the_jobs_itself_once_redis_is_away_for_good(installation: Callable[..., Installation]) -> None:
    letters = 12
    mla = installation(lease=30)
    mla.start_all()
    mla.start_office(letters, until="acknowledged")
    mla.wait(lambda: mla.count("status = 'done'") >= 3, 120, "the first jobs are done")
    mla.kill("redis")
    before = mla.count("status = 'done'")
    mla.wait(lambda: mla.office_finished() and mla.drained(), 400, "all is done without Redis")
    # Ended first: the relay counts its last round only once it is over.
    mla.stop_all()
    by_relay = sum(map(int, re.findall(r"the broker is away: (\d+) jobs run by the relay itself", mla.said("relay"))))
    figures = mla.verify(letters)
    assert by_relay > 0
    # What a worker held when Redis went away it may still have finished.
    assert by_relay >= figures["jobs_done"] - before - 4
    keep_figures("redis_away", figures | {"letters": letters, "jobs_run_by_the_relay": by_relay})
