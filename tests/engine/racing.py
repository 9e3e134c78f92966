"""Two connections at once, without sleeping: the second is seen to wait for the first before that commits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction

from tests import conftest as house


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database that a module really commits to, renewed from the template at its end. Threads see one another."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()
        house._renew_from_template(None)  # type: ignore[arg-type]


def outcome(work: Callable[[], Any]) -> Any:
    """Return what `work` returns, or the exception it raises; leaves no connection behind."""
    try:
        return work()
    except Exception as error:
        return error
    finally:
        connection.close()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Start all at one moment, each in a thread and on a connection of its own; return their outcomes in order."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        barrier.wait(timeout=30)
        results[number] = outcome(work)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    return results


def overlapping(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Do `first`, then start `second`, and commit `first` only once `second` waits for a lock of it (or has ended)."""
    started, ended = threading.Event(), threading.Event()
    results: dict[str, Any] = {}

    def run_first() -> Any:
        with transaction.atomic():
            result = first()
            started.set()
            until(lambda: ended.is_set() or somebody_waits())
            return result

    def run_second() -> Any:
        started.wait(timeout=60)
        try:
            return outcome(second)
        finally:
            ended.set()

    def guarded() -> None:
        results["first"] = outcome(run_first)
        started.set()

    threads = [
        threading.Thread(target=guarded),
        threading.Thread(target=lambda: results.update(second=run_second())),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    return results["first"], results["second"]


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # Within a transaction the view is a snapshot of its first reading.
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait for something that another thread brings about; the time is a bound, not a rhythm."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)
