"""Fixtures of the engine's tests: handlers for a time, jobs without a case, and a broker that is only a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import connection, transaction

from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.engine.racing import committed
from workflows.engine import outbox, tasks
from workflows.engine.models import OutboxJob, SweepRun

__all__ = ["committed"]

EVENT = "test.happened"


class Hints(list[int]):
    """What a worker would have been told; `down` makes the broker refuse."""

    down = False

    def __call__(self, args: tuple[int], *, queue: str, retry: bool) -> None:
        assert retry is False
        if self.down:
            raise ConnectionError("the broker is away")
        self.append(args[0])


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> Hints:
    found = Hints()
    monkeypatch.setattr(tasks.run_outbox_job, "apply_async", found)
    monkeypatch.setattr(outbox, "_broker_asked_again_at", 0.0)
    return found


class Bench:
    """Jobs of a made-up event, and the effects that their handlers leave: rows of a table without a case."""

    def __init__(self) -> None:
        self.authority = Authority.objects.filter(hosted_here=True).order_by("id")[0]
        self.seen: list[outbox.Job] = []
        self.parked: list[str] = []

    def handle(self, run: outbox.Handler | None = None, *, name: str = "test.handler", **more: Any) -> None:
        outbox.register(EVENT, name=name, run=run or self.effect, **more)

    def effect(self, job: outbox.Job) -> outbox.Finish:
        """Handler: leaves one effect per run that commits."""
        self.seen.append(job)
        return lambda: self.leave(f"effect {job.id}")

    @staticmethod
    def leave(name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("insert into engine_sweeprun (name, due_at) values (%s, clock_timestamp())", [name])

    @staticmethod
    def effects(job: OutboxJob) -> int:
        return SweepRun.objects.filter(name=f"effect {job.pk}").count()

    def job(self, number: int = 1, **payload: Any) -> OutboxJob:
        """Write one job through the engine's own door, committed."""
        case = cast(Any, SimpleNamespace(KIND="test", pk=number, authority_id=self.authority.pk))
        with transaction.atomic():
            (job,) = outbox.enqueue(EVENT, on=case, act_id=uuid7(), payload=payload)
        return job

    @staticmethod
    def row(job: OutboxJob) -> OutboxJob:
        return OutboxJob.objects.get(pk=job.pk)

    @staticmethod
    def set(job: OutboxJob, assignments: str, *values: Any) -> None:
        """Change a job as time or a dying process would; the database's own clock counts."""
        with connection.cursor() as cursor:
            cursor.execute(f"update engine_outboxjob set {assignments} where id = %s", [*values, job.pk])

    def due_now(self, job: OutboxJob) -> None:
        self.set(job, "due_at = clock_timestamp() - interval '1 second'")

    def waits(self, job: OutboxJob) -> float:
        """Return the seconds until the job is due again."""
        with connection.cursor() as cursor:
            cursor.execute(
                "select extract(epoch from due_at - clock_timestamp()) from engine_outboxjob where id = %s", [job.pk]
            )
            return float(cursor.fetchone()[0])


@pytest.fixture
def bench(committed: None, hints: Hints, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(outbox, "_handlers", {})
    yield Bench()
    OutboxJob.objects.all().delete()
    SweepRun.objects.all().delete()


@pytest.fixture
def raising() -> Callable[[BaseException], outbox.Handler]:
    def handler(error: BaseException) -> outbox.Handler:
        def run(job: outbox.Job) -> None:
            raise error

        return run

    return handler
