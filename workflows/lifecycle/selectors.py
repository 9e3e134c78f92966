"""Who sees which case. The only way to a case by its identifier is access_*_by_id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.accounts.selectors import falls_to
from mla.core.questions import OfEachRow
from workflows.drafting.models import Confidentiality, LetterOfRequest, LetterShare, NamedOfficer
from workflows.drafting.selectors import WITHOUT_SIGHT
from workflows.lifecycle.models import (
    Assignment,
    BreakGlass,
    CustodyEntry,
    CustodyIn,
    CustodyOut,
    EmergencyIn,
    EmergencyOut,
    Evidence,
    FilteredFile,
    IncomingRequest,
    OfficerLink,
    Operation,
    OperationOfficer,
    OutgoingRequest,
    PreservationIn,
    PreservationOut,
    PrivilegeFilter,
    RequestedItem,
    SpontaneousIn,
    SpontaneousOut,
    TeamIn,
    TeamOut,
)
from workflows.lifecycle.models.incoming import IncomingNamedOfficer
from workflows.lifecycle.models.short import ShortMachine


def outgoing_open_to(actor: Actor, to: str = "") -> Q:
    """Return which requests out the actor may see, as a condition on rows that lead to a request by the path `to`.

    The originating authority sees its own cases to the end; the central authority what was lodged with it, from
    then on. Restricted cases: the named persons and the system alone; where those of an authority all left, who
    answers there, to name others. Who works for another State, or executes what
    came in, sees none; nor does an administrator of accounts.
    """
    if actor.kind == "peer" or actor.role in WITHOUT_SIGHT:
        return Q(**{f"{to}pk__in": []})
    # Questions to each row, never joins: no row comes twice, and a list is read in its own order.
    of_it = OuterRef(f"{to}letter_id")
    lodged = LetterShare.objects.filter(letter=of_it, authority=actor.authority_id, kind="lodged")
    found = (
        Q(**{f"{to}authority": actor.authority_id})
        | Q(**{f"{to}originating": actor.authority_id})
        | Q(Q(**{f"{to}central": actor.authority_id}) & Q(OfEachRow(lodged)))
    )
    if actor.kind == "system":
        return found
    named = NamedOfficer.objects.filter(letter=of_it, ended_at=None)
    open_to = Q(Exists(named.filter(user=actor.user_id)))
    if (left := falls_to(actor, named)) is not None:
        open_to |= left
    # Restricted letters are few and have an index of their own: no letter is read to learn that it is not one.
    restricted = LetterOfRequest.objects.filter(pk=of_it, confidentiality=Confidentiality.RESTRICTED)
    return found & (~Q(Exists(restricted)) | open_to)


def may_start(case: OutgoingRequest, by: Actor) -> bool:
    """Tell whether the actor may begin a letter from this case: a drafter of one of its two authorities."""
    drafts = holds(by, "letter.create") and holds(by, "outgoing.create")
    return drafts and by.authority_id in (case.originating_id, case.central_id)


def visible_outgoing(actor: Actor) -> QuerySet[OutgoingRequest]:
    """Return the requests out that the actor may see (`outgoing_open_to`)."""
    return OutgoingRequest.objects.filter(outgoing_open_to(actor))


def visible_incoming(actor: Actor) -> QuerySet[IncomingRequest]:
    """Return the requests in that the actor may see: of its authority, or given to it for execution, whole or in part.

    Restricted cases: the named persons and the system alone; before anybody is named, and once all who were named
    left, the authority's supervisors, who name.
    """
    if actor.kind == "peer" or actor.role in {Role.FOREIGN_OFFICER, Role.LOCAL_ADMINISTRATOR, Role.TRANSLATOR}:
        return IncomingRequest.objects.none()
    found = IncomingRequest.objects.filter(
        Q(authority_id=actor.authority_id)
        | Q(executing_id=actor.authority_id)
        | Q(Q(divided=True) & Q(OfEachRow(assigned_to(actor))))
    )
    if actor.kind == "system":
        return found
    named = IncomingNamedOfficer.objects.filter(incoming=OuterRef("pk"))
    open_to = ~Q(confidentiality=Confidentiality.RESTRICTED) | Q(Exists(named.filter(user=actor.user_id)))
    if actor.role == Role.SUPERVISOR:
        open_to |= Q(authority_id=actor.authority_id) & ~Q(Exists(named))
    if (left := falls_to(actor, named)) is not None:
        open_to |= Q(confidentiality=Confidentiality.RESTRICTED, authority_id=actor.authority_id) & left
    return found.filter(open_to)


def assigned_to(actor: Actor) -> QuerySet[Assignment]:
    """Return which executions the request in of an outer query has with the actor's authority now."""
    return Assignment.objects.filter(incoming=OuterRef("pk"), executing=actor.authority_id, ended_at=None)


def access_outgoing_by_id(actor: Actor, public_id: UUID | str) -> OutgoingRequest:
    """Return the request out. Raises AccessDenied when absent or hidden."""
    return access(visible_outgoing(actor), actor=actor, kind="request out", public_id=public_id)


def access_incoming_by_id(actor: Actor, public_id: UUID | str) -> IncomingRequest:
    """Return the request in. Raises AccessDenied when absent or hidden."""
    return access(visible_incoming(actor), actor=actor, kind="request in", public_id=public_id)


def visible_items(actor: Actor) -> QuerySet[RequestedItem]:
    """Return the items of the cases that the actor may see."""
    return RequestedItem.objects.filter(
        Q(outgoing__in=visible_outgoing(actor)) | Q(incoming__in=visible_incoming(actor))
    )


def access_item_by_id(actor: Actor, public_id: UUID | str) -> RequestedItem:
    """Return the item. Raises AccessDenied when absent or hidden."""
    return access(visible_items(actor), actor=actor, kind="item", public_id=public_id)


M = TypeVar("M", bound=ShortMachine)


def visible_short(machine: type[M], actor: Actor) -> QuerySet[M]:
    """Return the short machines of one kind of the cases that the actor may see, each with its item and case."""
    cases: Any = visible_outgoing(actor) if machine.SIDE == "outgoing" else visible_incoming(actor)
    found = machine._default_manager.filter(**{f"item__{machine.SIDE}__in": cases})
    return found.select_related(f"item__{machine.SIDE}")


def _access_to(machine: type[M], kind: str) -> Callable[[Actor, UUID | str], M]:
    """Return the way to one row of a short machine by its identifier; it raises AccessDenied when absent or hidden."""

    def access_by_id(actor: Actor, public_id: UUID | str) -> M:
        return access(visible_short(machine, actor), actor=actor, kind=kind, public_id=public_id)

    return access_by_id


access_spontaneous_out_by_id = _access_to(SpontaneousOut, "spontaneous_out")
access_spontaneous_in_by_id = _access_to(SpontaneousIn, "spontaneous_in")
access_team_out_by_id = _access_to(TeamOut, "team_out")
access_team_in_by_id = _access_to(TeamIn, "team_in")
access_emergency_out_by_id = _access_to(EmergencyOut, "emergency disclosure")
access_emergency_in_by_id = _access_to(EmergencyIn, "emergency disclosure")
access_custody_out_by_id = _access_to(CustodyOut, "transfer in custody")
access_custody_in_by_id = _access_to(CustodyIn, "transfer in custody")
access_preservation_out_by_id = _access_to(PreservationOut, "preservation")
access_preservation_in_by_id = _access_to(PreservationIn, "preservation")


def visible_evidence(actor: Actor) -> QuerySet[Evidence]:
    """Return the files of evidence of the cases that the actor may see.

    What a filter withheld as privileged is hidden from those who carry out: they investigate. So is, from whoever
    brought evidence into the file, what a filter still looks through.
    """
    found = Evidence.objects.filter(Q(outgoing__in=visible_outgoing(actor)) | Q(incoming__in=visible_incoming(actor)))
    if actor.role == Role.EXECUTING_OFFICER:
        found = found.filter(Q(withheld=None) | Q(withheld__filter=None))
        looking = PrivilegeFilter.objects.filter(incoming=OuterRef("incoming"), closed_at=None)
        of_chosen = FilteredFile.objects.filter(evidence=OuterRef("pk"), filter__closed_at=None)
        brought = CustodyEntry.objects.filter(
            evidence__incoming=OuterRef("incoming"), step=CustodyEntry.Step.ADDED, by=actor.label
        )
        filtered = Q(Exists(looking.filter(everything=True)), carried=None) | Q(Exists(of_chosen))
        found = found.exclude(filtered & Q(Exists(brought)))
    return found.select_related("outgoing", "incoming", "item")


def access_evidence_by_id(actor: Actor, public_id: UUID | str) -> Evidence:
    """Return the file of evidence. Raises AccessDenied when absent or hidden."""
    return access(visible_evidence(actor), actor=actor, kind="evidence", public_id=public_id)


def visible_operations(actor: Actor) -> QuerySet[Operation]:
    """Return the operations of the actor's authority; restricted ones for the named persons and the system alone."""
    if actor.kind == "peer" or actor.role in {Role.FOREIGN_OFFICER, Role.LOCAL_ADMINISTRATOR, Role.TRANSLATOR}:
        return Operation.objects.none()
    found = Operation.objects.filter(authority_id=actor.authority_id or 0)
    if actor.kind == "system":
        return found
    named = OperationOfficer.objects.filter(operation=OuterRef("pk"), user=actor.user_id)
    return found.filter(Q(restricted=False) | Q(Exists(named)))


def access_operation_by_id(actor: Actor, public_id: UUID | str) -> Operation:
    """Return the operation. Raises AccessDenied when absent or hidden."""
    return access(visible_operations(actor), actor=actor, kind="operation", public_id=public_id)


def access_break_glass_by_id(actor: Actor, public_id: UUID | str) -> BreakGlass:
    """Return the opening of a restricted case. Raises AccessDenied when absent or hidden."""
    from workflows.lifecycle import selectors_break_glass

    return selectors_break_glass.access_break_glass_by_id(actor, public_id)


def access_officer_link_by_id(actor: Actor, public_id: UUID | str) -> OfficerLink:
    """Return the link. Raises AccessDenied when absent or hidden."""
    from workflows.lifecycle import selectors_links

    return selectors_links.access_officer_link_by_id(actor, public_id)
