"""Messages about an emergency disclosure: what each says, and what an arriving one does in the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mla.accounts.actors import Actor
from workflows.exchange import bodies_emergency as bodies
from workflows.exchange.envelope import Envelope, EnvelopeWrong
from workflows.lifecycle.models import EmergencyIn, EmergencyOut, FactsAsked, IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import emergency as services

if TYPE_CHECKING:
    from workflows.engine.outbox import Job


# --- told ---


def _hour(moment: dt.datetime | None) -> str:
    assert moment is not None
    return moment.astimezone(dt.UTC).isoformat()


def _point(row: EmergencyIn | EmergencyOut, job: Job) -> FactsAsked:
    return FactsAsked.objects.get(item=row.item_id, point_id=job.payload["point"])


def _taken_up(row: EmergencyIn, job: Job) -> dict[str, Any]:
    return {"at": _hour(row.taken_up_at)}


def _facts_asked(row: EmergencyIn, job: Job) -> dict[str, Any]:
    point = _point(row, job)
    return {"point": str(point.point_id), "question": point.question}


def _facts_given(row: EmergencyOut, job: Job) -> dict[str, Any]:
    point = _point(row, job)
    return {"point": str(point.point_id), "answer": point.answer}


def _disclosed(row: EmergencyIn, job: Job) -> dict[str, Any]:
    return {"what": row.disclosed, "at": _hour(row.disclosed_at)}


def _declined(row: EmergencyIn, job: Job) -> dict[str, Any]:
    return {"ground": row.ground, "article": row.article, "reason": row.reason, "at": _hour(row.declined_at)}


def _followup_asked(row: EmergencyIn, job: Job) -> dict[str, Any]:
    assert row.followup_due is not None
    return {"why": row.followup_why, "due": row.followup_due.isoformat(), "words": row.followup_words}


def _regularised(row: EmergencyOut, job: Job) -> dict[str, Any]:
    assert row.regularised_on is not None
    return {"on": row.regularised_on.isoformat(), "reference": row.regularised_by, "words": row.regularised_words}


#: Of each event the type of its message, and what it says beside the item.
TOLD: dict[str, tuple[str, Callable[[Any, Job], dict[str, Any]]]] = {
    "emergency_in.taken_up": ("emergency_taken_up", _taken_up),
    "emergency_in.facts_asked": ("emergency_facts_asked", _facts_asked),
    "emergency_out.facts_given": ("emergency_facts_given", _facts_given),
    "emergency_in.disclosed": ("emergency_disclosed", _disclosed),
    "emergency_in.declined": ("emergency_declined", _declined),
    "emergency_in.followup_asked": ("emergency_followup_asked", _followup_asked),
    "emergency_out.regularised": ("emergency_regularised", _regularised),
}


# --- taken ---


def _out(case: OutgoingRequest, item: str) -> EmergencyOut:
    row = EmergencyOut.objects.filter(item__outgoing=case, item__key=item).first()
    if row is None:
        raise EnvelopeWrong(f"item {item} of this request asks for no emergency disclosure")
    return row


def _in(case: IncomingRequest, item: str) -> EmergencyIn:
    row = EmergencyIn.objects.filter(item__incoming=case, item__key=item).first()
    if row is None:
        raise EnvelopeWrong(f"item {item} of this request asks for no emergency disclosure")
    return row


def _take(act: str) -> Callable[[OutgoingRequest, Actor, Any, Envelope], None]:
    def take(case: OutgoingRequest, by: Actor, body: Any, envelope: Envelope) -> None:
        said = body.model_dump(exclude={"item"})
        services.emergency_act(emergency=_out(case, body.item), act=act, by=by, **said)

    return take


def _take_question(case: OutgoingRequest, by: Actor, body: bodies.EmergencyFactsAsked, envelope: Envelope) -> None:
    services.emergency_note_more_facts(
        emergency=_out(case, body.item), by=by, question=body.question, point_id=body.point
    )


def _take_facts(case: IncomingRequest, by: Actor, body: bodies.EmergencyFactsGiven, envelope: Envelope) -> None:
    services.emergency_receive_facts(emergency=_in(case, body.item), by=by, answer=body.answer, point_id=body.point)


def _take_regularised(case: IncomingRequest, by: Actor, body: bodies.EmergencyRegularised, envelope: Envelope) -> None:
    services.emergency_note_regularised(
        emergency=_in(case, body.item), by=by, on=body.on, reference=body.reference, words=body.words
    )


FOR_OUTGOING: dict[str, Callable[[OutgoingRequest, Actor, Any, Envelope], None]] = {
    "emergency_taken_up": _take("note_taken_up"),
    "emergency_facts_asked": _take_question,
    "emergency_disclosed": _take("note_disclosed"),
    "emergency_declined": _take("note_declined"),
    "emergency_followup_asked": _take("note_followup_asked"),
}
FOR_INCOMING: dict[str, Callable[[IncomingRequest, Actor, Any, Envelope], None]] = {
    "emergency_facts_given": _take_facts,
    "emergency_regularised": _take_regularised,
}
