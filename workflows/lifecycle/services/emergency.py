"""An emergency disclosure on both sides: asked, answered, and put in writing afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.ids import uuid7
from workflows.engine.acts import one_act
from workflows.lifecycle.models import EmergencyIn, EmergencyOut, FactsAsked, IncomingRequest
from workflows.lifecycle.noting import short_perform
from workflows.lifecycle.selectors import visible_outgoing
from workflows.lifecycle.services.outgoing_course import Proof, stored_proof

M = TypeVar("M", EmergencyOut, EmergencyIn)


class UnknownFollowUp(MlaError):
    """No request of this authority has the reference that is said to follow."""


def emergency_act(*, emergency: M, act: str, by: Actor, proof: Proof | None = None, **said: Any) -> M:
    """Do an act of the machine that needs nothing looked up. `said`: what the act asks for.

    `proof`: what stands behind an act of the other State that our registry or duty officer records.

    Raises:
        ConditionsNotMet: what the act asks for is missing.
    """
    kept: dict[str, Any] = {"proof": stored_proof(proof)} if proof is not None else {}
    return short_perform(emergency, act, by=by, **said, **kept)


# --- questions on the facts ---


def emergency_ask_facts(*, emergency: EmergencyIn, by: Actor, question: str) -> EmergencyIn:
    """Ask the requesting State for more facts. For whoever answers at the 24/7 point, and the desk."""
    return short_perform(emergency, "ask_facts", by=by, question=question, point_id=uuid7())


def emergency_note_more_facts(
    *, emergency: EmergencyOut, by: Actor, question: str, point_id: UUID | None = None, proof: Proof | None = None
) -> EmergencyOut:
    """Record that the other State asks for more facts; by its message, or by hand with proof."""
    kept: dict[str, Any] = {"proof": stored_proof(proof)} if proof is not None else {}
    return short_perform(emergency, "note_more_facts", by=by, question=question, point_id=point_id or uuid7(), **kept)


def emergency_give_facts(*, emergency: EmergencyOut, by: Actor, answer: str) -> EmergencyOut:
    """Answer the question that is open, or after a refusal give facts that nobody asked for. It is told.

    For the supervisor and the duty officer.
    """
    with one_act():
        return short_perform(emergency, "give_facts", by=by, answer=answer, asked=_facts(emergency, by))


def emergency_receive_facts(
    *, emergency: EmergencyIn, by: Actor, answer: str, point_id: UUID | None = None
) -> EmergencyIn:
    """Take facts into the file; by the sender's message, or by our registry or duty officer as they were told."""
    with one_act():
        return short_perform(emergency, "receive_facts", by=by, answer=answer, asked=_facts(emergency, by, point_id))


def _facts(emergency: EmergencyOut | EmergencyIn, by: Actor, point_id: UUID | None = None) -> FactsAsked:
    """Return the question that is open, locked, or a new row for facts that nobody asked for."""
    rows = FactsAsked.objects.select_for_update(of=("self",)).filter(item=emergency.item_id, answered_at=None)
    found = rows.order_by("id").first()
    if found is not None:
        return found
    return FactsAsked(
        item=emergency.item, point_id=point_id or uuid7(), asked_by=by.label, asked_at=clock.now()
    )  # fmt: skip


# --- what follows in writing ---


def emergency_regularise(
    *, emergency: EmergencyOut, by: Actor, on: dt.date, reference: str = "", words: str = ""
) -> EmergencyOut:
    """Say what regularises the disclosure: our request that followed, by its reference, or a confirmation. It is told.

    Raises:
        UnknownFollowUp: the central authority has no request of that reference that the actor may see.
        ConditionsNotMet: neither a reference nor words, or a day to come.
    """
    follow_up = None
    if reference.strip():
        ours = visible_outgoing(by).filter(central=emergency.authority_id, reference=reference.strip())
        follow_up = ours.first()
        if follow_up is None:
            raise UnknownFollowUp(f"no request out has the reference {reference.strip()}")
    return short_perform(
        emergency, "regularise", by=by, on=on, reference=reference.strip(), words=words, follow_up=follow_up
    )  # fmt: skip


def emergency_note_regularised(
    *, emergency: EmergencyIn, by: Actor, on: dt.date, reference: str = "", words: str = ""
) -> EmergencyIn:
    """Record what regularises the disclosure, with our file of the request that followed where it is here.

    `reference`: the sender's own. Of the same sender alone: nobody learns whether another State's request stands here.
    """
    follow_up = None
    if reference and emergency.item.incoming is not None:
        theirs = IncomingRequest.objects.filter(
            authority=emergency.authority_id, sender=emergency.item.incoming.sender_id, peer_reference=reference
        )
        follow_up = theirs.order_by("-id").first()
    return short_perform(
        emergency, "note_regularised", by=by, on=on, reference=reference, words=words, follow_up=follow_up
    )  # fmt: skip
