"""Giving out an execution, news of it, and originals that are to be given back: on both sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from mla.accounts.actors import Actor
from mla.accounts.models import User
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.ids import uuid7
from mla.reference.models import Authority
from mla.reference.practice import progress_events
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import Assignment, IncomingRequest, Original, OutgoingRequest, Progress
from workflows.lifecycle.services.outgoing_course import Proof, items_named, stored_proof


class UnknownProgress(MlaError):
    """No such code of what happened, or no such news in this file."""


class UnknownOriginal(MlaError):
    """No original of this file that is still to be given back has this identifier."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One original, or several alike, as it is listed. `give_back`: a code of `Original.Return`; `due`: with `by_day`."""

    description: str
    give_back: str = Original.Return.SOON
    quantity: int = 1
    item: str = ""
    due: dt.date | None = None
    original_id: UUID = field(default_factory=uuid7)


# --- who carries out ---


def incoming_assign_execution(
    *,
    incoming: IncomingRequest,
    by: Actor,
    executing: Authority,
    officer: User | None = None,
    items: Sequence[str] = (),
    expected_by: dt.date | None = None,
    instruction: str = "",
    reason: str = "",
) -> IncomingRequest:
    """Give the execution of the whole, or of some items, to an authority and perhaps to one officer of it. For the supervisor.

    Whoever had it until then sees the case no longer, unless it carries out another part; the row stays in the file.

    Raises:
        UnknownItem: an item that the request does not have.
        ConditionsNotMet: a foreign office, an officer of another one, an ended item, no reason though another had it.
    """
    with one_act():
        return perform(
            incoming,
            "assign_execution",
            by=by,
            executing=executing,
            officer=officer,
            items=items_named(incoming, items),
            expected_by=expected_by,
            instruction=instruction,
            reason=reason,
        )


def executions_hand_over(*, assignments: Sequence[Assignment], to: User, by: Actor, reason: str) -> int:
    """Give what one officer was carrying out to another officer of the same authority; for the supervisor.

    `assignments`: open ones, read for the actor. One act for each request, all or none of them; what stands in
    them, the day and the instruction, stays. Return how many requests were given.

    Raises:
        ConditionsNotMet: `to` is no executing officer of that authority, an item is ended, no reason.
        ActForbidden, ActNotPossible: see `perform`.
    """
    whole: list[tuple[Assignment, tuple[Assignment, ...]]] = []
    for (_pk, item), found in groupby(sorted(assignments, key=_by_request), key=_by_request):
        rows = tuple(found)
        whole.append((rows[0], rows if item else ()))
    with one_act():
        for first, rows in whole:
            perform(
                first.incoming,
                "assign_execution",
                by=by,
                executing=first.executing,
                officer=to,
                items=[row.item for row in rows],
                expected_by=first.expected_by,
                instruction=first.instruction,
                reason=reason,
            )
    return len({first.incoming_id for first, _rows in whole})


def _by_request(row: Assignment) -> tuple[int, tuple[Any, ...]]:
    """One act gives the whole, or those items that were given with the same words and the same day."""
    return row.incoming_id, (row.instruction, str(row.expected_by or ""), row.executing_id) if row.item_id else ()


# --- news ---


def incoming_report_progress(
    *,
    incoming: IncomingRequest,
    by: Actor,
    event: str = "",
    text: str = "",
    next_on: dt.date | None = None,
    tell: bool = False,
) -> IncomingRequest:
    """Write into the file what happened and when more is expected; for the executing and the desk officer and above.

    `tell`: the requesting State is told in the same act, which only the supervisor and the registry may.

    Raises:
        UnknownProgress: an event that the data file does not have.
        ConditionsNotMet: nothing said, or the day of the next news is past.
        ActForbidden: also where only telling is not theirs.
    """
    if event and event not in progress_events():
        raise UnknownProgress(f"no event {event!r}: use one of {', '.join(progress_events())}")
    progress_id = uuid7()
    with one_act():
        told = perform(
            incoming, "report_progress", by=by, event=event, text=text, next_on=next_on, progress_id=progress_id
        )
        return incoming_tell_progress(incoming=told, by=by, progress_id=progress_id) if tell else told


def incoming_tell_progress(*, incoming: IncomingRequest, by: Actor, progress_id: UUID) -> IncomingRequest:
    """Tell the requesting State what an officer reported. For the supervisor and the registry.

    Raises:
        UnknownProgress: no news of that identifier in this file.
        ConditionsNotMet: it was told already.
    """
    with one_act():
        row = Progress.objects.select_for_update(of=("self",)).filter(incoming=incoming, progress_id=progress_id)
        found = row.first()
        if found is None:
            raise UnknownProgress(f"{incoming.reference} has no news {progress_id}")
        return perform(incoming, "tell_progress", by=by, row=found)


# --- originals ---


def incoming_list_originals(*, incoming: IncomingRequest, by: Actor, originals: Sequence[Listed]) -> IncomingRequest:
    """List originals that go with the result; the requesting State gets the list. For the registry.

    Raises:
        UnknownItem: an item that the request does not have.
        ConditionsNotMet: none, or one without description, number or day.
    """
    with one_act():
        rows = _listed(incoming, originals, by, incoming.authority_id)
        return perform(incoming, "list_originals", by=by, originals=rows)


def incoming_note_originals_returned(
    *,
    incoming: IncomingRequest,
    by: Actor,
    originals: Sequence[UUID],
    on: dt.date,
    how: str = "",
    tracking: str = "",
) -> IncomingRequest:
    """Note that originals are given back; by the sender's message, or by the registry when they are there.

    Raises:
        UnknownOriginal: one that this file does not have, or that is settled already.
    """
    with one_act():
        rows = _out(incoming, originals)
        return perform(incoming, "note_originals_returned", by=by, originals=rows, on=on, how=how, tracking=tracking)


def incoming_waive_return(
    *, incoming: IncomingRequest, by: Actor, originals: Sequence[UUID] = (), words: str = ""
) -> IncomingRequest:
    """Leave originals to the requesting State (ETS 030 article 6(2)), by default all that are out. For the supervisor.

    Raises:
        UnknownOriginal: one that this file does not have, or that is settled already.
        ConditionsNotMet: none is out.
    """
    with one_act():
        return perform(incoming, "waive_return", by=by, originals=_out(incoming, originals), words=words)


def outgoing_note_originals(
    *, outgoing: OutgoingRequest, by: Actor, originals: Sequence[Listed], proof: Proof | None = None
) -> OutgoingRequest:
    """Record which originals came with the result and until when they are wanted back; by the peer, or by hand with proof.

    Raises:
        UnknownItem: an item that the letter does not have.
    """
    stored = stored_proof(proof)
    with one_act():
        rows = _listed(outgoing, originals, by, outgoing.central_id)
        return perform(outgoing, "note_originals", by=by, originals=rows, proof=stored)


def outgoing_return_originals(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    originals: Sequence[UUID],
    on: dt.date,
    how: str,
    tracking: str = "",
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Give originals back and tell the other State: which, on which day, by which way. For the registry.

    Raises:
        UnknownOriginal: one that this file does not have, or that is settled already.
        ConditionsNotMet: no day, no way, or a day to come.
    """
    stored = stored_proof(proof)
    with one_act():
        rows = _out(outgoing, originals)
        return perform(
            outgoing, "return_originals", by=by, originals=rows, on=on, how=how, tracking=tracking, proof=stored
        )


def outgoing_note_return_waived(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    originals: Sequence[UUID] = (),
    words: str = "",
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that the other State does not want originals back, by default all that are here; by the peer, or by hand.

    Raises:
        UnknownOriginal: one that this file does not have, or that is settled already.
    """
    stored = stored_proof(proof)
    with one_act():
        return perform(
            outgoing, "note_return_waived", by=by, originals=_out(outgoing, originals), words=words, proof=stored
        )


# --- looked up ---


def _listed(
    case: IncomingRequest | OutgoingRequest, originals: Sequence[Listed], by: Actor, authority_id: int
) -> list[Original]:
    items = {row.key: row for row in items_named(case, [one.item for one in originals if one.item])}
    side: dict[str, Any] = {case.KIND: case}
    return [
        Original(
            authority_id=authority_id,
            original_id=one.original_id,
            description=one.description,
            quantity=one.quantity,
            item=items.get(one.item),
            give_back=one.give_back,
            due=one.due if one.give_back == Original.Return.BY_DAY else None,
            listed_by=by.label,
            listed_at=clock.now(),
            **side,
        )
        for one in originals
    ]


def _out(case: IncomingRequest | OutgoingRequest, named: Sequence[UUID]) -> list[Original]:
    # Locked: of two who settle the same original at once the second finds it settled.
    rows = case.original_set.select_for_update(of=("self",)).order_by("id")
    found = [row for row in rows if row.is_out and (not named or row.original_id in named)]
    missing = set(named) - {row.original_id for row in found}
    if missing:
        raise UnknownOriginal(f"{case.reference} has no original {min(map(str, missing))} that is to be given back")
    return found
