"""Letters from end to end through Celery: one process and two, the first after a start, a hint's cost, and memory.

The work of one document here is all of it: claim, rendering, storing, signature, both acts with their audit entries, and
the next job. A real queue and a real worker, started here.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from mla.celery import app
from workflows.demo.bench import BenchFailed, Example, memory_of, running, wait
from workflows.demo.bench_letters import approved, through_celery
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job, send_hint
from workflows.lifecycle.models import OutgoingRequest

_WORKER = "documents-worker"
_TASK = "engine.run_outbox_job"


def measure_worker(
    examples: list[Example], *, letters: int, hints: int, memory: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Return what letters cost end to end; each worker makes `letters` of the same example, and then `memory` of all eight.

    Raises:
        BenchFailed: a worker does not answer, or a document does not come.
    """
    # One example: so that both workers, and the first and the next letter, do the same.
    same = [examples[3]]
    with running(_WORKER, processes=1):
        cases = approved(same, letters + 6)
        first, *next_ones = [_alone(case) for case in cases[:6]]
        alone = through_celery(cases[6:]) / letters
        hint = _hint(cases[0], hints)
    say("a worker with one process")
    with running(_WORKER, processes=2) as processes:
        worker = processes[_WORKER].pid
        # Both processes open their connections.
        through_celery(approved(same, 4))
        together = through_celery(approved(same, 2 * letters)) / (2 * letters)
        say("a worker with two processes")
        held = _memory(worker, examples, memory, say) if memory else []
    warm = statistics.median(next_ones)
    return {
        "letters": letters,
        "first_ms": round(first * 1000, 1),
        "next_ms": round(warm * 1000, 1),
        "first_to_next": round(first / warm, 3),
        "one_process_per_second": round(1 / alone, 3),
        "two_processes_per_second": round(1 / together, 3),
        "two_to_one": round(alone / together, 3),
        "hint": hint,
        "memory": held,
    }


def _alone(case: OutgoingRequest) -> float:
    return through_celery([case], every=0.004)


def _hint(case: OutgoingRequest, count: int) -> dict[str, Any]:
    """Return what Celery adds to a letter: a job that is done already, asked for through the queue and directly."""
    job = OutboxJob.objects.get(handler="documents.render", object_id=case.pk)
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    for _ in range(count):
        run_job(job.pk)
    seconds["direct"] = time.perf_counter() - began
    wanted = _begun() + count
    began = time.perf_counter()
    for _ in range(count):
        if not send_hint(job.pk, "documents"):
            raise BenchFailed("the queue took no hint")
    # Asked seldom: the worker answers in the process that takes the hints.
    wait(lambda: _begun() >= wanted, 120, f"{count} hints", every=0.25)
    seconds["celery"] = time.perf_counter() - began
    each = {f"{name}_ms": round(taken * 1000 / count, 3) for name, taken in seconds.items()}
    return {"hints": count, **each, "added_ms": round(each["celery_ms"] - each["direct_ms"], 3)}


def _begun() -> int:
    """Return how many jobs the worker has begun."""
    answers = app.control.inspect(timeout=10.0, limit=1).stats() or {}
    return sum(int(one["total"].get(_TASK, 0)) for one in answers.values())


def _memory(worker: int, examples: list[Example], letters: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return what the worker holds before, and after each tenth of the letters."""
    held = [{"letters": 0} | asdict(memory_of(worker))]
    done = 0
    while done < letters:
        some = min(max(1, letters // 10), letters - done)
        through_celery(approved(examples, some))
        done += some
        held.append({"letters": done} | asdict(memory_of(worker)))
        say(f"{done} letters, {held[-1]['pss'] // 2**20} MB")
    return held
