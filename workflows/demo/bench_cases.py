"""From the approval to the other State's file: one case at a time, workers and relay idle."""

from __future__ import annotations

import time
from typing import Any

from workflows.demo.bench import Example, approve, case_in_review, milliseconds, running, wait
from workflows.engine.relay import relay_backlog
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import outgoing_course as course


def measure_cases(examples: list[Example], *, cases: int) -> dict[str, Any]:
    """Time each step of `cases` cases, the examples in turn."""
    steps: dict[str, list[float]] = {"approve": [], "document": [], "send": [], "arrival": [], "whole": []}
    with running("worker", "documents-worker", "relay"):
        for number in range(-len(examples), cases):
            example = examples[number % len(examples)]
            case = case_in_review(example)
            wait(lambda: relay_backlog() == 0, 60, "idle workers")
            times = _one(example, case)
            # The first of each letter warms the workers.
            if number >= 0:
                for step, seconds in times.items():
                    steps[step].append(seconds)
    return {step: milliseconds(seconds) for step, seconds in steps.items()}


def _one(example: Example, case: OutgoingRequest) -> dict[str, float]:
    registry = example.cast.registry()
    begun = time.perf_counter()
    approve(example, case)
    approved = time.perf_counter()
    ready = OutgoingRequest.objects.filter(pk=case.pk).exclude(document_sha256="")
    wait(ready.exists, 60, "the document")
    rendered = time.perf_counter()
    course.outgoing_send(outgoing=ready.get(), by=registry, channel="local")
    sent = time.perf_counter()
    wait(IncomingRequest.objects.filter(conversation_id=case.conversation_id).exists, 60, "the file at the other State")
    arrived = time.perf_counter()
    return {
        "approve": approved - begun,
        "document": rendered - approved,
        "send": sent - rendered,
        "arrival": arrived - sent,
        "whole": arrived - begun,
    }
