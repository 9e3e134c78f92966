"""Messages about preservations: what each says, and what an arriving one does in the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from mla.accounts.actors import Actor
from workflows.engine.outbox import Job
from workflows.exchange import bodies_preserving as bodies
from workflows.exchange.envelope import Envelope
from workflows.lifecycle.models import (
    IncomingRequest,
    OutgoingRequest,
    PreservationIn,
    PreservationOut,
    PreservationPoint,
)
from workflows.lifecycle.services import preservation as services
from workflows.lifecycle.services.preservation import Kept, ended_alike

# --- told ---


def _point(row: PreservationIn | PreservationOut, job: Job) -> PreservationPoint:
    return PreservationPoint.objects.get(item=row.item, point_id=job.payload["point"])


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def kept_told(row: PreservationIn, job: Job) -> dict[str, Any]:
    # As it was then: an extension that came meanwhile is told by itself.
    kept = row.kept_rows[int(job.payload["place"])]
    return {
        "item": row.item.key,
        "preserved_from": kept.preserved_from.isoformat(),
        "until": kept.until.isoformat(),
        "extent": row.extent,
        "words": row.words,
        "reference": kept.peer_reference,
        "rule": kept.rule,
    }


def not_kept_told(row: PreservationIn, job: Job) -> dict[str, Any]:
    how = "refused" if job.event == "preservation_in.refused" else "none_held"
    return {"item": row.item.key, "how": how, "ground": row.ground, "article": row.article, "reason": row.reason}


def question_told(row: PreservationIn, job: Job) -> dict[str, Any]:
    point = _point(row, job)
    return {
        "item": row.item.key, "point": str(point.point_id), "question": point.words, "due": _day(point.due),
    }  # fmt: skip


def extension_told(row: PreservationIn, job: Job) -> dict[str, Any]:
    point = _point(row, job)
    return {
        "item": row.item.key, "point": str(point.point_id), "choice": point.choice,
        "until": _day(point.granted_until), "words": point.answer,
    }  # fmt: skip


def course_told(row: PreservationIn, job: Job) -> dict[str, Any]:
    if job.event == "preservation_in.held":
        return {"item": row.item.key, "how": "held", "reference": row.held_for}
    return {"item": row.item.key, "how": "released", "reason": row.reason}


def provider_told(row: PreservationIn, job: Job) -> dict[str, Any]:
    point = _point(row, job)
    return {
        "item": row.item.key, "point": str(point.point_id), "provider": point.provider,
        "jurisdiction": point.jurisdiction, "contact": point.contact, "words": point.words,
    }  # fmt: skip


def answer_told(row: PreservationOut, job: Job) -> dict[str, Any]:
    choice = "go_on" if job.event == "preservation_out.went_on" else "withdraw"
    answer = _point(row, job).answer if job.payload["point"] else row.reason
    return {"item": row.item.key, "point": job.payload["point"] or None, "choice": choice, "answer": answer}


def extension_asked_told(row: PreservationOut, job: Job) -> dict[str, Any]:
    point = _point(row, job)
    return {
        "item": row.item.key, "point": str(point.point_id), "until": _day(point.wanted_until), "words": point.words,
    }  # fmt: skip


def release_told(row: PreservationOut, job: Job) -> dict[str, Any]:
    return {"item": row.item.key, "reason": row.reason}


#: By event: the type of its message, and what it says.
TOLD: dict[str, tuple[str, Callable[[Any, Job], dict[str, Any]]]] = {
    "preservation_in.preserved": ("preservation_kept", kept_told),
    "preservation_in.none_held": ("preservation_not_kept", not_kept_told),
    "preservation_in.refused": ("preservation_not_kept", not_kept_told),
    "preservation_in.tipping_off": ("preservation_question", question_told),
    "preservation_in.extended": ("preservation_extension", extension_told),
    "preservation_in.extension_refused": ("preservation_extension", extension_told),
    "preservation_in.held": ("preservation_course", course_told),
    "preservation_in.released": ("preservation_course", course_told),
    "preservation_in.provider_found": ("preservation_provider", provider_told),
    "preservation_out.went_on": ("preservation_answer", answer_told),
    "preservation_out.withdrawn": ("preservation_answer", answer_told),
    "preservation_out.extension_asked": ("preservation_extension_asked", extension_asked_told),
    "preservation_out.released": ("preservation_release", release_told),
}


# --- taken, into the requesting side's file ---


def take_kept(case: OutgoingRequest, by: Actor, body: bodies.PreservationKept, envelope: Envelope) -> None:
    row = services.preservation_out_of(case, body.item)
    kept = Kept(body.preserved_from, body.until, body.extent, body.words, body.reference, body.rule)
    services.preservation_out_note_preserved(preservation=row, by=by, kept=kept)


def take_not_kept(case: OutgoingRequest, by: Actor, body: bodies.PreservationNotKept, envelope: Envelope) -> None:
    row = services.preservation_out_of(case, body.item)
    if body.how == "refused":
        services.preservation_out_note(
            preservation=row, act="note_refusal", by=by, ground=body.ground, article=body.article, reason=body.reason
        )
    else:
        services.preservation_out_note(preservation=row, act="note_none", by=by, reason=body.reason)


def take_question(case: OutgoingRequest, by: Actor, body: bodies.PreservationQuestion, envelope: Envelope) -> None:
    row = services.preservation_out_of(case, body.item)
    services.preservation_out_note(
        preservation=row, act="note_tipping_off", by=by, question=body.question, due=body.due, point_id=body.point
    )


def take_extension(case: OutgoingRequest, by: Actor, body: bodies.PreservationExtension, envelope: Envelope) -> None:
    row = services.preservation_out_of(case, body.item)
    if body.choice == "granted":
        services.preservation_out_note(
            preservation=row, act="note_extension", by=by, until=body.until, words=body.words, point_id=body.point
        )
    else:
        services.preservation_out_note(
            preservation=row, act="note_extension_refused", by=by, reason=body.words, point_id=body.point
        )


def take_course(case: OutgoingRequest, by: Actor, body: bodies.PreservationCourse, envelope: Envelope) -> None:
    row = services.preservation_out_of(case, body.item)
    if body.how == "held":
        services.preservation_out_note(preservation=row, act="note_hold", by=by, reference=body.reference)
    elif not ended_alike(row, "released"):
        services.preservation_out_note(preservation=row, act="note_released", by=by, reason=body.reason)


def take_provider(case: OutgoingRequest, by: Actor, body: bodies.PreservationProvider, envelope: Envelope) -> None:
    row = services.preservation_out_of(case, body.item)
    said = body.model_dump(include={"provider", "jurisdiction", "contact", "words"})
    services.preservation_out_note(preservation=row, act="note_provider", by=by, point_id=body.point, **said)


# --- taken, into the requested side's file ---


def take_answer(case: IncomingRequest, by: Actor, body: bodies.PreservationAnswer, envelope: Envelope) -> None:
    row = services.preservation_in_of(case, body.item)
    if body.choice == "go_on":
        services.preservation_in_receive(
            preservation=row, act="receive_go_on", by=by, answer=body.answer, point_id=body.point
        )
    else:
        services.preservation_in_receive(
            preservation=row, act="receive_withdrawal", by=by, reason=body.answer, point_id=body.point
        )


def take_extension_asked(
    case: IncomingRequest, by: Actor, body: bodies.PreservationExtensionAsked, envelope: Envelope
) -> None:
    row = services.preservation_in_of(case, body.item)
    services.preservation_in_receive(
        preservation=row, act="receive_extension_request", by=by, until=body.until, words=body.words,
        point_id=body.point,
    )  # fmt: skip


def take_release(case: IncomingRequest, by: Actor, body: bodies.PreservationRelease, envelope: Envelope) -> None:
    row = services.preservation_in_of(case, body.item)
    if not ended_alike(row, "released"):
        services.preservation_in_receive(preservation=row, act="receive_release", by=by, reason=body.reason)


FOR_OUTGOING: dict[str, Callable[[OutgoingRequest, Actor, Any, Envelope], None]] = {
    "preservation_kept": take_kept,
    "preservation_not_kept": take_not_kept,
    "preservation_question": take_question,
    "preservation_extension": take_extension,
    "preservation_course": take_course,
    "preservation_provider": take_provider,
}
FOR_INCOMING: dict[str, Callable[[IncomingRequest, Actor, Any, Envelope], None]] = {
    "preservation_answer": take_answer,
    "preservation_extension_asked": take_extension_asked,
    "preservation_release": take_release,
}
