"""The outbox: handlers register for events; a job per (event, handler) is written with the act.

A handler does its outside work first and returns what is to be written; `run_job` writes that in
the transaction that marks the job done, fenced by the lease token: a worker that slept past its
lease cannot commit late.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, connection, transaction

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.ids import uuid7
from workflows.engine.acts import one_act
from workflows.engine.errors import LeaseLost, PermanentFailure, error_told, frames_of
from workflows.engine.models import OutboxJob

if TYPE_CHECKING:
    from workflows.engine.models import CaseRow

logger = logging.getLogger(__name__)

#: Seconds in which a broker that did not answer is not asked again: an act with ten jobs waits for it once.
BROKER_REST = 1.0
_broker_asked_again_at = 0.0

#: Runs inside the finishing transaction.
Finish = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What a handler gets: identifiers, and the actor it works as (its authority's system)."""

    id: int
    act_id: UUID
    event: str
    object_type: str
    object_id: int
    authority_id: int
    attempt: int
    payload: Mapping[str, Any]

    @property
    def actor(self) -> Actor:
        return Actor.system(self.event, authority_id=self.authority_id)


Handler = Callable[[Job], Finish | None]


@dataclass(frozen=True, slots=True)
class Registered:
    name: str
    run: Handler
    queue: str
    #: Jobs with one key are done in the order of their identity; a parked one holds up the rest.
    ordering: Callable[[CaseRow, Mapping[str, Any]], str] | None
    #: Called once, in a transaction, when the job is parked.
    parked: Callable[[Job, str], None] | None


_handlers: dict[str, dict[str, Registered]] = {}


def register(
    event: str,
    *,
    name: str,
    run: Handler,
    queue: str = "default",
    ordering: Callable[[CaseRow, Mapping[str, Any]], str] | None = None,
    parked: Callable[[Job, str], None] | None = None,
) -> None:
    """Register a handler for an event; called in `AppConfig.ready` of the package that handles it.

    Raises:
        ValueError: another handler has that name for that event.
    """
    of_event = _handlers.setdefault(event, {})
    if name in of_event:
        raise ValueError(f"{event} has a handler {name} already")
    of_event[name] = Registered(name, run, queue, ordering, parked)


def registered_events() -> dict[str, list[str]]:
    """Return the handler names of each event, for the documentation and the architecture tests."""
    return {event: sorted(found) for event, found in sorted(_handlers.items())}


def enqueue(event: str, *, on: CaseRow, act_id: UUID, payload: Mapping[str, Any]) -> list[OutboxJob]:
    """Write one job per handler of `event`, in the caller's transaction; hint at it after the commit.

    Called by `perform` and `create` alone.
    """
    jobs = []
    at = clock.now()
    for handler in _handlers.get(event, {}).values():
        job = OutboxJob(
            authority_id=on.authority_id,
            act_id=act_id,
            event=event,
            handler=handler.name,
            object_type=on.KIND,
            object_id=on.pk,
            payload=dict(payload),
            queue=handler.queue,
            ordering_key=handler.ordering(on, payload) if handler.ordering else "",
            due_at=at,
            created_at=at,
        )
        job.save(force_insert=True)
        jobs.append(job)
        _hint_after_commit(job.pk, job.queue)
    return jobs


def _hint_after_commit(job_id: int, queue: str) -> None:
    transaction.on_commit(lambda: send_hint(job_id, queue), robust=True)


def send_hint(job_id: int, queue: str) -> bool:
    """Wake a worker for the job; tell whether the broker took it. A lost hint only delays: see the relay."""
    from workflows.engine.tasks import run_outbox_job

    global _broker_asked_again_at
    if time.monotonic() < _broker_asked_again_at:
        return False
    try:
        run_outbox_job.apply_async((job_id,), queue=queue, retry=False)
    except Exception as error:
        # Whatever the broker's client raises: the row is there, the relay will find it.
        _broker_asked_again_at = time.monotonic() + BROKER_REST
        logger.info("no hint for job %s: %s", job_id, type(error).__name__)
        return False
    return True


# The database's clock decides; the claim is committed before the work starts.
_CLAIM = """
update engine_outboxjob set
    status = 'leased', attempts = attempts + 1, lease_token = %(token)s,
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
where id = (
    select job.id from engine_outboxjob job
    where job.id = %(id)s
      and (job.status = 'due' and job.due_at <= clock_timestamp()
           or job.status = 'leased' and job.lease_until < clock_timestamp())
      and job.attempts < %(most)s
      and (job.ordering_key = '' or not exists (
            select 1 from engine_outboxjob earlier
            where earlier.ordering_key = job.ordering_key and earlier.id < job.id
              and earlier.status in ('due', 'leased', 'parked')))
    for update of job skip locked)
returning attempts
"""

#: A job whose process died in its last attempt has nobody to park it but the next claimant; one that is
#: due beyond the limit was allowed more attempts by an earlier setting.
_EXHAUSTED = """
update engine_outboxjob set status = 'parked', lease_token = null, lease_until = null,
    last_error = case when last_error = '' then 'the process died in every attempt' else last_error end
where id = %(id)s and attempts >= %(most)s
  and (status = 'leased' and lease_until < clock_timestamp() or status = 'due' and due_at <= clock_timestamp())
returning id
"""


def run_job(job_id: int) -> str:
    """Claim, run and finish one job; the only way a job is run. Any number of processes may try.

    Returns `done`, `retry` (it failed and is due again later), `parked`, or `not mine` (done, not
    due, held by another, or waiting behind an earlier one of its ordering key).
    """
    token = uuid7()
    parameters: dict[str, Any] = {
        "id": job_id,
        "token": token,
        "lease": settings.OUTBOX_LEASE_SECONDS,
        "most": settings.OUTBOX_MAX_ATTEMPTS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, parameters)
        claimed = cursor.fetchone()
        if claimed is None:
            cursor.execute(_EXHAUSTED, parameters)
            if cursor.fetchone() is None:
                return "not mine"
            row = OutboxJob.objects.get(pk=job_id)
            _alarm(row, row.last_error)
            return "parked"
    row = OutboxJob.objects.get(pk=job_id)
    try:
        handler = _handler_of(row)
        finish = handler.run(_job(row))
        with one_act():
            _fence(job_id, token)
            if finish is not None:
                finish()
            _mark_done(job_id, token)
    except LeaseLost:
        logger.warning("job %s: lease lost, work put aside", job_id)
        return "not mine"
    except Exception as error:
        return _after_failure(row, token, error)
    return "done"


def _handler_of(row: OutboxJob) -> Registered:
    handler = _handlers.get(row.event, {}).get(row.handler)
    if handler is None:
        raise PermanentFailure(f"no handler {row.handler} for {row.event} in this version of the program")
    return handler


def _fence(job_id: int, token: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select 1 from engine_outboxjob where id = %s and lease_token = %s and status = 'leased' for update",
            [job_id, token],
        )
        if cursor.fetchone() is None:
            raise LeaseLost(str(job_id))


def _mark_done(job_id: int, token: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update engine_outboxjob set status = 'done', done_at = clock_timestamp(), lease_token = null,"
            " lease_until = null, last_error = '' where id = %s and lease_token = %s",
            [job_id, token],
        )


def _after_failure(row: OutboxJob, token: UUID, error: Exception) -> str:
    final = isinstance(error, PermanentFailure) or row.attempts >= settings.OUTBOX_MAX_ATTEMPTS
    text = error_told(error)
    logger.error("job %s (%s) failed in attempt %s: %s\n%s", row.pk, row.handler, row.attempts, text, frames_of(error))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update engine_outboxjob set status = %s, lease_token = null, lease_until = null, last_error = %s,"
            " hinted_at = null,"
            # 10 s times 2^n with a quarter of jitter, capped at an hour.
            " due_at = clock_timestamp() + make_interval(secs => least(3600, 10 * power(2, attempts - 1)"
            "   * (0.75 + random() * 0.5)))"
            " where id = %s and lease_token = %s",
            ["parked" if final else "due", text, row.pk, token],
        )
        if cursor.rowcount and final:
            _alarm(row, text)
    return "parked" if final else "retry"


def _alarm(row: OutboxJob, why: str) -> None:
    logger.error("job %s (%s) is parked: %s", row.pk, row.handler, why)
    handler = _handlers.get(row.event, {}).get(row.handler)
    if handler is None or handler.parked is None:
        return
    try:
        with transaction.atomic():
            handler.parked(_job(row), why)
    except OperationalError:
        raise
    except Exception as error:
        # The job is parked in any case: a hook that fails must not bring it back to life.
        told = error_told(error)
        logger.error("job %s: showing the parking failed: %s\n%s", row.pk, told, frames_of(error))  # noqa: TRY400 see error_told


def _job(row: OutboxJob) -> Job:
    return Job(
        row.pk, row.act_id, row.event, row.object_type, row.object_id, row.authority_id, row.attempts, row.payload
    )
