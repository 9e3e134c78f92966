"""Consultations before a refusal, a postponement, on costs and on confidentiality; and postponing a whole request.

Both sides: what the requested State asks and decides, what the requesting State answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core.ids import uuid7
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest, Postponement
from workflows.lifecycle.outcomes import ItemStatus
from workflows.lifecycle.services.incoming import UnknownQuestion, require_ground
from workflows.lifecycle.services.outgoing_chain import oldest_open_point
from workflows.lifecycle.services.outgoing_course import ItemReport, Proof, items_report

_OPEN = (ItemStatus.REQUESTED, ItemStatus.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Consultation:
    """What the requested State consults on. `kind`: one of OpenPoint.CONSULTATIONS.

    `ground` and `article`: those that it thinks of. `amount` in `currency` (ISO 4217): of costs, if it is known.
    """

    kind: str
    question: str
    due: dt.date | None = None
    ground: str = ""
    article: str = ""
    amount: Decimal | None = None
    currency: str = ""

    def data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "question": self.question,
            "due": self.due,
            "ground": self.ground,
            "article": self.article,
            "amount": self.amount,
            "currency": self.currency,
        }


@dataclass(frozen=True, slots=True)
class PutOff:
    """Why a request is put off, and until when (own review date) or until what (in words)."""

    ground: str
    article: str = ""
    reason: str = ""
    until: dt.date | None = None
    until_event: str = ""

    def data(self) -> dict[str, Any]:
        return {
            "ground": self.ground,
            "article": self.article,
            "reason": self.reason,
            "until": self.until,
            "until_event": self.until_event,
        }


# --- the requested side ---


def incoming_consult(*, incoming: IncomingRequest, by: Actor, about: Consultation) -> IncomingRequest:
    """Consult the requesting State; for the supervisor.

    Raises:
        UnknownGround: the ground is not in the list.
        ConditionsNotMet: naming each field that lacks; one on the same is open already.
    """
    if about.ground:
        require_ground(about.ground)
    return perform(incoming, "consult", by=by, point_id=uuid7(), **about.data())


def incoming_receive_consultation_answer(
    *, incoming: IncomingRequest, by: Actor, point_id: UUID, answer: str, choice: str = ""
) -> IncomingRequest:
    """Take the sender's answer into the file; by the peer's message, or by the registry from paper.

    What is withdrawn by its message is told by a further one; on paper it is noted with the answer.

    Raises:
        UnknownQuestion: no open consultation of that identifier.
    """
    with one_act():
        point = (
            OpenPoint.objects.select_for_update(of=("self",))
            .filter(incoming=incoming, kind__in=OpenPoint.CONSULTATIONS, point_id=point_id, answered_at=None)
            .first()
        )
        if point is None:
            raise UnknownQuestion(f"{incoming.reference} has no open consultation {point_id}")
        case = perform(incoming, "receive_consultation_answer", by=by, answer=answer, point=point, choice=choice)
        if choice == OpenPoint.Choice.WITHDRAW and by.kind == "user" and case.desired != "withdraw":
            case = perform(case, "note_withdrawal", by=by, reason=answer)
        return case


def incoming_postpone(*, incoming: IncomingRequest, by: Actor, put_off: PutOff) -> IncomingRequest:
    """Put the whole request off, with every item that is open, and tell the sender. For the supervisor.

    Raises:
        UnknownGround: the ground is not in the list.
        ConditionsNotMet: neither day nor event, put off already, or a consultation on it waits for its answer.
    """
    require_ground(put_off.ground)
    return perform(incoming, "postpone", by=by, **put_off.data())


def incoming_resume(*, incoming: IncomingRequest, by: Actor) -> IncomingRequest:
    """Take a request up again that was put off, with the items that were put off with it. For the supervisor."""
    return perform(incoming, "resume", by=by)


# --- the requesting side ---


def outgoing_note_consultation(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    about: Consultation,
    point_id: UUID | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that the other State consults us. By the peer, or by hand with proof."""
    stored = proof.stored() if proof else None
    return perform(outgoing, "note_consultation", by=by, point_id=point_id, proof=stored, **about.data())


def outgoing_answer_consultation(
    *, outgoing: OutgoingRequest, by: Actor, answer: str, choice: str = "", point_id: UUID | None = None
) -> OutgoingRequest:
    """Answer a consultation, by default the oldest open one; for the supervisor.

    Who chooses to withdraw withdraws the request with it, by the same act.

    Raises:
        ConditionsNotMet: it is answered already, or the choice is not one that this consultation leaves.
    """
    with one_act():
        point = oldest_open_point(case=outgoing, kinds=OpenPoint.CONSULTATIONS, point_id=point_id)
        case = perform(outgoing, "answer_consultation", by=by, answer=answer, point=point, choice=choice)
        if choice == OpenPoint.Choice.WITHDRAW and case.desired != "withdraw":
            case = perform(case, "withdraw", by=by, reason=answer)
        return case


def outgoing_note_postponement(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    put_off: PutOff,
    reports: Sequence[ItemReport] | None = None,
    postponement_id: UUID | None = None,
    consultation_id: UUID | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that the other State puts the request off. `reports`: its items; None, by hand: every open one.

    Raises:
        ConditionsNotMet: neither day nor event, put off already, or no proof.
    """
    stored = proof.stored() if proof else None
    with one_act():
        before = {item.key: item.status for item in outgoing.items.order_by("id")}
        if reports is None:
            reports = [
                ItemReport(key, ItemStatus.POSTPONED, **put_off.data())
                for key, status in before.items()
                if status in _OPEN
            ]
        items_report(outgoing=outgoing, by=by, reports=reports, proof=stored)
        put = [one.key for one in reports if one.status == ItemStatus.POSTPONED and before.get(one.key) in _OPEN]
        return perform(
            outgoing,
            "note_postponement",
            by=by,
            items=put,
            postponement_id=postponement_id,
            consultation_id=consultation_id,
            proof=stored,
            **put_off.data(),
        )


def outgoing_note_resumption(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    reports: Sequence[ItemReport] | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that the other State takes the request up again. `reports`: as outgoing_note_postponement."""
    stored = proof.stored() if proof else None
    with one_act():
        if reports is None:
            row = Postponement.objects.filter(outgoing=outgoing, resumed_at=None).first()
            again = outgoing.items.filter(status=ItemStatus.POSTPONED, key__in=row.items if row else [])
            reports = [ItemReport(item.key, ItemStatus.ACCEPTED) for item in again.order_by("id")]
        items_report(outgoing=outgoing, by=by, reports=reports, proof=stored)
        return perform(outgoing, "note_resumption", by=by, proof=stored)
