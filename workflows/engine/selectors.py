"""Who sees which job: the administrators of its authority. A job holds identifiers alone, no text of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core import clock
from workflows.engine.models import OutboxJob, SweepRun

#: A job that is due for longer is late: a worker or the broker is away.
LATE = timedelta(seconds=30)
_OPEN = (OutboxJob.Status.DUE, OutboxJob.Status.LEASED)


def visible_jobs(actor: Actor) -> QuerySet[OutboxJob]:
    """Return the jobs of the actor's authority, for its administrators; for all others none."""
    if actor.kind != "user" or actor.role != Role.LOCAL_ADMINISTRATOR or actor.authority_id is None:
        return OutboxJob.objects.none()
    return OutboxJob.objects.filter(authority_id=actor.authority_id)


def access_job_by_id(actor: Actor, public_id: UUID | str) -> OutboxJob:
    """Return the job. Raises AccessDenied when absent or hidden."""
    return access(visible_jobs(actor), actor=actor, kind="job", public_id=public_id)


def late_jobs(jobs: QuerySet[OutboxJob]) -> QuerySet[OutboxJob]:
    """Narrow to those that are due, or whose lease ran out unfinished, for longer than LATE."""
    return jobs.filter(status__in=_OPEN, due_at__lt=clock.now() - LATE)


@dataclass(frozen=True, slots=True)
class JobsState:
    """How an authority's effects stand. Instants are UTC; `oldest` is when the longest waiting one was due."""

    parked: int
    late: int
    waiting: int
    oldest: datetime | None
    #: When any periodic sweep of the installation last ended: the relay or the beat lives.
    swept_at: datetime | None


def jobs_state(actor: Actor) -> JobsState:
    """Return the numbers of the page of effects; two queries."""
    now = clock.now()
    late = Q(status__in=_OPEN, due_at__lt=now - LATE)
    counted = visible_jobs(actor).filter(status__in=[*_OPEN, OutboxJob.Status.PARKED]).order_by()
    found = counted.aggregate(
        parked=Count("pk", filter=Q(status=OutboxJob.Status.PARKED)),
        late=Count("pk", filter=late),
        waiting=Count("pk", filter=Q(status__in=_OPEN)),
        oldest=Min("due_at", filter=Q(status__in=_OPEN, due_at__lte=now)),
    )
    swept = SweepRun.objects.filter(done_at__isnull=False).order_by("-due_at", "-pk").values_list("done_at", flat=True)
    return JobsState(swept_at=swept.first(), **found)


def held_up_by(job: OutboxJob) -> int:
    """Return how many later jobs of the same ordering key wait for this one."""
    if not job.ordering_key:
        return 0
    later = OutboxJob.objects.filter(ordering_key=job.ordering_key, pk__gt=job.pk, status__in=_OPEN)
    return later.count()
