"""From an event in a case to a message in our log, with its transmission queued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.files import file_check
from mla.core.ids import uuid7
from mla.reference.models import Authority
from workflows.documents.models import CaseDocument
from workflows.drafting.selectors_translation import translation_sent
from workflows.engine.errors import PermanentFailure
from workflows.engine.machine import Effects
from workflows.engine.outbox import Finish, Job
from workflows.engine.perform import create
from workflows.exchange import consulting, custody, emergency, execution, ledger, offering, preserving, wishes
from workflows.exchange.conditions import (
    complement_asked_told,
    complement_told,
    conditions_answer_told,
    conditions_told,
)
from workflows.exchange.envelope import GENESIS, CarriedFile, Envelope, envelope_hash
from workflows.exchange.models import Message, MessageFile, Transmission
from workflows.exchange.parts import evidence_carried, part_confirmed_told, part_told, withheld_told
from workflows.lifecycle.models import Defect, IncomingRequest, OpenPoint, OutgoingRequest
from workflows.lifecycle.models.parts import unsent
from workflows.lifecycle.short import MACHINES


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has its place in the conversation."""

    type: str
    body: dict[str, Any]
    files: tuple[CarriedFile, ...] = ()


#: Events of the requesting side's file that are told to the other State, and how each is put.
def _request(case: OutgoingRequest, job: Job) -> Draft:
    version = case.approved_version
    assert version is not None
    files = [_document(case, case.document_sha256)]
    files += [
        CarriedFile(name=a.name, media_type=a.media_type, size=a.size, sha256=a.sha256, role="annex", description=a.key)
        for a in version.annexes.order_by("key")
    ]
    translation = translation_sent(version, case.approved_at)
    if translation is not None:
        files += [
            CarriedFile(
                name=annex.name, media_type=annex.media_type, size=annex.size or 0, sha256=annex.sha256, role="annex",
                description=f"{annex.key} ({translation.language})",
            )
            for annex in translation.annexes.filter(how="full").order_by("key")
        ]  # fmt: skip
    if case.sealed_sha256:
        files.append(_document(case, case.sealed_sha256, "-sealed", role="sealed"))
    # Made for reading alone; what counts are the files above.
    bound = case.documents.filter(kind="bound", letter_version=version, status="ready").first()
    if bound is not None:
        files.append(_document(case, bound.sha256, "-annexes", role="annex"))
    body = {
        "frozen": version.frozen_content,
        "content_hash": case.approved_hash,
        "document_sha256": case.document_sha256,
    }
    if case.provisional_at is not None and case.confirmation_due_at is not None:
        body["confirmation_due"] = case.confirmation_due_at.astimezone(dt.UTC).isoformat()
    return Draft("request", body, tuple(files))


def _confirmation(case: OutgoingRequest, job: Job) -> Draft:
    body = {"content_hash": case.approved_hash, "document_sha256": case.confirmation_sha256}
    return Draft("confirmation", body, (_document(case, case.confirmation_sha256, "-confirmation"),))


def _document(
    case: OutgoingRequest, sha256: str, ending: str = "", role: Literal["letter", "sealed", "annex"] = "letter"
) -> CarriedFile:
    return CarriedFile(
        name=f"{case.reference.replace('/', '-')}{ending}.pdf",
        media_type="application/pdf",
        size=file_check(sha256),
        sha256=sha256,
        role=role,
    )


def _information_given(case: OutgoingRequest, job: Job) -> Draft:
    point = OpenPoint.objects.get(outgoing=case, point_id=job.payload["point"])
    return Draft("information_given", {"point": str(point.point_id), "answer": point.answer})


def _conditions_answered(case: OutgoingRequest, job: Job) -> Draft:
    return Draft("conditions_answered", conditions_answer_told(case, job))


def _complement_asked(case: OutgoingRequest, job: Job) -> Draft:
    return Draft("complement_asked", complement_asked_told(case, job))


def _withdrawal(case: OutgoingRequest, job: Job) -> Draft:
    return Draft("withdrawal", {"reason": case.outcome_reason})


def _receipt_confirmed(case: OutgoingRequest, job: Job) -> Draft:
    return Draft("receipt_confirmed", {"all_match": job.payload["all_match"]})


def _part_confirmed(case: OutgoingRequest, job: Job) -> Draft:
    return Draft("part_confirmed", part_confirmed_told(case, job))


def _acknowledgement(case: IncomingRequest, job: Job) -> Draft:
    return Draft("acknowledgement", {"reference": case.reference, "contact": case.contact})


def _status(case: IncomingRequest, job: Job) -> Draft:
    status = job.payload.get("status") or "in_execution"
    return Draft("status", {"status": status, "items": item_states(case)} | execution.progress_told(case, job))


def _information_asked(case: IncomingRequest, job: Job) -> Draft:
    point = OpenPoint.objects.get(incoming=case, point_id=job.payload["point"])
    due = point.due.isoformat() if point.due else None
    return Draft("information_asked", {"point": str(point.point_id), "question": point.question, "due": due})


def _conditions_offered(case: IncomingRequest, job: Job) -> Draft:
    return Draft("conditions_offered", conditions_told(case, job))


def _complement(case: IncomingRequest, job: Job) -> Draft:
    return Draft("complement", *complement_told(case, job))


def _result(case: IncomingRequest, job: Job) -> Draft:
    # What went with a part before is not sent again, nor what complements the result, which is a message of its own.
    files = evidence_carried(unsent(case).filter(complement=None).select_related("item").prefetch_related("origins"))
    return Draft("result", _result_body(case), files)


def _result_body(case: IncomingRequest) -> dict[str, Any]:
    body = {"outcome": case.outcome, "note": case.outcome_reason, "items": item_states(case)}
    return body | withheld_told(case)


def _part(case: IncomingRequest, job: Job) -> Draft:
    body, files = part_told(case, job)
    return Draft("partial_result", body | {"items": item_states(case)} | withheld_told(case), files)


def _refusal(case: IncomingRequest, job: Job) -> Draft:
    body = {
        "ground": case.refusal_ground,
        "article": case.refusal_article,
        "reason": case.outcome_reason,
        "consulted": bool(case.consulted),
    }
    return Draft("refusal", body)


def _returned(case: IncomingRequest, job: Job) -> Draft:
    defects = Defect.objects.filter(incoming=case).order_by("number")
    body = {
        "outcome": case.outcome,
        "reason": case.outcome_reason,
        "code": case.return_code,
        "defects": [{"text": one.text, "place": one.place, "article": one.article} for one in defects],
        "competent": case.redirected_to.code if case.redirected_to else "",
    }
    return Draft("returned", body)


def _withdrawal_confirmed(case: IncomingRequest, job: Job) -> Draft:
    return Draft("withdrawal_confirmed", {"done": case.work_done, "items": item_states(case)})


def _case_document(row: CaseDocument) -> Draft:
    file = CarriedFile(
        name=f"{row.case.reference.replace('/', '-')}-{row.kind}.pdf",
        media_type="application/pdf",
        size=file_check(row.sha256),
        sha256=row.sha256,
        role="document",
    )
    body = {
        "kind": row.kind,
        "about": row.about,
        "language": row.language,
        "content": row.content,
        "content_hash": row.content_hash,
        "document_sha256": row.sha256,
    }
    return Draft("document", body, (file,))


def _put(type_: str, told: Callable[[Any, Job], dict[str, Any]]) -> Callable[[Any, Job], Draft]:
    return lambda case, job: Draft(type_, told(case, job))


#: The event of a document beside the letter of either side's file that goes to the other State.
DOCUMENT_SENT = "case_document.sent"
OUTGOING: dict[str, Callable[[OutgoingRequest, Job], Draft]] = {
    "outgoing.sent": _request,
    "outgoing.confirmation_ready": _confirmation,
    "outgoing.information_given": _information_given,
    "outgoing.conditions_answered": _conditions_answered,
    "outgoing.complement_asked": _complement_asked,
    "outgoing.consultation_answered": lambda case, job: Draft(
        "consultation_answered", consulting.consultation_answered(case, job.payload)
    ),
    "outgoing.withdrawn": _withdrawal,
    "outgoing.wished": lambda case, job: Draft("wish", wishes.wish_told(case, job)),
    "outgoing.chased": lambda case, job: Draft("wish", wishes.wish_told(case, job)),
    "outgoing.part_confirmed": _part_confirmed,
    "outgoing.evidence_confirmed": _receipt_confirmed,
    "outgoing.originals_returned": lambda case, job: Draft("originals_returned", execution.returned_told(case, job)),
    **{event: _put(*how) for event, how in ledger.FROM_OUTGOING.items()},
}
INCOMING: dict[str, Callable[[IncomingRequest, Job], Draft]] = {
    "incoming.acknowledged": _acknowledgement,
    "incoming.progress": _status,
    "incoming.accepted": _status,
    "incoming.information_asked": _information_asked,
    "incoming.conditions_offered": _conditions_offered,
    "incoming.complement_supplied": _complement,
    "incoming.part": _part,
    "incoming.consulted": lambda case, job: Draft("consultation", consulting.consultation(case, job.payload)),
    "incoming.postponed": lambda case, job: Draft(
        "postponed", consulting.postponed(case, job.payload) | {"items": item_states(case)}
    ),
    "incoming.resumed": lambda case, job: Draft(
        "resumed", consulting.resumed(case, job.payload) | {"items": item_states(case)}
    ),
    "incoming.result": _result,
    "incoming.originals_listed": lambda case, job: Draft("originals_listed", execution.originals_told(case, job)),
    "incoming.return_waived": lambda case, job: Draft("return_waived", execution.waived_told(case, job)),
    "incoming.refused": _refusal,
    "incoming.returned": _returned,
    "incoming.withdrawal_confirmed": _withdrawal_confirmed,
    "incoming.wish_answered": lambda case, job: Draft(
        "wish_answered", wishes.answer_told(case, job) | {"items": item_states(case)}
    ),
    **{event: _put(*how) for event, how in ledger.FROM_INCOMING.items()},
}


def conversation_key(case: Any, payload: Any) -> str:
    """Messages of one conversation are written in the order of their acts."""
    return f"write:{case.authority_id}:{case.conversation_id}"


def _short(told: Callable[[Any, Job], offering.Told]) -> Callable[[Any, Job], Draft]:
    return lambda row, job: Draft(*told(row, job))


def _of_item(kind: str, told: Callable[[Any, Job], dict[str, Any]], row: Any, job: Job) -> Draft:
    """What a short machine says always names its item."""
    return Draft(kind, {"item": row.item.key} | told(row, job))


def _told_as(kind: str, told: Callable[[Any, Job], dict[str, Any]]) -> Callable[[Any, Job], Draft]:
    return lambda row, job: Draft(kind, told(row, job))


#: Events of short machines that are told to the other State, and how each is put: from the row and the job.
SHORT: dict[str, Callable[[Any, Job], Draft]] = {
    **{event: _short(told) for event, told in offering.TOLD.items()},
    **{event: partial(_of_item, *told) for event, told in (emergency.TOLD | custody.TOLD).items()},
    **{event: _told_as(kind, told) for event, (kind, told) in preserving.TOLD.items()},
}


def short_key(row: Any, payload: Any) -> str:
    """What a short machine says has its place among the messages of its case."""
    return conversation_key(row.case, payload)


def document_key(document: Any, payload: Any) -> str:
    """A document has its place among the messages of its conversation."""
    return conversation_key(document.case, payload)


def write_message(job: Job) -> Finish:
    """Handler of every event in OUTGOING, INCOMING and SHORT, and of DOCUMENT_SENT: put the message into our log and queue it."""
    case: Any
    if job.event in SHORT:
        machine = next(one for one in MACHINES if job.object_type == one.KIND)
        side = f"item__{machine.SIDE}"
        peer_of = "addressee" if machine.SIDE == OutgoingRequest.KIND else "sender"
        short = machine._default_manager.select_related(f"{side}__{peer_of}").get(pk=job.object_id)
        case, draft, peer = short.case, SHORT[job.event](short, job), getattr(short.case, peer_of)
    elif job.object_type == CaseDocument.KIND:
        row = CaseDocument.objects.select_related("outgoing__addressee", "incoming__sender").get(pk=job.object_id)
        case, draft = row.case, _case_document(row)
        peer = case.addressee if case.KIND == OutgoingRequest.KIND else case.sender
    elif job.object_type == OutgoingRequest.KIND:
        case = OutgoingRequest.objects.select_related("approved_version", "addressee").get(pk=job.object_id)
        draft, peer = OUTGOING[job.event](case, job), case.addressee
    else:
        case = IncomingRequest.objects.select_related("sender").get(pk=job.object_id)
        draft, peer = INCOMING[job.event](case, job), case.sender
    if peer is None:
        raise PermanentFailure(f"{case.reference} has no addressee")
    for file in draft.files:
        # What does not exist or is damaged is not announced.
        file_check(file.sha256)

    def finish() -> None:
        message_write(case=case, peer=peer, draft=draft, by=job.actor)

    return finish


def message_write(*, case: Any, peer: Authority, draft: Draft, by: Actor) -> Message:
    """Give the message its place in the conversation, write it to our log and queue its transmission.

    Called in the finishing transaction of a job; jobs of one conversation come one at a time.
    """
    envelope = _envelope(case, peer, draft)
    data = envelope.encode()
    message = create(
        Message(
            status=Message.Status.WRITTEN,
            authority_id=case.authority_id,
            direction=Message.Direction.OUT,
            peer=peer,
            message_id=envelope.message_id,
            conversation_id=envelope.conversation_id,
            type=envelope.type,
            seq=envelope.seq,
            prev_hash=envelope.prev_hash,
            hash=envelope_hash(data),
            ref_to=envelope.ref_to,
            written_at=envelope.written_at,
            envelope=data,
        ),
        act="write",
        by=by,
        effects=Effects(detail={"message": str(envelope.message_id), "type": envelope.type, "seq": envelope.seq}),
    )
    keep_files(message, envelope)
    create(
        Transmission(authority_id=case.authority_id, message=message, channel=case.channel),
        act="queue",
        by=by,
        effects=Effects(events=[("transmission.queued", {})]),
    )
    return message


def keep_files(message: Message, envelope: Envelope) -> None:
    """Note in the log which files a message carries."""
    MessageFile.objects.bulk_create(
        MessageFile(
            message=message,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            role=file.role,
        )
        for file in envelope.files
    )


def last_message_in(case: Any) -> UUID | None:
    """Return the identifier of the last message the peer sent in this conversation."""
    return (
        Message.objects.filter(
            authority_id=case.authority_id, conversation_id=case.conversation_id, direction=Message.Direction.IN
        )
        .order_by("-seq")
        .values_list("message_id", flat=True)
        .first()
    )


def _envelope(case: Any, peer: Authority, draft: Draft) -> Envelope:
    last = (
        Message.objects.filter(
            authority_id=case.authority_id, conversation_id=case.conversation_id, direction=Message.Direction.OUT
        )
        .order_by("-seq")
        .first()
    )
    return Envelope(
        message_id=uuid7(),
        conversation_id=case.conversation_id,
        type=draft.type,
        sender=Authority.objects.values_list("code", flat=True).get(pk=case.authority_id),
        receiver=peer.code,
        seq=(last.seq if last else 0) + 1,
        prev_hash=last.hash if last else GENESIS,
        ref_to=last_message_in(case),
        written_at=clock.now().astimezone(dt.UTC),
        sender_reference=case.reference,
        receiver_reference=case.peer_reference,
        body=draft.body,
        files=draft.files,
    )


def item_states(case: IncomingRequest) -> list[dict[str, Any]]:
    """Return how each item stands, as a message says it."""
    found = []
    for item in case.items.prefetch_related("preservations").order_by("id"):
        state: dict[str, Any] = {
            "key": item.key,
            "status": item.status,
            "ground": item.ground,
            "article": item.article,
            "reason": item.reason,
            "until": item.until.isoformat() if item.until else None,
            "until_event": item.until_event,
        }
        if item.taken_back_at:
            state["taken_back"] = True
        kept = max(item.preservations.all(), key=lambda row: row.pk, default=None)
        if kept is not None:
            state |= {
                "preserved_from": kept.preserved_from.isoformat(),
                "preserved_until": kept.until.isoformat(),
                "rule": kept.rule,
            }
        found.append(state)
    return found
