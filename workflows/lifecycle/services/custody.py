"""The transfer of a person in custody on both sides, and later days of return."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core.ids import uuid7
from workflows.engine.acts import one_act
from workflows.lifecycle.models import ReturnExtension
from workflows.lifecycle.models.custody import CustodyMachine
from workflows.lifecycle.noting import short_perform
from workflows.lifecycle.services.outgoing_course import Proof, stored_proof

M = TypeVar("M", bound=CustodyMachine)


def custody_act(*, custody: M, act: str, by: Actor, proof: Proof | None = None, **said: Any) -> M:
    """Do an act of the machine that needs nothing looked up. `said`: what the act asks for.

    `proof`: what stands behind an act of the other State that our registry records.

    Raises:
        ConditionsNotMet: what the act asks for is missing, or the other State is the one to write it.
    """
    return short_perform(custody, act, by=by, **said, **_kept(proof))


def custody_ask_extension(*, custody: M, by: Actor, on: dt.date, reason: str) -> M:
    """Ask the State from which the person comes for a later day of return. The agreed day stands meanwhile."""
    return short_perform(custody, "ask_extension", by=by, on=on, reason=reason, extension_id=uuid7())


def custody_note_extension_asked(
    *,
    custody: M,
    by: Actor,
    on: dt.date,
    reason: str = "",
    extension_id: UUID | None = None,
    proof: Proof | None = None,
) -> M:
    """Record that the State that has the person asks for a later day; by its message, or by hand."""
    asked = extension_id or uuid7()
    return short_perform(
        custody, "note_extension_asked", by=by, on=on, reason=reason, extension_id=asked, **_kept(proof)
    )  # fmt: skip


def custody_extend_return(
    *,
    custody: M,
    act: str,
    by: Actor,
    on: dt.date,
    answer: str = "",
    extension_id: UUID | None = None,
    proof: Proof | None = None,
) -> M:
    """Move the day of return. `act`: extend_return, where the person comes from us, or note_extended.

    `extension_id`: as the message names it; by default what is asked for, or a day that nobody asked for.
    """
    with one_act():
        row = _open(custody, extension_id) or ReturnExtension(
            item=custody.item, extension_id=extension_id or uuid7()
        )  # fmt: skip
        return short_perform(custody, act, by=by, on=on, answer=answer, extension=row, **_kept(proof))


def custody_refuse_extension(
    *,
    custody: M,
    act: str,
    by: Actor,
    answer: str = "",
    extension_id: UUID | None = None,
    proof: Proof | None = None,
) -> M:
    """Say that the agreed day of return stands. `act`: refuse_extension, or note_extension_refused.

    Raises:
        ConditionsNotMet: no later day is asked for, or it was answered already.
    """
    with one_act():
        row = _open(custody, extension_id)
        return short_perform(custody, act, by=by, answer=answer, extension=row, **_kept(proof))


def _open(custody: CustodyMachine, extension_id: UUID | None) -> ReturnExtension | None:
    # Locked: of two who answer at once the second finds it answered.
    rows = ReturnExtension.objects.select_for_update(of=("self",)).filter(item=custody.item_id, state="open")
    named = rows.filter(extension_id=extension_id).first() if extension_id else None
    return named or rows.order_by("id").first()


def _kept(proof: Proof | None) -> dict[str, Any]:
    return {"proof": stored_proof(proof)} if proof is not None else {}
