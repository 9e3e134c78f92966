"""Messages about conditions and about the complement of a result: what is told, and how it is taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mla.accounts.actors import Actor
from workflows.exchange import bodies
from workflows.exchange.envelope import CarriedFile, Envelope
from workflows.exchange.parts import evidence_carried, evidence_listed
from workflows.lifecycle.models import Evidence, IncomingRequest, OpenPoint, OutgoingRequest
from workflows.lifecycle.services import complements, conditions
from workflows.lifecycle.services.conditions import Offered

if TYPE_CHECKING:
    from workflows.engine.outbox import Job


def _point(case: OutgoingRequest | IncomingRequest, job: Job) -> OpenPoint:
    return OpenPoint.objects.get(**{case.KIND: case}, point_id=job.payload["point"])


def conditions_told(case: IncomingRequest, job: Job) -> dict[str, Any]:
    """Return what an offer of conditions says."""
    point = _point(case, job)
    offered = [
        {
            "condition": str(one.condition_id),
            "kind": one.kind,
            "article": one.article,
            "text": one.text,
            "item": one.item_key,
            "until": one.until.isoformat() if one.until else None,
        }
        for one in point.conditions.select_related("item").order_by("id")
    ]
    due = point.due.isoformat() if point.due else None
    return {"point": str(point.point_id), "text": point.question, "due": due, "conditions": offered}


def conditions_answer_told(case: OutgoingRequest, job: Job) -> dict[str, Any]:
    """Return what the answer to an offer says."""
    point = _point(case, job)
    return {"point": str(point.point_id), "choice": point.choice, "answer": point.answer}


def complement_asked_told(case: OutgoingRequest, job: Job) -> dict[str, Any]:
    """Return what is said of a result that lacks something."""
    point = _point(case, job)
    due = point.due.isoformat() if point.due else None
    return {"point": str(point.point_id), "defect": point.ground, "text": point.question, "due": due}


def complement_told(case: IncomingRequest, job: Job) -> tuple[dict[str, Any], tuple[CarriedFile, ...]]:
    """Return what is said with a complement, and the files that it brings."""
    point = _point(case, job)
    found = Evidence.objects.filter(complement=point).select_related("item").prefetch_related("origins").order_by("id")
    return {"point": str(point.point_id), "answer": point.answer}, evidence_carried(found)


def take_conditions(case: OutgoingRequest, by: Actor, body: bodies.ConditionsOffered, envelope: Envelope) -> None:
    """Take an offer of conditions into the requesting side's file."""
    offered = [
        Offered(
            kind=one.kind,
            text=one.text,
            article=one.article,
            item=one.item,
            until=one.until,
            condition_id=one.condition,
        )
        for one in body.conditions
    ]
    conditions.outgoing_note_conditions(
        outgoing=case, by=by, question=body.text, conditions=offered, due=body.due, point_id=body.point
    )


def take_conditions_answer(
    case: IncomingRequest, by: Actor, body: bodies.ConditionsAnswered, envelope: Envelope
) -> None:
    """Take the answer to an offer into the requested side's file."""
    conditions.incoming_receive_conditions_answer(
        incoming=case, by=by, point_id=body.point, choice=body.choice, answer=body.answer
    )


def take_complement_asked(case: IncomingRequest, by: Actor, body: bodies.ComplementAsked, envelope: Envelope) -> None:
    """Take into the requested side's file that its result lacks something."""
    complements.incoming_note_complement_asked(
        incoming=case, by=by, defect=body.defect, question=body.text, due=body.due, point_id=body.point
    )


def take_complement(case: OutgoingRequest, by: Actor, body: bodies.Complement, envelope: Envelope) -> None:
    """Take a complement with its files into the requesting side's file."""
    files = evidence_listed(envelope)
    complements.outgoing_note_complement(outgoing=case, by=by, point_id=body.point, answer=body.answer, files=files)
