"""Messages about parts of a result: written on one side, taken in on the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mla.accounts.actors import Actor
from workflows.exchange import bodies
from workflows.exchange.envelope import CarriedFile, CarriedOrigin, Envelope
from workflows.lifecycle.models import Evidence, IncomingRequest, OutgoingRequest, Part
from workflows.lifecycle.models.courts import withheld_counts
from workflows.lifecycle.models.ledger import Origin, origin_of
from workflows.lifecycle.services import parts as services
from workflows.lifecycle.services.outgoing_course import EvidenceFile, ItemReport

if TYPE_CHECKING:
    from workflows.engine.outbox import Job


def evidence_carried(files: Iterable[Evidence]) -> tuple[CarriedFile, ...]:
    """Return the manifest of files of evidence, as a message lists them."""
    return tuple(
        CarriedFile(
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            role="evidence",
            item=file.item.key if file.item else "",
            description=file.description,
            use_limits=file.use_limits,
            origin=_origin(file),
        )
        for file in files
    )


def _origin(file: Evidence) -> CarriedOrigin | None:
    known = origin_of(file)
    if known is None:
        return None
    said = asdict(known.said())
    if known.acquired_at is not None:
        said["acquired_at"] = known.acquired_at.astimezone(dt.UTC)
    return CarriedOrigin(**said)


def evidence_listed(envelope: Envelope) -> list[EvidenceFile]:
    """Return the files of evidence that a message carries."""
    return [
        EvidenceFile(
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            item=file.item,
            description=file.description,
            use_limits=file.use_limits,
            origin=Origin(**file.origin.model_dump()) if file.origin is not None else None,
        )
        for file in envelope.files
        if file.role == "evidence"
    ]


def part_told(case: IncomingRequest, job: Job) -> tuple[dict[str, Any], tuple[CarriedFile, ...]]:
    """Return what a message of a part says, beside the items, and its files: those of that part alone."""
    part = Part.objects.get(incoming=case, part_id=job.payload["part"])
    carried = part.files.select_related("evidence__item").prefetch_related("evidence__origins").order_by("id")
    body = {"part": str(part.part_id), "number": part.number, "note": part.note}
    return body, evidence_carried(one.evidence for one in carried)


def withheld_told(case: IncomingRequest) -> dict[str, Any]:
    """Return how many files are withheld on which ground, where there are any; never which they are."""
    found = withheld_counts(case)
    return {"withheld": found} if found else {}


def part_confirmed_told(case: OutgoingRequest, job: Job) -> dict[str, Any]:
    """Return what the confirmation of a part says."""
    part = Part.objects.get(outgoing=case, part_id=job.payload["part"])
    return {
        "part": str(part.part_id),
        "number": part.number,
        "all_match": part.all_match is True,
        "discrepant": part.discrepant,
    }


def take_part(case: OutgoingRequest, by: Actor, body: bodies.PartialResult, envelope: Envelope) -> None:
    services.outgoing_note_part(
        outgoing=case,
        by=by,
        files=evidence_listed(envelope),
        reports=[ItemReport(**item.model_dump()) for item in body.items],
        note=body.note,
        part_id=body.part,
        withheld=[one.model_dump() for one in body.withheld],
    )


def take_part_confirmed(case: IncomingRequest, by: Actor, body: bodies.PartConfirmed, envelope: Envelope) -> None:
    services.incoming_note_part_receipt(
        incoming=case, by=by, part_id=body.part, all_match=body.all_match, discrepant=body.discrepant
    )
