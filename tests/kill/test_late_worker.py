"""A worker that sleeps past its lease: another does the job, the late one writes nothing."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import psycopg
import pytest

from tests.kill.handlers import ADVISORY_KEY, SLEEPER
from tests.kill.installation import Installation, keep_figures

pytestmark = pytest.mark.kill

FENCED = "lease lost, work put aside"


def stopped_at_a_job(mla: Installation, worker: str, handler: str) -> int:
    """Stop `worker` while it holds a job of `handler` and no transaction; return the job's key.

    Tried at every job until it happens: where a process is when a signal comes is chance.
    """
    held = (
        "select id from engine_outboxjob where handler = %s and status = 'leased' and lease_until > clock_timestamp()"
    )
    until = time.monotonic() + 240
    with psycopg.connect(mla.server.owner_url, autocommit=True) as connection:
        while time.monotonic() < until:
            if connection.execute(held, [handler]).fetchone() is None:
                time.sleep(0.005)
                continue
            mla.kill(worker, signal.SIGSTOP, group=True)
            # A statement that was under way is answered by the server even so.
            asleep = asleep_in_transaction(mla)
            job = connection.execute(held, [handler]).fetchone()
            if job is not None and not asleep:
                return int(job[0])
            mla.kill(worker, signal.SIGCONT, group=True)
            time.sleep(0.02)
    raise AssertionError(f"{worker} was never stopped at a job: {mla.standing()}")


def asleep_in_transaction(mla: Installation) -> bool:
    """Tell whether a transaction holds its locks for a quarter of a second."""
    held = (
        "select virtualtransaction from pg_locks join pg_database on pg_database.oid = database"
        " where datname = current_database() and locktype = 'relation' and pid <> pg_backend_pid()"
    )
    first = set(mla.server.execute(held))
    time.sleep(0.25)
    return bool(first & set(mla.server.execute(held)))


def sleeper_in_transaction(mla: Installation) -> bool:
    return bool(mla.server.execute(f"select 1 from pg_locks where locktype = 'advisory' and objid = {ADVISORY_KEY}"))


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
    # For all of them: Celery's messages carry the time limits of who sent them.
    mla = installation(lease=8, environment={} if limits else {"MLA_KILL_WITHOUT_TIME_LIMITS": "1"})
    mla.start_redis()
    mla.start_worker("documents", "documents", concurrency=1)
    mla.start_worker("default", "default", concurrency=1)
    mla.start_relay()
    mla.start_office(letters)
    job = stopped_at_a_job(mla, "documents", "documents.render")
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
    letters = 2
    mla = installation(lease=8, environment={"MLA_KILL_HANDLER": SLEEPER})
    mla.start_redis()
    mla.start_worker(SLEEPER, SLEEPER, concurrency=1)
    mla.start_worker("documents", "documents", concurrency=1)
    mla.start_worker("default", "default", concurrency=1)
    mla.start_relay()
    mla.start_office(letters)
    mla.wait(lambda: sleeper_in_transaction(mla), 60, "the sleeper holds its case")
    mla.kill(SLEEPER, signal.SIGSTOP, group=True)
    time.sleep(0.5)
    assert sleeper_in_transaction(mla)
    mla.start_worker("second", SLEEPER, concurrency=1)
    took = mla.wait(lambda: mla.office_finished() and mla.drained(), 180, "the rest is done")
    before = state_of(mla)
    mla.kill(SLEEPER, signal.SIGCONT, group=True)
    time.sleep(5.0)
    assert state_of(mla) == before
    mla.stop_all()
    keep_figures("stopped_in_transaction", mla.verify(letters) | {"seconds_until_done": round(took, 1)})
