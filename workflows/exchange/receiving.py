"""A message arrives: into our log first, then into the file, in its order, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError
from django.db.models import QuerySet

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.canonical import NotCanonical, content_hash
from mla.core.errors import MlaError
from mla.core.files import FileDamaged, FileMissing, file_check
from mla.reference.models import Authority
from workflows.documents.services_kinds import ReceivedDocument, case_document_receive
from workflows.engine.acts import one_act
from workflows.engine.machine import Effects
from workflows.engine.outbox import Finish, Job
from workflows.engine.perform import create, perform
from workflows.exchange import bodies, consulting, custody, emergency, execution, ledger, offering, preserving, wishes
from workflows.exchange.conditions import (
    take_complement,
    take_complement_asked,
    take_conditions,
    take_conditions_answer,
)
from workflows.exchange.envelope import Envelope, EnvelopeWrong, chain_end, decode, envelope_hash, position
from workflows.exchange.models import Message
from workflows.exchange.parts import evidence_listed, take_part, take_part_confirmed
from workflows.exchange.writing import keep_files
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE
from workflows.lifecycle.models.returned import ToldDefect
from workflows.lifecycle.services import incoming as incoming_services
from workflows.lifecycle.services import outgoing_course as outgoing_services
from workflows.lifecycle.services.incoming import Received
from workflows.lifecycle.services.outgoing_course import ItemReport, News


def message_receive(*, data: bytes, receiver: Authority, channel: str) -> Message:
    """Take a message into the receiver's log; the same message again changes nothing.

    Called by a channel, in its finishing transaction. What the message means is done by a job.

    Raises:
        EnvelopeWrong: no envelope of ours, not for this authority, or another one under a known identifier.
    """
    envelope = decode(data)
    if envelope.receiver != receiver.code:
        raise EnvelopeWrong(f"the message is for {envelope.receiver}, not for {receiver.code}")
    sender = Authority.objects.filter(code=envelope.sender).first()
    if sender is None:
        raise EnvelopeWrong(f"the sender {envelope.sender} is not known here")
    data_hash = envelope_hash(data)
    known = Message.objects.filter(authority=receiver, message_id=envelope.message_id).first()
    if known is not None:
        if known.hash != data_hash:
            raise EnvelopeWrong(f"another message was received as {envelope.message_id} before")
        return known
    message = create(
        Message(
            status=Message.Status.RECEIVED,
            authority=receiver,
            direction=Message.Direction.IN,
            peer=sender,
            message_id=envelope.message_id,
            conversation_id=envelope.conversation_id,
            type=envelope.type,
            seq=envelope.seq,
            prev_hash=envelope.prev_hash,
            hash=data_hash,
            ref_to=envelope.ref_to,
            written_at=envelope.written_at,
            envelope=data,
        ),
        act="receive",
        by=Actor.system(f"channel.{channel}", authority_id=receiver.pk),
        effects=Effects(
            detail={"message": str(envelope.message_id), "type": envelope.type, "seq": envelope.seq},
            events=[("message.received", {"channel": channel})],
        ),
    )
    keep_files(message, envelope)
    return message


def message_take_in(*, data: bytes, receiver: Authority, channel: str) -> Message:
    """Receive a message and apply it at once, for a channel whose sender waits for the answer. Within one act.

    Nothing is kept of what does not apply: the sender is told why and says it again.

    Raises:
        EnvelopeWrong: as of `message_receive`; or an earlier message of the conversation waits for another one.
        MlaError: what the file has against it, such as a request that is closed.
    """
    message = message_receive(data=data, receiver=receiver, channel=channel)
    envelope = decode(data)
    last_seq, last_hash = _end(message)
    place = position(envelope, data_hash=message.hash, last_seq=last_seq, last_hash=last_hash, known_hash=None)
    if place != "next":
        raise EnvelopeWrong(f"message {envelope.seq} does not follow message {last_seq} of this conversation")
    began = clock.now()
    try:
        _apply(message, envelope, channel)
        _heard(message, began)
    except (IntegrityError, DataError) as error:
        raise EnvelopeWrong("the message contradicts what stands in the file") from error
    return perform(message, "apply", by=Actor.system(f"channel.{channel}", authority_id=receiver.pk))


def arrival_key(message: Any, payload: Any) -> str:
    """Messages of one conversation are applied one at a time."""
    return f"apply:{message.authority_id}:{message.conversation_id}"


def apply_message(job: Job) -> Finish:
    """Handler of "message.received": apply it, and after it those that waited for it."""

    def finish() -> None:
        message: Message | None = Message.objects.select_related("peer", "authority").get(pk=job.object_id)
        while message is not None and _take(message, job):
            message = _waiting(message)

    return finish


def _take(message: Message, job: Job) -> bool:
    """Apply, hold or refuse one message; tell whether the next one may be tried."""
    if message.status not in {Message.Status.RECEIVED, Message.Status.HELD}:
        return True
    last_seq, last_hash = _end(message)
    envelope = decode(bytes(message.envelope))
    place = position(envelope, data_hash=message.hash, last_seq=last_seq, last_hash=last_hash, known_hash=None)
    if place == "gap":
        if message.status == Message.Status.RECEIVED:
            perform(message, "hold", by=job.actor)
        return False
    if place != "next":
        why = f"message {envelope.seq} does not follow message {last_seq} of this conversation"
        perform(message, "refuse", by=job.actor, refusal=why)
        return True
    began = clock.now()
    try:
        # A savepoint: what cannot be applied leaves the receiver's file as it was. The sender is told.
        with one_act():
            _apply(message, envelope, str(job.payload.get("channel", "local")))
            _heard(message, began)
    except MlaError as error:
        perform(message, "refuse", by=job.actor, refusal=str(error)[:500])
        return True
    except (IntegrityError, DataError):
        perform(message, "refuse", by=job.actor, refusal="the message contradicts what stands in the file")
        return True
    perform(message, "apply", by=job.actor)
    return True


def _heard(message: Message, began: dt.datetime) -> None:
    """Note a sign of life in the request out where no act on it did: a document came, or news of one item's course."""
    case = OutgoingRequest.objects.filter(
        central=message.authority_id,
        conversation_id=message.conversation_id,
        silent_since__lt=began,
        status__in=WITH_THE_OTHER_STATE,
    ).first()
    if case is not None:
        perform(case, "hear", by=Actor.peer(message.peer), message=str(message.message_id))


def peer_chain_end(*, authority_id: int, conversation_id: UUID, peer_id: int) -> tuple[int, str]:
    """Return seq and hash of the last message of a peer that has its place in a conversation of our log."""
    return chain_end(
        Message.objects.filter(
            authority=authority_id, conversation_id=conversation_id, direction=Message.Direction.IN, peer=peer_id
        )
        .filter(status__in=[Message.Status.APPLIED, Message.Status.REFUSED])
        .order_by("seq", "id")
        .values_list("seq", "prev_hash", "hash")
    )


def _end(message: Message) -> tuple[int, str]:
    return peer_chain_end(
        authority_id=message.authority_id, conversation_id=message.conversation_id, peer_id=message.peer_id
    )


def _waiting(message: Message) -> Message | None:
    """Return a held message whose turn has come, if there is one."""
    turn = _end(message)[0] + 1
    held = _of_the_conversation(message).filter(status=Message.Status.HELD, seq__lte=turn)
    return held.select_related("peer", "authority").order_by("seq", "id").first()


def _of_the_conversation(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(
        authority=message.authority_id,
        conversation_id=message.conversation_id,
        direction=Message.Direction.IN,
        peer=message.peer_id,
    )


def _apply(message: Message, envelope: Envelope, channel: str) -> None:
    for file in envelope.files:
        try:
            size = file_check(file.sha256)
        except (FileMissing, FileDamaged) as error:
            raise EnvelopeWrong(f"file {file.name} did not arrive whole") from error
        if size != file.size:
            raise EnvelopeWrong(f"file {file.name} has {size} bytes, the message says {file.size}")
    body = bodies.read_body(envelope.type, envelope.body)
    if envelope.type == "request":
        _receive_request(message, envelope, body, channel)
    elif envelope.type == "document":
        _receive_document(message, envelope, body)
    elif envelope.type in _FOR_EITHER:
        _FOR_EITHER[envelope.type](_of_either_side(message), Actor.peer(message.peer), body, envelope)
    elif envelope.type in _FOR_INCOMING:
        _FOR_INCOMING[envelope.type](_incoming(message), Actor.peer(message.peer), body, envelope)
    else:
        _FOR_OUTGOING[envelope.type](_outgoing(message), Actor.peer(message.peer), body, envelope)


def _receive_request(message: Message, envelope: Envelope, body: bodies.Request, channel: str) -> None:
    if _hash(body.frozen) != body.content_hash:
        raise EnvelopeWrong("the letter does not have the content hash that the message gives")
    letters = [file for file in envelope.files if file.role == "letter"]
    if [file.sha256 for file in letters] != [body.document_sha256]:
        raise EnvelopeWrong("the message does not carry the letter's document")
    if body.frozen.get("sealed") and not any(file.role == "sealed" for file in envelope.files):
        raise EnvelopeWrong("the message does not carry the sealed annex that the letter names")
    of_the_conversation = {"conversation_id": envelope.conversation_id}
    if (
        IncomingRequest.objects.filter(authority=message.authority_id, **of_the_conversation).exists()
        or OutgoingRequest.objects.filter(central=message.authority_id, **of_the_conversation).exists()
    ):
        raise EnvelopeWrong("this conversation has its request already")
    letter = body.frozen.get("letter")
    incoming_services.incoming_receive(
        received=Received(
            conversation_id=envelope.conversation_id,
            sender=message.peer,
            peer_reference=envelope.sender_reference,
            content=letter if isinstance(letter, dict) else {},
            content_hash=body.content_hash,
            letter_sha256=body.document_sha256,
            channel=channel,
            confirmation_due=body.confirmation_due,
        ),
        by=Actor.system("message.request", authority_id=message.authority_id),
    )


def _receive_document(message: Message, envelope: Envelope, body: bodies.Document) -> None:
    files = [file for file in envelope.files if file.role == "document"]
    if [file.sha256 for file in files] != [body.document_sha256] or len(envelope.files) != 1:
        raise EnvelopeWrong("the message does not carry the document, or more than it")
    told = body.model_dump(exclude={"document_sha256"})
    received = ReceivedDocument(**told, sha256=files[0].sha256, size=files[0].size)
    case_document_receive(case=_of_either_side(message), received=received, sender=message.peer)


def _of_either_side(message: Message) -> IncomingRequest | OutgoingRequest:
    """Return our file of the conversation: a document comes from the requesting and from the requested State."""
    try:
        return _incoming(message)
    except EnvelopeWrong:
        return _outgoing(message)


def _hash(frozen: dict[str, Any]) -> str:
    try:
        return content_hash(frozen)
    except NotCanonical as error:
        raise EnvelopeWrong(f"the letter has no canonical form: {error}") from error


def _incoming(message: Message) -> IncomingRequest:
    case = IncomingRequest.objects.filter(
        authority=message.authority_id, conversation_id=message.conversation_id, sender=message.peer_id
    ).first()
    if case is None:
        raise EnvelopeWrong("the message belongs to no request from this sender")
    return case


def _outgoing(message: Message) -> OutgoingRequest:
    case = OutgoingRequest.objects.filter(
        central=message.authority_id, conversation_id=message.conversation_id, addressee=message.peer_id
    ).first()
    if case is None:
        raise EnvelopeWrong("the message belongs to no request to this authority")
    return case


def _reports(items: tuple[bodies.ItemState, ...]) -> list[ItemReport]:
    return [ItemReport(**item.model_dump()) for item in items]


def _acknowledged(case: OutgoingRequest, by: Actor, body: bodies.Acknowledgement, envelope: Envelope) -> None:
    outgoing_services.outgoing_acknowledge(outgoing=case, by=by, peer_reference=body.reference, contact=body.contact)


def _status(case: OutgoingRequest, by: Actor, body: bodies.Status, envelope: Envelope) -> None:
    outgoing_services.outgoing_note_progress(
        outgoing=case,
        by=by,
        peer_status=body.status,
        reports=_reports(body.items),
        news=News(body.event, body.text, body.next_on, body.progress),
    )


def _asked(case: OutgoingRequest, by: Actor, body: bodies.InformationAsked, envelope: Envelope) -> None:
    outgoing_services.outgoing_note_question(
        outgoing=case, by=by, question=body.question, due=body.due, point_id=body.point
    )


def _result(case: OutgoingRequest, by: Actor, body: bodies.Result, envelope: Envelope) -> None:
    files = evidence_listed(envelope)
    outgoing_services.outgoing_note_result(
        outgoing=case, by=by, outcome=body.outcome, reports=_reports(body.items), files=files, reason=body.note,
        withheld=[one.model_dump() for one in body.withheld],
    )  # fmt: skip


def _refused(case: OutgoingRequest, by: Actor, body: bodies.Refusal, envelope: Envelope) -> None:
    outgoing_services.outgoing_note_refusal(
        outgoing=case, by=by, ground=body.ground, article=body.article, reason=body.reason
    )


def _returned(case: OutgoingRequest, by: Actor, body: bodies.Returned, envelope: Envelope) -> None:
    # One that our directory does not have, or has in another State, is known by the words of the reason alone.
    offices = Authority.objects.filter(jurisdiction=case.letter.requested_id, code=body.competent)
    outgoing_services.outgoing_note_return(
        outgoing=case,
        by=by,
        outcome=body.outcome,
        reason=body.reason,
        code=body.code,
        defects=[ToldDefect(text=one.text, place=one.place, article=one.article) for one in body.defects],
        competent=offices.first() if body.competent else None,
    )


def _withdrawal_confirmed(
    case: OutgoingRequest, by: Actor, body: bodies.WithdrawalConfirmed, envelope: Envelope
) -> None:
    outgoing_services.outgoing_note_withdrawal(outgoing=case, by=by, done=body.done, reports=_reports(body.items))


def _information(case: IncomingRequest, by: Actor, body: bodies.InformationGiven, envelope: Envelope) -> None:
    incoming_services.incoming_receive_information(incoming=case, by=by, point_id=body.point, answer=body.answer)


def _withdrawn(case: IncomingRequest, by: Actor, body: bodies.Withdrawal, envelope: Envelope) -> None:
    incoming_services.incoming_note_withdrawal(incoming=case, by=by, reason=body.reason)


def _receipt(case: IncomingRequest, by: Actor, body: bodies.ReceiptConfirmed, envelope: Envelope) -> None:
    incoming_services.incoming_note_receipt(incoming=case, by=by, all_match=body.all_match)


def _confirmed(case: IncomingRequest, by: Actor, body: bodies.Confirmation, envelope: Envelope) -> None:
    if [file.sha256 for file in envelope.files if file.role == "letter"] != [body.document_sha256]:
        raise EnvelopeWrong("the message does not carry the document that confirms")
    incoming_services.incoming_note_confirmation(
        incoming=case, by=by, content_hash=body.content_hash, sha256=body.document_sha256
    )


_FOR_OUTGOING: dict[str, Callable[[OutgoingRequest, Actor, Any, Envelope], None]] = {
    "acknowledgement": _acknowledged,
    "status": _status,
    "information_asked": _asked,
    "conditions_offered": take_conditions,
    "complement": take_complement,
    "originals_listed": execution.take_originals,
    "return_waived": execution.take_waiver,
    "partial_result": take_part,
    "consultation": consulting.take_consultation,
    "postponed": consulting.take_postponement,
    "resumed": consulting.take_resumption,
    "result": _result,
    "refusal": _refused,
    "returned": _returned,
    "withdrawal_confirmed": _withdrawal_confirmed,
    "wish_answered": wishes.take_answer,
    **offering.FOR_OUTGOING,
    **emergency.FOR_OUTGOING,
    **preserving.FOR_OUTGOING,
    **ledger.FOR_OUTGOING,
}
_FOR_INCOMING: dict[str, Callable[[IncomingRequest, Actor, Any, Envelope], None]] = {
    "information_given": _information,
    "conditions_answered": take_conditions_answer,
    "complement_asked": take_complement_asked,
    "consultation_answered": consulting.take_answer,
    "originals_returned": execution.take_returned,
    "withdrawal": _withdrawn,
    "wish": wishes.take_wish,
    "part_confirmed": take_part_confirmed,
    "receipt_confirmed": _receipt,
    "confirmation": _confirmed,
    **offering.FOR_INCOMING,
    **emergency.FOR_INCOMING,
    **preserving.FOR_INCOMING,
    **ledger.FOR_INCOMING,
}
#: What either side says to the other in the same words.
_FOR_EITHER: dict[str, Callable[[Any, Actor, Any, Envelope], None]] = {**offering.FOR_EITHER, **custody.FOR_EITHER}
