"""The one Celery task: it takes an identifier and makes one call."""

from __future__ import annotations

from mla.celery import app
from workflows.engine.outbox import run_job


@app.task(name="engine.run_outbox_job", ignore_result=True)
def run_outbox_job(job_id: int) -> None:
    """Run one job, if it is still to be run. The message is a hint: it may come twice, late, or never."""
    run_job(job_id)


@app.task(name="engine.run_due_sweeps", ignore_result=True)
def run_due_sweeps() -> None:
    """Run the periodic sweeps that are due. Beat hints; the relay does the same without it."""
    from workflows.engine.sweeps import run_due

    run_due()
