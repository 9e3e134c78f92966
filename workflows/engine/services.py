"""Services on jobs: replay a parked one or skip it with a reason, for an administrator; order a lost one again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.audit.models import AuditEntry
from mla.audit.services import Entry, What, Why, record
from mla.core import clock
from mla.core.ids import uuid7
from mla.core.reasons import Reason
from workflows.engine.acts import note, one_act
from workflows.engine.errors import ActForbidden, ActNotPossible
from workflows.engine.models import CaseRow, OutboxJob
from workflows.engine.outbox import enqueue, send_hint


def job_replay(*, job_id: int, by: Actor, reason: str) -> OutboxJob:
    """Make a parked job due again, with all its attempts. For an administrator of the job's authority.

    Raises:
        ActForbidden: not an administrator of that authority.
        ActNotPossible: the job is not parked.
    """
    job = _decide(job_id, by, "job.replay", OutboxJob.Status.DUE, reason)
    transaction.on_commit(lambda: send_hint(job.pk, job.queue), robust=True)
    return job


def job_skip(*, job_id: int, by: Actor, reason: str) -> OutboxJob:
    """Give a parked job up, so that later ones of its ordering key go on. Raises as job_replay."""
    return _decide(job_id, by, "job.skip", OutboxJob.Status.SKIPPED, reason)


def _decide(job_id: int, by: Actor, act: str, status: OutboxJob.Status, reason: str) -> OutboxJob:
    with transaction.atomic():
        job = OutboxJob.objects.select_for_update().get(pk=job_id)
        if not holds(by, act) or by.authority_id != job.authority_id:
            raise _forbidden(job, by, act)
        if job.status != OutboxJob.Status.PARKED:
            raise ActNotPossible(act, [Reason("wrong_status", f"the job is {job.get_status_display()}, not parked")])
        if not reason.strip():
            raise ActNotPossible(act, [Reason("reason_missing", "say why", field="reason")])
        before, job.status = job.status, status
        job.attempts, job.hinted_at, job.due_at = 0, None, clock.now()
        job.save()
        record(
            Entry(
                authority_id=job.authority_id,
                act=act,
                by=by.who(),
                on=What("job", str(job.public_id), None, before, status),
                why=Why(text=reason),
                detail={"event": job.event, "handler": job.handler},
            )
        )
        return job


def _forbidden(job: OutboxJob, by: Actor, act: str) -> ActForbidden:
    """Return the refusal with its entry for the chain of the job's authority (see `recording_refusals`)."""
    error = ActForbidden(act, [Reason("forbidden", f"{by.label} may not decide on this job")])
    error.entry = Entry(  # type: ignore[attr-defined]
        authority_id=job.authority_id,
        act=act,
        by=by.who(),
        on=What("job", str(job.public_id), None, job.status, ""),
        outcome=AuditEntry.Outcome.REFUSED,
        why=Why(code="forbidden"),
    )
    return error


def enqueue_again(*, event: str, on: CaseRow, payload: Mapping[str, Any] | None = None) -> list[OutboxJob]:
    """Order the effects of an act anew, where reconciliation finds that they got lost; empty: nobody handles them.

    As the system and under an act of its own, audited: the job of the first time stays as it is. The caller
    holds the lock of the row and has seen that no job of the event is alive.
    """
    by = Actor.system("engine.enqueue_again", authority_id=on.authority_id)
    with one_act():
        act_id = uuid7()
        jobs = enqueue(event, on=on, act_id=act_id, payload=payload or {})
        status: str = getattr(on, "status", "")
        note(
            Entry(
                authority_id=on.authority_id,
                act="job.enqueue_again",
                by=by.who(),
                on=What(on.KIND, str(on.public_id), on.version, status, status),
                act_id=act_id,
                detail={"event": event, "jobs": [str(job.public_id) for job in jobs]},
            )
        )
    return jobs
