"""Letters a second through Celery against a bare loop of the same function, and a worker's memory meanwhile."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import asdict
from typing import Any

from django.db import connections

from mla.core.canonical import canonical_bytes
from workflows.demo.bench import Example, approve, case_in_review, memory_of, running, wait, without_hints
from workflows.documents.letters import letter_pdf
from workflows.documents.rendering import preload
from workflows.documents.services import cover_of, letter_of, names_of
from workflows.engine.models import OutboxJob
from workflows.engine.relay import sweep_jobs
from workflows.lifecycle.models import OutgoingRequest

#: Both sides have two processes that render.
PROCESSES = 2
#: The cases that the bare loop renders; set before it forks.
_inputs: list[dict[str, Any]] = []


def measure_letters(examples: list[Example], *, letters: int, rounds: int) -> dict[str, Any]:
    """Render `letters` letters both ways, in `rounds` that take turns; each letter is rendered once by each side.

    Through Celery is all that makes a document: claim, rendering, storing, both acts with their audit
    entries, and the next job. The worker is up and idle before each round.
    """
    preload()
    each = letters // rounds
    raw, celery, memory = 0.0, 0.0, []
    with running("documents-worker") as processes:
        worker = processes["documents-worker"].pid
        memory.append({"letters": 0} | asdict(memory_of(worker)))
        for number in range(rounds):
            cases = approved(examples, each)
            sides = [_raw, through_celery] if number % 2 == 0 else [through_celery, _raw]
            for side in sides:
                seconds = side(cases)
                if side is _raw:
                    raw += seconds
                else:
                    celery += seconds
            memory.append({"letters": each * (number + 1)} | asdict(memory_of(worker)))
    done = each * rounds
    return {
        "letters": done,
        "rounds": rounds,
        "raw_per_second": round(done / raw, 3),
        "celery_per_second": round(done / celery, 3),
        "celery_to_raw": round(raw / celery, 3),
        "memory": memory,
    }


def approved(examples: list[Example], count: int) -> list[OutgoingRequest]:
    """Return cases whose document is due, without waking the worker yet."""
    with without_hints():
        chosen = [examples[number % len(examples)] for number in range(count)]
        return [approve(example, case_in_review(example)) for example in chosen]


def through_celery(cases: list[OutgoingRequest], *, every: float = 0.05) -> float:
    """Return the seconds until the worker has made the documents of these cases; looked at `every` so many."""
    jobs = OutboxJob.objects.filter(handler="documents.render", object_id__in=[case.pk for case in cases])
    started = time.perf_counter()
    sweep_jobs()
    wait(lambda: not jobs.exclude(status="done").exists(), 60 + 10 * len(cases), "every document", every=every)
    return time.perf_counter() - started


def _raw(cases: list[OutgoingRequest]) -> float:
    _inputs.clear()
    for case in cases:
        case = OutgoingRequest.objects.select_related("central", "originating", "addressee").get(pk=case.pk)
        version = case.approved_version
        assert version is not None
        _inputs.append({"frozen": version.frozen_content, "cover": cover_of(case, version)})
    # A forked process must not use its parent's connection.
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        started = time.perf_counter()
        made = sum(pool.imap_unordered(_render, range(len(_inputs))))
        seconds = time.perf_counter() - started
    if made != len(cases):
        raise AssertionError(f"{made} of {len(cases)} letters were rendered")
    return seconds


def _render(number: int) -> int:
    frozen = _inputs[number]["frozen"]
    rendered = letter_pdf(
        letter_of(frozen),
        _inputs[number]["cover"],
        names_of(frozen),
        canonical_json=canonical_bytes(frozen),
        identifier=f"urn:bench:{number}",
    )
    return int(rendered.pdf.startswith(b"%PDF"))
