"""Both kinds of case file under one name, and the key by which tracking's own rows name a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import (
    access_incoming_by_id,
    access_outgoing_by_id,
    visible_incoming,
    visible_outgoing,
)

Case = OutgoingRequest | IncomingRequest


class UnknownReference(MlaError):
    """No case of that reference is here, or none that this person may see: the answer does not tell which."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(f"no case here has the reference {reference!r}, neither as ours nor as theirs")


@dataclass(frozen=True, slots=True)
class CaseKey:
    """A case as values. `kind` is outgoing or incoming, `id` its bigint identity."""

    kind: str
    id: int
    public_id: UUID
    reference: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"public_id": str(self.public_id)}


def key_of(case: Case) -> CaseKey:
    return CaseKey(case.KIND, case.pk, case.public_id, str(case))


def log_owner_id(case: Case) -> int:
    """Return the authority in whose message log the case's conversation stands."""
    return case.central_id if isinstance(case, OutgoingRequest) else case.authority_id


def require_sight(actor: Actor, case: Case) -> None:
    """Raise AccessDenied where the actor may not see the case. A restricted one is as absent."""
    if isinstance(case, OutgoingRequest):
        access_outgoing_by_id(actor, case.public_id)
    else:
        access_incoming_by_id(actor, case.public_id)


def case_by_reference(actor: Actor | None, reference: str) -> list[Case]:
    """Return the cases of a reference, ours or theirs, requests out first.

    `actor`: sees only its own side, and of that what it may see. None, for the operator's commands: also
    the other side of the same conversation where it is hosted here. Letters' case does not matter.

    Raises:
        UnknownReference: nothing is found, or nothing that the actor may see.
    """
    wanted = reference.strip()
    if not wanted:
        raise UnknownReference(reference)
    named = Q(reference__iexact=wanted) | Q(peer_reference__iexact=wanted)
    outgoing = OutgoingRequest.objects.all() if actor is None else visible_outgoing(actor)
    incoming = IncomingRequest.objects.all() if actor is None else visible_incoming(actor)
    found: list[Case] = [*_out(outgoing.filter(named)), *_in(incoming.filter(named))]
    if not found:
        raise UnknownReference(reference)
    if actor is not None:
        return found
    conversations = {case.conversation_id for case in found}
    return [
        *_out(OutgoingRequest.objects.filter(conversation_id__in=conversations)),
        *_in(IncomingRequest.objects.filter(conversation_id__in=conversations)),
    ]


def _out(rows: Any) -> Iterable[OutgoingRequest]:
    found: Iterable[OutgoingRequest] = rows.select_related(
        "letter", "central", "originating", "addressee__jurisdiction"
    ).order_by("id")
    return found


def _in(rows: Any) -> Iterable[IncomingRequest]:
    found: Iterable[IncomingRequest] = rows.select_related("authority__jurisdiction", "sender", "executing").order_by(
        "id"
    )
    return found
