"""A result that goes in parts: sent, taken in, checked and confirmed one by one, on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from mla.core.ids import uuid7
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, Part
from workflows.lifecycle.services.outgoing_course import (
    EvidenceFile,
    ItemReport,
    Proof,
    evidence_arrived,
    hash_now,
    items_report,
    origins_noted,
    stored_proof,
)


class UnknownPart(MlaError):
    """No part of this case that waits for a confirmation has this identifier."""


def incoming_transmit_part(*, incoming: IncomingRequest, by: Actor, note: str = "") -> IncomingRequest:
    """Send the evidence that did not go yet, and how the items stand; as often as there is some. For the registry.

    Raises:
        ConditionsNotMet: nothing is there that did not go with an earlier part.
    """
    return perform(incoming, "transmit_part", by=by, part_id=uuid7(), note=note)


def incoming_note_part_receipt(
    *, incoming: IncomingRequest, by: Actor, part_id: UUID, all_match: bool, discrepant: Sequence[str] = ()
) -> IncomingRequest:
    """Note that a part arrived, and the hashes that did not match; by the sender's message, or the registry from paper.

    Raises:
        UnknownPart: no part of that identifier waits for its confirmation.
        ConditionsNotMet: a hash that is called wrong is that of no file of the part.
    """
    with one_act():
        part = _open_part(incoming, part_id)
        return perform(
            incoming, "note_part_receipt", by=by, part=part, all_match=all_match, discrepant=list(discrepant)
        )


def outgoing_note_part(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    files: Sequence[EvidenceFile],
    reports: Sequence[ItemReport] = (),
    note: str = "",
    part_id: UUID | None = None,
    withheld: Sequence[dict[str, Any]] = (),
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record a part of the result with its files and what it says of the items. The bytes must be in the storage already.

    By the peer's message, or by hand with proof. `withheld`: how many files they keep back, by ground.

    Raises:
        UnknownItem: it speaks of an item that the letter does not have.
        ConditionsNotMet: no file, or no proof by hand.
    """
    stored = stored_proof(proof)
    with one_act():
        items_report(outgoing=outgoing, by=by, reports=reports, proof=stored)
        evidence = evidence_arrived(outgoing, files)
        noted = perform(
            outgoing, "note_part", by=by, evidence=evidence, note=note, part_id=part_id, proof=stored,
            withheld=list(withheld),
        )  # fmt: skip
        return origins_noted(outgoing=noted, by=by, evidence=evidence, files=files)


def outgoing_confirm_part(*, outgoing: OutgoingRequest, by: Actor, part_id: UUID | None = None) -> OutgoingRequest:
    """Hash every file of a part against its manifest and confirm, or note the discrepancy; by default of the oldest open one.

    Raises:
        UnknownPart: no part of that identifier waits for its confirmation.
    """
    with one_act():
        part = _open_part(outgoing, part_id)
        carried = part.files.select_related("evidence").order_by("id")
        checked = [(one.evidence, hash_now(one.evidence)) for one in carried]
        return perform(outgoing, "confirm_part", by=by, part=part, checked=checked)


def _open_part(case: IncomingRequest | OutgoingRequest, part_id: UUID | None) -> Part:
    # Locked: of two who confirm at once the second finds none that is open.
    waiting = case.part_set.select_for_update(of=("self",)).filter(confirmed_at=None).order_by("id")
    part = waiting.filter(part_id=part_id).first() if part_id else waiting.first()
    if part is None:
        raise UnknownPart(f"{case.reference} has no part that waits for its confirmation: {part_id or 'none is open'}")
    return part
