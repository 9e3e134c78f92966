"""Undertakings given and received: entered by hand, taken from the assurances of a letter, settled, released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from mla.reference.ledger import undertaking_kinds
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, Undertaking
from workflows.lifecycle.services.ledger import evidence_named
from workflows.lifecycle.services.outgoing_course import Proof, items_named, stored_proof

Case = IncomingRequest | OutgoingRequest


class UnknownUndertaking(MlaError):
    """No such kind of undertaking in the data file, or none of this case with this identifier."""


@dataclass(frozen=True, slots=True)
class Given:
    """One undertaking as it is entered. `ours`: this side gave it; `until`: its last day, `until_event`: what ends it."""

    kind: str
    words: str
    ours: bool
    given_by: str
    given_to: str
    starts_on: dt.date
    article: str = ""
    until: dt.date | None = None
    until_event: str = ""


def undertaking_enter(*, case: Case, by: Actor, given: Given, item: str = "", files: Sequence[UUID] = ()) -> Any:
    """Enter an undertaking that binds the case, one item or some exhibits. For the supervisor and the registry.

    Raises:
        UnknownUndertaking: a kind that the data file does not have.
        UnknownItem, UnknownEvidence: what it is to bind is not of this case.
        ConditionsNotMet: without words or parties, or it ends before it begins.
    """
    if given.kind not in undertaking_kinds():
        raise UnknownUndertaking(f"no undertaking {given.kind!r}: use one of {', '.join(undertaking_kinds())}")
    with one_act():
        evidence = evidence_named(case, files) if files else []
        found = items_named(case, [item]) if item else [None]
        return perform(case, "undertake", by=by, evidence=evidence, item=found[0], **asdict(given))


def undertaking_settle(
    *,
    case: Case,
    by: Actor,
    undertaking_id: UUID,
    state: str,
    on: dt.date | None = None,
    words: str = "",
    proof: Proof | None = None,
) -> Any:
    """Say how an undertaking stands: kept, breached, ended, or released by whom it was given to. For the supervisor.

    A breach raises an alarm until it is settled in another way. `proof`: of a release by the other State.

    Raises:
        UnknownUndertaking: none of that identifier.
        ConditionsNotMet: it is settled already; a breach or a release without words, a release of theirs without proof.
    """
    stored = stored_proof(proof)
    with one_act():
        row = _undertaking(case, undertaking_id)
        more: dict[str, Any] = {"proof": stored} if isinstance(case, OutgoingRequest) else {}
        return perform(case, "settle_undertaking", by=by, row=row, state=state, on=on, words=words, **more)


def incoming_release_undertaking(
    *, incoming: IncomingRequest, by: Actor, undertaking_id: UUID, words: str
) -> IncomingRequest:
    """Release the other State from what it undertook, and tell it. For the supervisor.

    Raises:
        UnknownUndertaking: none of that identifier.
        ConditionsNotMet: it was entered by hand and the other State does not have it by its identifier.
    """
    with one_act():
        row = _undertaking(incoming, undertaking_id)
        return perform(incoming, "release_undertaking", by=by, row=row, words=words)


def outgoing_note_release(*, outgoing: OutgoingRequest, by: Actor, undertaking_id: UUID, words: str) -> OutgoingRequest:
    """Take the requested State's release from an undertaking into the file; by its message.

    Raises:
        UnknownUndertaking: none of that identifier.
    """
    with one_act():
        return perform(outgoing, "note_release", by=by, row=_undertaking(outgoing, undertaking_id), words=words)


def _undertaking(case: Case, undertaking_id: UUID) -> Undertaking:
    # Locked: of two who settle at once the second finds it settled.
    rows = case.undertaking_set.select_for_update(of=("self",))
    row: Undertaking | None = rows.filter(undertaking_id=undertaking_id).first()
    if row is None:
        raise UnknownUndertaking(f"{case} has no undertaking {undertaking_id}")
    return row
