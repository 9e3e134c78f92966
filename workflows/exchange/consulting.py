"""Messages of consultations and postponements: what each says, and what an arriving one does in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mla.accounts.actors import Actor
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest, Postponement
from workflows.lifecycle.services import consulting
from workflows.lifecycle.services.consulting import Consultation, PutOff
from workflows.lifecycle.services.outgoing_course import ItemReport

if TYPE_CHECKING:
    from workflows.exchange import bodies
    from workflows.exchange.envelope import Envelope

# --- told ---


def consultation(case: IncomingRequest, payload: Any) -> dict[str, Any]:
    point = OpenPoint.objects.get(incoming=case, point_id=payload["point"])
    return {
        "point": str(point.point_id),
        "kind": point.kind,
        "question": point.question,
        "due": point.due.isoformat() if point.due else None,
        "ground": point.ground,
        "article": point.article,
        # A number of a message is read the same by everybody: as text.
        "amount": None if point.amount is None else str(point.amount),
        "currency": point.currency,
    }


def consultation_answered(case: OutgoingRequest, payload: Any) -> dict[str, Any]:
    point = OpenPoint.objects.get(outgoing=case, point_id=payload["point"])
    return {"point": str(point.point_id), "answer": point.answer, "choice": point.choice}


def postponed(case: IncomingRequest, payload: Any) -> dict[str, Any]:
    row = Postponement.objects.get(incoming=case, postponement_id=payload["postponement"])
    return {
        "postponement": str(row.postponement_id),
        "consultation": str(row.consultation_id) if row.consultation_id else None,
        "ground": row.ground,
        "article": row.article,
        "reason": row.reason,
        "until": row.until.isoformat() if row.until else None,
        "until_event": row.until_event,
    }


def resumed(case: IncomingRequest, payload: Any) -> dict[str, Any]:
    return {"postponement": payload["postponement"]}


# --- taken ---


def take_consultation(case: OutgoingRequest, by: Actor, body: bodies.ConsultationAsked, envelope: Envelope) -> None:
    about = Consultation(
        kind=body.kind,
        question=body.question,
        due=body.due,
        ground=body.ground,
        article=body.article,
        amount=body.amount,
        currency=body.currency,
    )
    consulting.outgoing_note_consultation(outgoing=case, by=by, about=about, point_id=body.point)


def take_answer(case: IncomingRequest, by: Actor, body: bodies.ConsultationAnswered, envelope: Envelope) -> None:
    consulting.incoming_receive_consultation_answer(
        incoming=case, by=by, point_id=body.point, answer=body.answer, choice=body.choice
    )


def take_postponement(case: OutgoingRequest, by: Actor, body: bodies.Postponed, envelope: Envelope) -> None:
    consulting.outgoing_note_postponement(
        outgoing=case,
        by=by,
        put_off=PutOff(body.ground, body.article, body.reason, body.until, body.until_event),
        reports=_reports(body.items),
        postponement_id=body.postponement,
        consultation_id=body.consultation,
    )


def take_resumption(case: OutgoingRequest, by: Actor, body: bodies.Resumed, envelope: Envelope) -> None:
    consulting.outgoing_note_resumption(outgoing=case, by=by, reports=_reports(body.items))


def _reports(items: tuple[bodies.ItemState, ...]) -> list[ItemReport]:
    return [ItemReport(**item.model_dump()) for item in items]
