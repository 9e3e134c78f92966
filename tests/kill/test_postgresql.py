"""The database stops at once and comes back, under load: nothing is lost and nothing comes twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.kill.installation import Installation, Server, keep_figures
from tests.kill.servers import OwnPostgres, fresh_name, made_database
from tests.kill.storm import seed

pytestmark = pytest.mark.kill

LETTERS = 30
RESTARTS = 8
#: Jobs done between two restarts: an attempt that is cut off counts, and a job has eight of them.
WORK_BETWEEN = 10


@pytest.fixture
def own() -> Iterator[tuple[OwnPostgres, Server]]:
    postgres = OwnPostgres()
    try:
        with made_database(fresh_name("own"), **postgres.environment) as server:
            yield postgres, server
    finally:
        postgres.end()


def test_immediate_restarts_of_postgresql_lose_no_act_and_double_no_effect(
    installation: Callable[..., Installation], own: tuple[OwnPostgres, Server]
) -> None:
    postgres, server = own
    used = seed()
    chance = random.Random(used)
    mla = installation(server=server, lease=15)
    mla.start_all()
    started, done_before = time.monotonic(), 0
    mla.start_office(LETTERS, until="acknowledged")
    mla.wait(lambda: mla.count("status = 'done'") >= 3, 120, "the first jobs are done")
    while not (mla.office_finished() and mla.drained()):
        assert time.monotonic() - started < 500, mla.standing()
        time.sleep(chance.uniform(2.0, 4.0))
        done = mla.count("status = 'done'")
        if mla.figures["PostgreSQL stopped at once"] >= RESTARTS or done < done_before + WORK_BETWEEN:
            continue
        done_before = done
        postgres.stop_at_once()
        time.sleep(chance.uniform(0.2, 2.0))
        postgres.start()
        mla.figures["PostgreSQL stopped at once"] += 1
        # Nothing is started again: workers and relay find their way back by themselves.
        assert all(mla.programs[name].process.poll() is None for name in ("default", "documents", "relay"))
    seconds = time.monotonic() - started
    mla.stop_all()
    figures = mla.verify(LETTERS)
    unknown = Counter(said["unknown"] for said in mla.told() if "unknown" in said)
    assert figures["PostgreSQL stopped at once"] >= 3
    assert figures["jobs_parked"] == 0
    figures |= {"acts cut off: committed": unknown["committed"], "acts cut off: not done": unknown["lost"]}
    keep_figures("postgresql", figures | {"letters": LETTERS, "seconds": round(seconds, 1), "seed": used})
