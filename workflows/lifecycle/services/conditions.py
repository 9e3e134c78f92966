"""Conditions offered and answered, on both sides: what a State gives only under conditions it gives after the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from mla.core.ids import uuid7
from mla.reference.practice import condition_kinds
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import Condition, IncomingRequest, OpenPoint, OutgoingRequest, RequestedItem
from workflows.lifecycle.models.conditions import OfferedCondition
from workflows.lifecycle.services.incoming import UnknownQuestion
from workflows.lifecycle.services.outgoing_chain import oldest_open_point
from workflows.lifecycle.services.outgoing_course import Proof, UnknownItem


class UnknownCondition(MlaError):
    """No such kind of condition in the data file."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One condition as it is offered. `item`: its key in the letter, or empty for the whole request."""

    kind: str
    text: str
    article: str = ""
    item: str = ""
    until: dt.date | None = None
    condition_id: UUID = field(default_factory=uuid7)


def incoming_offer_conditions(
    *, incoming: IncomingRequest, by: Actor, question: str, conditions: Sequence[Offered], due: dt.date | None = None
) -> IncomingRequest:
    """Offer to help under conditions; the sender accepts or declines. For the supervisor.

    Until then nothing is accepted and no result leaves.

    Raises:
        UnknownCondition: a kind that the data file does not have.
        UnknownItem: an item that the request does not have.
        ConditionsNotMet: no condition, or one without its words.
    """
    for one in conditions:
        if one.kind and one.kind not in condition_kinds():
            raise UnknownCondition(f"no condition {one.kind!r}: use one of {', '.join(condition_kinds())}")
    with one_act():
        given = _given(incoming.items.all(), conditions)
        return perform(
            incoming, "offer_conditions", by=by, question=question, conditions=given, due=due, point_id=uuid7()
        )


def incoming_receive_conditions_answer(
    *, incoming: IncomingRequest, by: Actor, point_id: UUID, choice: str, answer: str = ""
) -> IncomingRequest:
    """Take the sender's answer to an offer into the file; by the peer's message, or by the registry from paper.

    Raises:
        UnknownQuestion: no open offer of that identifier.
        ConditionsNotMet: neither accepted nor declined, or declined without a reason.
    """
    with one_act():
        point = open_point_in(incoming, OpenPoint.Kind.CONDITIONS, point_id)
        return perform(incoming, "receive_conditions_answer", by=by, choice=choice, answer=answer, point=point)


def outgoing_note_conditions(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    question: str,
    conditions: Sequence[Offered],
    due: dt.date | None = None,
    point_id: UUID | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record the conditions that the other State sets; by its message, or by the registry with proof.

    A kind that is not known here is kept as it came.

    Raises:
        UnknownItem: an item that the letter does not have.
    """
    stored = proof.stored() if proof else None
    with one_act():
        given = _given(outgoing.items.all(), conditions)
        return perform(
            outgoing, "note_conditions", by=by, question=question, conditions=given, due=due, point_id=point_id,
            proof=stored,
        )  # fmt: skip


def outgoing_accept_conditions(
    *, outgoing: OutgoingRequest, by: Actor, answer: str = "", point_id: UUID | None = None
) -> OutgoingRequest:
    """Accept an offer of conditions, by default the oldest open one; they bind from then on. For the supervisor.

    Raises:
        ConditionsNotMet: it is answered already.
    """
    with one_act():
        point = oldest_open_point(case=outgoing, kinds=[OpenPoint.Kind.CONDITIONS], point_id=point_id)
        return perform(outgoing, "accept_conditions", by=by, answer=answer, point=point)


def outgoing_decline_conditions(
    *, outgoing: OutgoingRequest, by: Actor, reason: str, point_id: UUID | None = None
) -> OutgoingRequest:
    """Decline an offer of conditions, with a reason that the other State reads. For the supervisor.

    Raises:
        ConditionsNotMet: no reason, or it is answered already.
    """
    with one_act():
        point = oldest_open_point(case=outgoing, kinds=[OpenPoint.Kind.CONDITIONS], point_id=point_id)
        return perform(outgoing, "decline_conditions", by=by, reason=reason, point=point)


def accepted_conditions(case: OutgoingRequest | IncomingRequest) -> QuerySet[Condition]:
    """Return the conditions of a case that were accepted and so bind, in their order. For callers that checked access."""
    found = Condition.objects.filter(**{case.KIND: case}, point__choice=OpenPoint.Choice.ACCEPTED)
    return found.select_related("item", "point").order_by("id")


def open_point_in(incoming: IncomingRequest, kind: str, point_id: UUID) -> OpenPoint:
    """Return an open point of a request in, locked. Raises UnknownQuestion: none of that kind and identifier is open."""
    found = (
        OpenPoint.objects.select_for_update(of=("self",))
        .filter(incoming=incoming, kind=kind, point_id=point_id, answered_at=None)
        .first()
    )
    if found is None:
        raise UnknownQuestion(f"{incoming.reference} has no open point {point_id} of this kind ({kind})")
    return found


def _given(items: QuerySet[RequestedItem], conditions: Sequence[Offered]) -> list[OfferedCondition]:
    known: dict[str, Any] = {item.key: item for item in items}
    for one in conditions:
        if one.item and one.item not in known:
            raise UnknownItem(f"the letter has no item {one.item}: it has {', '.join(sorted(known))}")
    return [
        OfferedCondition(
            condition_id=one.condition_id,
            kind=one.kind,
            article=one.article,
            text=one.text,
            item=known.get(one.item),
            until=one.until,
        )
        for one in conditions
    ]
