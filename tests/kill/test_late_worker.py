"""A worker that sleeps past its lease: another does the job, the late one writes nothing."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import psycopg
import pytest

from tests.kill.installation import Installation, keep_figures

pytestmark = pytest.mark.kill

FENCED = "lease lost, work put aside"


def stopped_at_a_job(mla: Installation, worker: str, handler: str, *, in_transaction: bool) -> int:
    """Stop `worker` while it holds a job of `handler`, outside or inside a transaction; return the job's key.

    Tried at every job until it happens: where a process is when a signal comes is chance.
    """
    held = (
        "select id from engine_outboxjob where handler = %s and status = 'leased' and lease_until > clock_timestamp()"
    )
    idle = "select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'"
    until = time.monotonic() + 240
    with psycopg.connect(mla.server.owner_url, autocommit=True) as connection:
        while time.monotonic() < until:
            if connection.execute(held, [handler]).fetchone() is None:
                time.sleep(0.005)
                continue
            mla.kill(worker, signal.SIGSTOP, group=True)
            # A statement that was under way is answered by the server even so.
            time.sleep(0.15)
            job = connection.execute(held, [handler]).fetchone()
            sleeping = connection.execute(idle).fetchone()
            if job is not None and sleeping is not None and bool(sleeping[0]) == in_transaction:
                return int(job[0])
            mla.kill(worker, signal.SIGCONT, group=True)
            time.sleep(0.02)
    raise AssertionError(f"{worker} was never stopped at a job: {mla.standing()}")


def state_of(mla: Installation) -> list[object]:
    """Return all that a late worker could have written to: the rows' versions and the ends of the chains."""
    return [
        mla.server.execute(statement)
        for statement in (
            "select id, version, status, sha256 from documents_document order by id",
            "select id, version, status from lifecycle_outgoingrequest order by id",
            "select id, status, attempts, done_at from engine_outboxjob order by id",
            "select authority_id, seq, hash from audit_audithead order by authority_id",
        )
    ]


@pytest.mark.parametrize("limits", [False, True], ids=["fence", "time limit"])
def test_worker_stopped_past_its_lease_writes_nothing_when_it_wakes(
    installation: Callable[..., Installation], limits: bool
) -> None:
    letters = 4
    mla = installation(lease=8)
    mla.start_redis()
    more = {} if limits else {"MLA_KILL_WITHOUT_TIME_LIMITS": "1"}
    mla.start_worker("documents", "documents", concurrency=1, **more)
    mla.start_worker("default", "default", concurrency=1)
    mla.start_relay()
    mla.start_office(letters)
    job = stopped_at_a_job(mla, "documents", "documents.render", in_transaction=False)
    mla.start_worker("second", "documents", concurrency=1)
    took = mla.wait(lambda: mla.count(f"id = {job} and status = 'done'") == 1, 120, "another worker did the job")
    mla.wait(lambda: mla.office_finished() and mla.drained(), 120, "the rest is done")
    before = state_of(mla)
    mla.kill("documents", signal.SIGCONT, group=True)
    gave_up = ("Hard time limit", "SoftTimeLimitExceeded", FENCED) if limits else (FENCED,)
    mla.wait(lambda: any(words in mla.said("documents") for words in gave_up), 60, "the late worker gave up")
    time.sleep(1.0)
    assert state_of(mla) == before
    mla.stop_all()
    figures = mla.verify(letters)
    assert figures["most_attempts"] == 2
    keep_figures(f"late_worker_{'limits' if limits else 'fence'}", figures | {"seconds_until_done": round(took, 1)})


def test_worker_stopped_inside_a_transaction_does_not_hold_up_the_others(
    installation: Callable[..., Installation],
) -> None:
    letters = 6
    mla = installation(lease=8)
    mla.start_redis()
    mla.start_worker("documents", "documents", concurrency=1)
    mla.start_worker("default", "default", concurrency=1)
    mla.start_relay()
    mla.start_office(letters)
    stopped_at_a_job(mla, "default", "exchange.write", in_transaction=True)
    mla.start_worker("second", "default", concurrency=1)
    took = mla.wait(lambda: mla.office_finished() and mla.drained(), 180, "the rest is done")
    before = state_of(mla)
    mla.kill("default", signal.SIGCONT, group=True)
    time.sleep(3.0)
    assert state_of(mla) == before
    mla.stop_all()
    keep_figures("stopped_in_transaction", mla.verify(letters) | {"seconds_until_done": round(took, 1)})
