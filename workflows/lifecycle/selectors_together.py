"""What looks like a case, what was decided of it, its contacts and operations: as the actor may see them.

A case that the actor may not see is not there: no hit, no count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from mla.accounts.actors import Actor
from mla.core import clock
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_reuse import LetterLink
from workflows.lifecycle.alike import WITHIN, Trait, digest_of, traits_of_letter, traits_of_received
from workflows.lifecycle.models import (
    AlikeDecision,
    AlikeKey,
    ContactEntry,
    IncomingLink,
    IncomingRequest,
    Operation,
    OperationMember,
    OutgoingRequest,
)
from workflows.lifecycle.selectors import visible_incoming, visible_operations, visible_outgoing

Case = OutgoingRequest | IncomingRequest
#: Cases that are shown as alike at most, the newest first.
MOST_ALIKE = 10


@dataclass(frozen=True, slots=True)
class Alike:
    """A case that looks like the one at hand. `kinds`: AlikeKey.Kind by which it does; `decided`: the last decision."""

    case: Case
    kinds: tuple[AlikeKey.Kind, ...]
    decided: AlikeDecision | None = None


# --- operations ---


def operations_of(case: Case, actor: Actor) -> list[Operation]:
    """Return the operations to which a case belongs, by name."""
    of_it = OperationMember.objects.filter(operation=OuterRef("pk"), removed_at=None, **{case.KIND: case})
    return list(visible_operations(actor).filter(Exists(of_it)).order_by("name"))


def cases_of_operation(
    operation: Operation, actor: Actor
) -> tuple[QuerySet[OutgoingRequest], QuerySet[IncomingRequest]]:
    """Return the requests out and in that belong to an operation, as far as the actor may see them."""
    members = operation.members.filter(removed_at=None)
    out = visible_outgoing(actor).filter(pk__in=members.filter(outgoing__isnull=False).values("outgoing"))
    inward = visible_incoming(actor).filter(pk__in=members.filter(incoming__isnull=False).values("incoming"))
    return out.order_by("id"), inward.order_by("id")


# --- contacts ---


def contacts_of(case: Case) -> list[ContactEntry]:
    """Return the contacts noted in a case, the latest first. For callers that have the case from an access check."""
    rows = ContactEntry.objects.filter(**{case.KIND: case}).select_related("corrects").prefetch_related("corrections")
    return list(rows.order_by("-at", "-id"))


# --- likenesses ---


def looks_alike(kind: str) -> Exists:
    """Return whether any other case shares a key with the row, hidden ones too: only for whether to ask `alike_cases`."""
    own = AlikeKey.objects.filter(**{kind: OuterRef("pk")})
    other = AlikeKey.objects.filter(
        authority=OuterRef("authority"), digest=OuterRef("digest"), **{f"{kind}__isnull": False}
    ).exclude(**{kind: OuterRef(kind)})
    return Exists(own.filter(Exists(other)))


def alike_cases(case: Case, actor: Actor) -> list[Alike]:
    """Return the cases that look like this one and that the actor may see, the newest first, with what was decided.

    Of one authority and direction; the same identifier within two years; what is linked already is left out.
    """
    keys = AlikeKey.objects.filter(**{case.KIND: case})
    digests = dict(keys.values_list("digest", "at"))
    return _with_decisions(case, _alike(case, actor, digests), actor) if digests else []


def alike_to_version(case: OutgoingRequest, version: LetterVersion, actor: Actor) -> list[Alike]:
    """Return what a letter that is about to be put before the supervisor looks like. As alike_cases."""
    traits = traits_of_letter(version.content, version.content_hash)
    # The file may still be with the originating authority: cases are compared where they will be sent from.
    now = clock.now()
    found = {digest_of(one, authority_id=case.central_id, direction="outgoing"): now for one in traits}
    return _with_decisions(case, _alike(case, actor, found), actor) if found else []


def alike_to_received(
    actor: Actor, *, state: str, peer_reference: str, file_sha256: str, conversation_id: UUID
) -> list[Alike]:
    """Return what a request on paper that is about to be registered looks like, by its reference and its scan."""
    traits = traits_of_received(state=state, peer_reference=peer_reference, file_sha256=file_sha256)
    digests = _digests(traits, actor.authority_id or 0, "incoming")
    seen = visible_incoming(actor).filter(authority_id=actor.authority_id or 0).exclude(conversation_id=conversation_id)
    found = AlikeKey.objects.filter(authority=actor.authority_id, digest__in=digests, incoming__in=seen)
    return _grouped(found.select_related("incoming__requesting"), "incoming")


def _digests(traits: Iterable[Trait], authority_id: int, direction: str) -> list[str]:
    return [digest_of(one, authority_id=authority_id, direction=direction) for one in traits]


def _alike(case: Case, actor: Actor, digests: dict[str, Any]) -> list[Alike]:
    side = case.KIND
    seen: Any = visible_outgoing(actor) if side == "outgoing" else visible_incoming(actor)
    authority_id = case.central_id if isinstance(case, OutgoingRequest) else case.authority_id
    at = max(digests.values())
    lasting = ~Q(kind=AlikeKey.Kind.IDENTIFIER) | Q(at__gte=at - WITHIN, at__lte=at + WITHIN)
    found = AlikeKey.objects.filter(
        lasting, authority=authority_id, digest__in=list(digests), **{f"{side}__in": seen.exclude(pk=case.pk)}
    ).exclude(**{f"{side}__in": _linked(case)})
    joined = ("outgoing__letter__requested",) if side == "outgoing" else ("incoming__requesting",)
    return _grouped(found.select_related(*joined), side)


def _grouped(keys: QuerySet[AlikeKey], side: str) -> list[Alike]:
    found: dict[int, tuple[Case, set[str]]] = {}
    # A letter of many identifiers makes many rows of one other case.
    for key in keys.order_by(f"-{side}_id")[: MOST_ALIKE * 50]:
        other = getattr(key, side)
        found.setdefault(other.pk, (other, set()))[1].add(key.kind)
    return [
        Alike(other, tuple(kind for kind in AlikeKey.Kind if kind in kinds))
        for other, kinds in list(found.values())[:MOST_ALIKE]
    ]


def _linked(case: Case) -> list[int]:
    """Return the cases of the same side that name this one, or that it names."""
    if isinstance(case, OutgoingRequest):
        links = LetterLink.objects.filter(Q(letter=case.letter_id) | Q(earlier=case.letter_id))
        letters = {pk for pair in links.values_list("letter", "earlier") for pk in pair} - {case.letter_id}
        return list(OutgoingRequest.objects.filter(letter__in=letters).values_list("pk", flat=True)) if letters else []
    rows = IncomingLink.objects.filter(Q(incoming=case) | Q(earlier=case)).values_list("incoming", "earlier")
    return [pk for pair in rows for pk in pair if pk != case.pk]


def _with_decisions(case: Case, found: Sequence[Alike], actor: Actor) -> list[Alike]:
    last = last_decisions(case) if found else {}
    return [Alike(one.case, one.kinds, last.get(one.case.pk)) for one in found]


def last_decisions(case: Case) -> dict[int, AlikeDecision]:
    """Return the decision that counts for each other case, whichever of the two it was made on. One query."""
    side, other = case.KIND, f"other_{case.KIND}"
    rows = AlikeDecision.objects.filter(Q(**{side: case}) | Q(**{other: case})).order_by("id")
    found: dict[int, AlikeDecision] = {}
    for row in rows:
        mine = getattr(row, f"{side}_id") == case.pk
        found[getattr(row, f"{other}_id") if mine else getattr(row, f"{side}_id")] = row
    return found


def decided_alike(kind: str) -> Exists:
    """Return whether anything was decided of the row and another case: only for whether to ask `last_decisions`."""
    rows = AlikeDecision.objects.filter(Q(**{kind: OuterRef("pk")}) | Q(**{f"other_{kind}": OuterRef("pk")}))
    return Exists(rows)


def in_operation(kind: str) -> Exists:
    """Return whether the row belongs to any operation: only for whether to ask `operations_of`."""
    return Exists(OperationMember.objects.filter(removed_at=None, **{kind: OuterRef("pk")}))
