"""The requested side at work: from the register to the result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from pydantic import BaseModel, StringConstraints, ValidationError

from mla.accounts.actors import Actor
from mla.accounts.models import User
from mla.core import clock
from mla.core.canonical import content_hash
from mla.core.errors import MlaError
from mla.core.files import file_store
from mla.core.ids import uuid7
from mla.reference.files import impossible_reasons
from mla.reference.models import Authority, RefusalGround
from workflows.drafting.key_dates import needed_by
from workflows.engine.acts import one_act
from workflows.engine.machine import Doing, Effects
from workflows.engine.perform import create, perform
from workflows.lifecycle.alike import traits_of_letter, traits_of_received
from workflows.lifecycle.models import Evidence, IncomingRequest, OpenPoint, RegisterCounter, RequestedItem
from workflows.lifecycle.models.returned import ToldDefect
from workflows.lifecycle.models.together import alike_keys
from workflows.lifecycle.outcomes import ReturnCode
from workflows.lifecycle.services.earlier import links_to_earlier
from workflows.lifecycle.services.keeping import hold_for_received, item_was_kept
from workflows.lifecycle.services.registers import register_next
from workflows.lifecycle.services.short import item_begin


class EvidenceKnown(MlaError):
    """The same file is evidence for the same item already."""


class AlreadyRegistered(MlaError):
    """This very request stands in the register; the message gives its reference."""


class UnknownGround(MlaError):
    """No such coded ground of refusal."""


class LetterUnreadable(MlaError):
    """What came in does not say what a register needs: title, requesting State, items."""


class UnknownQuestion(MlaError):
    """An answer to a question that this side never asked, or that is answered already."""


class _Item(BaseModel):
    id: Annotated[str, StringConstraints(min_length=1, max_length=8)]
    measure: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class _Side(BaseModel):
    jurisdiction: str


class _Urgency(BaseModel):
    # A letter leaves out what is as by default, also beside the reasons that it gives.
    level: Annotated[str, StringConstraints(max_length=12)] = "routine"


class _Confidentiality(BaseModel):
    level: Annotated[str, StringConstraints(max_length=12)] = "normal"


class _Registered(BaseModel):
    """The part of a letter that the register reads. The rest is for people: an unknown measure is registered too."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    requesting: _Side
    urgency: _Urgency = _Urgency()
    confidentiality: _Confidentiality = _Confidentiality()
    items: tuple[_Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """What a request brings, whatever way it came. `content` is the letter as sent."""

    conversation_id: UUID
    sender: Authority
    peer_reference: str
    content: dict[str, Any]
    content_hash: str
    letter_sha256: str
    channel: str
    #: It came provisionally, in an emergency: until when the sender confirms it in writing (aware, UTC).
    confirmation_due: dt.datetime | None = None


def incoming_receive(*, received: Received, by: Actor) -> IncomingRequest:
    """Register a request: it gets our number and its items, whatever becomes of it later.

    By the system for a message, by the registry for paper.

    Raises:
        LetterUnreadable: no title, an item without measure or twice, a requesting State other than the sender's.
    """
    authority = Authority.objects.get(pk=by.authority_id or 0)
    letter = _registered(received)
    with one_act():
        reference = register_next(authority=authority, stream=RegisterCounter.Stream.INCOMING)
        case = IncomingRequest(
            authority=authority,
            sender=received.sender,
            requesting=received.sender.jurisdiction,
            conversation_id=received.conversation_id,
            reference=reference,
            peer_reference=received.peer_reference,
            title=letter.title,
            content=received.content,
            content_hash=received.content_hash,
            letter_sha256=received.letter_sha256,
            received_at=clock.now(),
            channel=received.channel,
            confidentiality=letter.confidentiality.level,
            confirmation_due_at=received.confirmation_due,
        )
        case.press(letter.urgency.level, needed_by(received.content))
        links = links_to_earlier(case, received.content.get("related"))
        detail: dict[str, Any] = {"reference": reference, "content_hash": received.content_hash}
        if links:
            detail["earlier"] = [link.earlier.reference for link in links]
        incoming = create(
            case,
            act="receive",
            by=by,
            effects=Effects(
                rows=[*links, *_keys(case), *_assured(case, by)], events=[("incoming.received", {})], detail=detail
            ),
        )
        for item in letter.items:
            item_begin(
                item=RequestedItem(authority=authority, incoming=incoming, key=item.id, measure=item.measure),
                by=Actor.system("incoming.receive", authority_id=authority.pk),
            )
        hold_for_received(received=incoming, links=links)
        return incoming


def _assured(case: IncomingRequest, by: Actor) -> list[Model]:
    return case.assured(Doing("receive", by, case.received_at, uuid7()))


def _keys(case: IncomingRequest) -> list[Model]:
    # A scan's content is what the registry typed: the same words are no sign of the same letter.
    scanned = "letter" if case.channel == "local" else ""
    traits = traits_of_letter(case.content, case.content_hash if scanned else "") + traits_of_received(
        state=case.requesting.code, peer_reference=case.peer_reference, file_sha256=case.letter_sha256
    )
    return alike_keys(case, traits, case.received_at)


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A request that came by hand, as the registry reads it off the paper. `scan`: the letter itself, as a file.

    `conversation_id` is made with the registry's form: a second press registers nothing.
    """

    conversation_id: UUID
    sender: Authority
    peer_reference: str
    title: str
    channel: str
    scan: bytes | BinaryIO
    measures: Sequence[str]
    instruments: Sequence[str] = ()
    dated: dt.date | None = None
    urgency: str = "routine"
    urgency_date: dt.date | None = None
    confidentiality: str = "normal"
    confirmation_due: dt.datetime | None = None


def incoming_register(*, paper: OnPaper, by: Actor) -> IncomingRequest:
    """Register a request that came on paper, by e-mail or by the diplomatic channel; for registry and duty officer.

    Raises:
        AlreadyRegistered: pressed twice, or the same scan of the same sender's reference.
        LetterUnreadable: as incoming_receive.
    """
    stored = file_store(paper.scan)
    same = IncomingRequest.objects.filter(authority_id=by.authority_id or 0).filter(
        Q(conversation_id=paper.conversation_id)
        | Q(sender=paper.sender, peer_reference=paper.peer_reference, letter_sha256=stored.sha256)
    )
    if known := same.first():
        raise AlreadyRegistered(_("It is registered already as %(reference)s.") % {"reference": known.reference})
    urgency = {"level": paper.urgency} | ({"date": paper.urgency_date.isoformat()} if paper.urgency_date else {})
    content: dict[str, Any] = {
        "title": paper.title,
        "requesting": {"jurisdiction": paper.sender.jurisdiction.code, "authority": paper.sender.code},
        "urgency": urgency,
        "confidentiality": {"level": paper.confidentiality},
        "bases": [{"id": f"B{n}", "instrument": code} for n, code in enumerate(paper.instruments, 1)],
        "items": [{"id": f"M{n}", "measure": slug} for n, slug in enumerate(paper.measures, 1)],
    }
    if paper.dated:
        content["date"] = paper.dated.isoformat()
    received = Received(
        conversation_id=paper.conversation_id,
        sender=paper.sender,
        peer_reference=paper.peer_reference,
        content=content,
        content_hash=content_hash(content),
        letter_sha256=stored.sha256,
        channel=paper.channel,
        confirmation_due=paper.confirmation_due,
    )
    try:
        return incoming_receive(received=received, by=by)
    except IntegrityError as error:
        # Of two presses at once the second comes here: its act is undone, its number given back.
        raise AlreadyRegistered(_("It is registered already.")) from error


def incoming_acknowledge(*, incoming: IncomingRequest, by: Actor, contact: str) -> IncomingRequest:
    """Acknowledge: the sender gets our reference and a contact. For the registry."""
    return perform(incoming, "acknowledge", by=by, contact=contact)


def incoming_start_review(*, incoming: IncomingRequest, by: Actor) -> IncomingRequest:
    """Begin the examination; for a desk officer."""
    return perform(incoming, "start_review", by=by)


def incoming_ask_information(
    *, incoming: IncomingRequest, by: Actor, question: str, due: dt.date | None = None
) -> IncomingRequest:
    """Ask the requesting State for what is missing."""
    return perform(incoming, "ask_information", by=by, question=question, due=due, point_id=uuid7())


def incoming_receive_information(
    *, incoming: IncomingRequest, by: Actor, point_id: UUID, answer: str
) -> IncomingRequest:
    """Take the sender's answer into the file; by the peer's message, or by the registry from paper.

    Raises:
        UnknownQuestion: no open question of that identifier.
    """
    with one_act():
        point = (
            OpenPoint.objects.select_for_update(of=("self",))
            .filter(incoming=incoming, point_id=point_id, answered_at=None)
            # What the sender offers is ours to answer.
            .exclude(kind=OpenPoint.Kind.OFFER)
            .first()
        )
        if point is None:
            raise UnknownQuestion(f"{incoming.reference} has no open question {point_id}")
        return perform(incoming, "receive_information", by=by, answer=answer, point=point)


def incoming_accept(
    *,
    incoming: IncomingRequest,
    by: Actor,
    executing: Authority,
    decided_by: str,
    items: Sequence[str] | None = None,
    expected_by: dt.date | None = None,
) -> IncomingRequest:
    """Accept the named items (all that are open, by default) and assign the execution. For the supervisor."""
    with one_act():
        wanted = incoming.items.filter(status="requested").order_by("id")
        chosen = [item for item in wanted if items is None or item.key in items]
        return perform(
            incoming,
            "accept",
            by=by,
            executing=executing,
            decided_by=decided_by,
            items=chosen,
            expected_by=expected_by,
        )


def incoming_item_decide(*, item: RequestedItem, act: str, by: Actor, **data: Any) -> RequestedItem:
    """Do one act on one item: accept, execute, execute_partially, refuse, postpone, resume, find_nothing, find_impossible, take_back.

    Raises:
        UnknownGround: the ground, or the reason why there is no result, is not in the list.
    """
    require_reason_of(act, data.get("ground", ""))
    with one_act():
        decided = perform(item, act, by=by, **data)
        item_was_kept(item=decided, act=act, by=by, data=data)
        return decided


def incoming_add_evidence(
    *,
    incoming: IncomingRequest,
    by: Actor,
    name: str,
    media_type: str,
    content: bytes | BinaryIO,
    item: str = "",
    description: str = "",
    use_limits: str = "",
) -> Evidence:
    """Store one file of evidence under its SHA-256; for the executing authority.

    Raises:
        EvidenceKnown: the same bytes are in the case already for the same item, as after a second press.
    """
    stored = file_store(content)
    evidence = Evidence(
        authority_id=incoming.authority_id,
        incoming=incoming,
        item=incoming.items.get(key=item) if item else None,
        name=name,
        media_type=media_type,
        size=stored.size,
        sha256=stored.sha256,
        description=description,
        use_limits=use_limits,
        added_at=clock.now(),
    )
    with one_act():
        perform(incoming, "add_evidence", by=by, evidence=[evidence])
        # The case is locked now: of two who add the same file the second sees it.
        same = incoming.evidence_set.filter(sha256=stored.sha256, item=evidence.item).exclude(pk=evidence.pk)
        if known := same.first():
            raise EvidenceKnown(_("This file is in the case already, as “%(name)s”.") % {"name": known.name})
    return evidence


def incoming_report_items(*, incoming: IncomingRequest, by: Actor) -> IncomingRequest:
    """Tell the sender now how its items stand."""
    return perform(incoming, "report_items", by=by)


def incoming_transmit_result(*, incoming: IncomingRequest, by: Actor, note: str = "") -> IncomingRequest:
    """Send the result with its manifest; the outcome follows from the items. For the registry.

    Raises:
        ConditionsNotMet: naming each item that is still open or lacks its evidence.
    """
    return perform(incoming, "transmit_result", by=by, note=note)


def incoming_refuse(
    *,
    incoming: IncomingRequest,
    by: Actor,
    ground: str,
    article: str,
    reason: str,
    consulted: bool,
    decided_by: str,
) -> IncomingRequest:
    """Refuse the whole request, with coded ground, article and reasons. For the supervisor.

    Raises:
        UnknownGround: the ground is not in the list.
    """
    require_ground(ground)
    return perform(
        incoming,
        "refuse",
        by=by,
        ground=ground,
        article=article,
        reason=reason,
        consulted=consulted,
        decided_by=decided_by,
    )


def incoming_return_defective(
    *,
    incoming: IncomingRequest,
    by: Actor,
    reason: str,
    article: str = "",
    code: str = ReturnCode.DEFECTIVE,
    defects: Sequence[ToldDefect] = (),
) -> IncomingRequest:
    """Send it back with its defects by place and article; it stays registered."""
    return perform(
        incoming, "return_defective", by=by, reason=reason, article=article, code=code, defects=list(defects)
    )


def incoming_redirect(
    *, incoming: IncomingRequest, by: Actor, competent: str, office: Authority | None = None
) -> IncomingRequest:
    """Forward it to the competent authority and tell the sender (ETS 030 article 18).

    `office`: that authority in the directory, so that the sender's own house can offer to write to it.
    """
    return perform(incoming, "redirect", by=by, competent=competent, office=office)


def incoming_note_withdrawal(*, incoming: IncomingRequest, by: Actor, reason: str = "") -> IncomingRequest:
    """Note that the sender needs no more help."""
    return perform(incoming, "note_withdrawal", by=by, reason=reason)


def incoming_confirm_withdrawal(*, incoming: IncomingRequest, by: Actor, done: str = "") -> IncomingRequest:
    """End a withdrawn request and tell the sender, with what was done until then (needed once it is in execution)."""
    return perform(incoming, "confirm_withdrawal", by=by, done=done)


def incoming_note_confirmation(
    *, incoming: IncomingRequest, by: Actor, content_hash: str, sha256: str
) -> IncomingRequest:
    """Note that a request that came provisionally is confirmed in writing; by the sender's message or the registry.

    Raises:
        ConditionsNotMet: it did not come provisionally, is confirmed already, or the confirmation is of another content.
    """
    return perform(incoming, "note_confirmation", by=by, content_hash=content_hash, sha256=sha256)


def incoming_note_receipt(*, incoming: IncomingRequest, by: Actor, all_match: bool) -> IncomingRequest:
    """Note the sender's receipt of the evidence and whether every hash matched."""
    return perform(incoming, "note_receipt", by=by, all_match=all_match)


def incoming_name_officer(*, incoming: IncomingRequest, by: Actor, user: User) -> IncomingRequest:
    """Let one more person see a restricted request; once somebody is named, only the named see it."""
    return perform(incoming, "name_officer", by=by, user=user)


def incoming_close(*, incoming: IncomingRequest, by: Actor, reason: str = "") -> IncomingRequest:
    """Close the file."""
    return perform(incoming, "close", by=by, reason=reason)


def _registered(received: Received) -> _Registered:
    try:
        letter = _Registered.model_validate(received.content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise LetterUnreadable(f"the letter cannot be registered: {place}: {first['msg']}") from error
    state = received.sender.jurisdiction.code
    if letter.requesting.jurisdiction != state:
        raise LetterUnreadable(f"the letter is one of {letter.requesting.jurisdiction}, its sender of {state}")
    keys = [item.id for item in letter.items]
    if len(set(keys)) != len(keys):
        raise LetterUnreadable("the letter has two items of one identifier")
    return letter


def require_ground(code: str) -> RefusalGround:
    """Return the coded ground. Raises UnknownGround, listing what there is."""
    found = RefusalGround.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(RefusalGround.objects.values_list("code", flat=True))
        raise UnknownGround(f"no ground of refusal {code!r}: use one of {known}")
    return found


#: Acts on an item whose coded reason is one of `impossible_reasons`, by the status that they end in.
_REASONED = {
    "find_impossible": "impossible",
    "find_nothing": "not_held",
    "execute_partially": "partially_executed",
}


def require_reason_of(act: str, code: str) -> None:
    """Look up the code that an act on an item is given: a ground of refusal or postponement, or why there is no result.

    A partial execution has either: its rest may be refused.

    Raises:
        UnknownGround: listing what there is. No code is no error here: the machine says which act needs one.
    """
    if not code:
        return
    outcome = _REASONED.get(act)
    if outcome is None:
        require_ground(code)
        return
    known = [one.code for one in impossible_reasons().values() if outcome in one.outcomes]
    if outcome == "partially_executed" and code not in known:
        require_ground(code)
    elif code not in known:
        raise UnknownGround(f"no reason {code!r}: use one of {', '.join(known)}")
