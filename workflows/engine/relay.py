"""The relay: finds every due job within a second, wakes a worker, or runs it itself.

Redis may be wiped, restarted or gone at any moment; nothing depends on it but speed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connection

from workflows.engine.outbox import run_job, send_hint
from workflows.engine.sweeps import run_due

logger = logging.getLogger(__name__)

BATCH = 500
#: Seconds after which a hint that led to nothing is given again.
HINT_AGAIN = 30

_DUE = """
update engine_outboxjob set hinted_at = clock_timestamp()
where id in (
    select job.id from engine_outboxjob job
    where (job.status = 'due' and job.due_at <= clock_timestamp()
           or job.status = 'leased' and job.lease_until < clock_timestamp())
      and (job.hinted_at is null or job.hinted_at < clock_timestamp() - make_interval(secs => %(again)s)
           or job.status = 'leased' and job.hinted_at < job.lease_until)
      and (job.ordering_key = '' or not exists (
            select 1 from engine_outboxjob earlier
            where earlier.ordering_key = job.ordering_key and earlier.id < job.id
              and earlier.status in ('due', 'leased', 'parked')))
    order by job.id limit %(batch)s
    for update of job skip locked)
returning id, queue
"""


@dataclass(slots=True)
class Swept:
    hinted: int = 0
    run_here: int = 0


def sweep_jobs() -> Swept:
    """Hint at every due job without a fresh hint; without a broker, run them in this process."""
    swept = Swept()
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"again": HINT_AGAIN, "batch": BATCH})
        due = sorted(cursor.fetchall())
    broker_away = False
    for job_id, queue in due:
        if not broker_away and send_hint(job_id, queue):
            swept.hinted += 1
            continue
        broker_away = True
        run_job(job_id)
        swept.run_here += 1
    return swept


def run_relay(*, every: float = 1.0, stop: Callable[[], bool] = lambda: False) -> None:
    """Sweep until told to stop. A database that is away is waited for."""
    while not stop():
        started = time.monotonic()
        try:
            swept = sweep_jobs()
            if swept.run_here:
                logger.warning("the broker is away: %s jobs run by the relay itself", swept.run_here)
            # One step of each: jobs do not wait for a sweep of many rows.
            run_due(steps=1)
            busy = swept.hinted + swept.run_here >= BATCH
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database is away: %s", type(error).__name__)
            connection.close()
            busy = False
        if not busy:
            time.sleep(max(0.05, every - (time.monotonic() - started)))


def relay_backlog() -> int:
    """Return how many jobs are due and not done, parked ones aside. For the health check and the demonstration."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from engine_outboxjob where status in ('due', 'leased')")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def jobs_late(authority_id: int, *, seconds: int = 30) -> int:
    """Return how many jobs of an authority are due for longer than `seconds`: a worker or the broker is away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from engine_outboxjob where authority_id = %s and status in ('due', 'leased')"
            " and due_at < clock_timestamp() - make_interval(secs => %s)",
            [authority_id, seconds],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
