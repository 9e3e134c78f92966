"""What an act costs: perform on a real row, the same without its audit entry, and a bare update."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from unittest import mock

from django.db import connection, transaction

from mla.accounts.actors import Actor
from workflows.demo.bench import Example, approve, case_in_review, milliseconds, without_hints
from workflows.documents.models import Document
from workflows.engine import acts
from workflows.engine.perform import create, perform

_BARE = "update documents_document set version = version + 1, changed_at = now() where id = %s returning version"


def measure_acts(example: Example, *, acts_each: int) -> dict[str, Any]:
    """Time three ways of changing one row, taking turns.

    The act is a document's `start` or `fail`, one after the other: it locks letter, case and document,
    checks right and status, validates, saves, writes one audit entry and commits. The bare update commits
    one row, and is no way of working: it is the floor.
    """
    document = _document(example)
    system = Actor.system("bench", authority_id=document.authority_id)
    row = [document]

    def act() -> None:
        row[0] = (
            perform(row[0], "fail", by=system, failure="measured")
            if row[0].status == Document.Status.RENDERING
            else perform(row[0], "start", by=system)
        )

    def without_audit() -> None:
        with mock.patch.object(acts, "record", lambda entry: None):
            act()

    def bare() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BARE, [document.pk])
            cursor.fetchone()

    times: dict[str, list[float]] = {"perform": [], "perform_without_audit": [], "bare_update": []}
    ways: list[tuple[str, Callable[[], None]]] = [
        ("perform", act),
        ("perform_without_audit", without_audit),
        ("bare_update", bare),
    ]
    for warm in (True, False):
        for _number in range(20 if warm else acts_each):
            for name, way in ways:
                started = time.perf_counter()
                way()
                if not warm:
                    times[name].append(time.perf_counter() - started)
    found: dict[str, Any] = {name: milliseconds(seconds) for name, seconds in times.items()}
    floor = found["bare_update"]["median_ms"]
    found["perform_to_bare"] = round(found["perform"]["median_ms"] / floor, 2)
    found["audit_share"] = round(1 - found["perform_without_audit"]["median_ms"] / found["perform"]["median_ms"], 3)
    return found


def _document(example: Example) -> Document:
    with without_hints():
        case = approve(example, case_in_review(example))
    version = case.approved_version
    assert version is not None
    return create(
        Document(
            authority_id=case.authority_id,
            kind=Document.Kind.LETTER,
            outgoing=case,
            letter_version=version,
            language="en",
            content_hash=case.approved_hash,
        ),
        act="queue",
        by=Actor.system("bench", authority_id=case.authority_id),
    )
