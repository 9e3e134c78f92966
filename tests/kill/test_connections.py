"""A worker keeps its connection to the database from task to task, and takes a new one when the old one is cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from celery import Celery

from tests.kill.installation import Installation

pytestmark = pytest.mark.kill

HINTS = 40
_OWN = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


def test_a_worker_keeps_its_connection_and_replaces_one_that_was_cut(installation: Callable[..., Installation]) -> None:
    mla = installation()
    mla.start_redis()
    mla.start_worker("default", "default", concurrency=1)
    with Celery(broker=f"redis+socket://{mla.redis_socket}") as sender:
        sent = [0]

        def taken() -> int:
            """Return how many tasks are done: begun, and none at work."""
            workers = sender.control.inspect(timeout=5.0, limit=1)
            begun, at_work = workers.stats() or {}, workers.active() or {"": [None]}
            done = sum(one["total"].get("engine.run_outbox_job", 0) for one in begun.values())
            return 0 if any(at_work.values()) else done

        def connections_after(hints: int) -> set[tuple[object, ...]]:
            for _ in range(hints):
                # There is no such job: the worker asks the database, and that is all.
                sender.send_task("engine.run_outbox_job", (0,), queue="default")
            sent[0] += hints
            mla.wait(lambda: taken() == sent[0], 60, f"{hints} hints are taken")
            return set(mla.server.execute(f"select pid, backend_start {_OWN}"))

        first = connections_after(1)
        assert len(first) == 1
        assert connections_after(HINTS) == first
        mla.server.execute(f"select pg_terminate_backend(pid) {_OWN}")
        second = connections_after(HINTS)
        assert len(second) == 1 and second != first
    # Looked at before it is used: no task met a connection that was cut.
    assert "raised" not in mla.said("default") and "OperationalError" not in mla.said("default")
