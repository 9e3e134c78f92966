"""Orders of courts, remedies, notice to affected persons and filters of privileged content, of a request in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import CourtOrder, Evidence, IncomingRequest, Notice, PrivilegeFilter, Remedy
from workflows.lifecycle.models.parts import unsent
from workflows.lifecycle.services.outgoing_course import items_named

M = TypeVar("M", bound=Model)


class UnknownAtCourt(MlaError):
    """No order, remedy, deferral, filter or file of this identifier belongs to the request."""


@dataclass(frozen=True, slots=True)
class AppliedFor:
    """An order that is applied for. `items`: keys of those it concerns; none: the request as a whole."""

    kind: str
    court: str
    applied_on: dt.date
    items: Sequence[str] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A remedy. `order`: public_id of the order it is against; None: against the surrender."""

    party: str
    court: str
    lodged_on: dt.date
    order: UUID | None = None
    hearing_on: dt.date | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Deferral:
    """Why notice is put off, and until when or until what. `deferral`: an earlier one that this one prolongs."""

    ground: str
    article: str
    until: dt.date | None = None
    until_event: str = ""
    whom: str = ""
    words: str = ""
    deferral: UUID | None = None


def incoming_apply_for_order(*, incoming: IncomingRequest, by: Actor, order: AppliedFor) -> IncomingRequest:
    """Record that an order is applied for; for whoever carries out, and the supervisor.

    Raises:
        UnknownItem: an item that the request does not have.
        ConditionsNotMet: no such kind of order, no court, or a day that is ahead.
    """
    items_named(incoming, order.items)
    return perform(
        incoming, "apply_for_order", by=by, kind=order.kind, court=order.court, applied_on=order.applied_on,
        items=list(order.items), reference=order.reference,
    )  # fmt: skip


def incoming_note_order_granted(
    *,
    incoming: IncomingRequest,
    by: Actor,
    order: UUID,
    reference: str,
    decided_on: dt.date | None,
    valid_until: dt.date | None = None,
) -> IncomingRequest:
    """Record that an order was granted; roles as for its application.

    Raises:
        UnknownAtCourt: no order of that identifier.
        ConditionsNotMet: it is decided already, no reference of the court, or a day that cannot be.
    """
    with one_act():
        row = _row(CourtOrder, incoming, order)
        return perform(
            incoming, "note_order_granted", by=by, order=row, reference=reference, decided_on=decided_on,
            valid_until=valid_until,
        )  # fmt: skip


def incoming_note_order_denied(
    *,
    incoming: IncomingRequest,
    by: Actor,
    order: UUID,
    reason: str,
    decided_on: dt.date | None,
    reference: str = "",
) -> IncomingRequest:
    """Record that an order was denied. No item is refused by this: that is decided item by item.

    Raises:
        UnknownAtCourt: no order of that identifier.
        ConditionsNotMet: it is decided already, no reasons, or a day that cannot be.
    """
    with one_act():
        row = _row(CourtOrder, incoming, order)
        return perform(
            incoming, "note_order_denied", by=by, order=row, reason=reason, decided_on=decided_on, reference=reference
        )


def incoming_note_challenge(*, incoming: IncomingRequest, by: Actor, challenge: Challenge) -> IncomingRequest:
    """Record a remedy against an order or the surrender. While it is pending no result leaves.

    Raises:
        UnknownAtCourt: no order of that identifier.
        ConditionsNotMet: the order is not decided or stands no more, no court, or a day that is ahead.
    """
    with one_act():
        order = _row(CourtOrder, incoming, challenge.order) if challenge.order else None
        return perform(
            incoming, "note_challenge", by=by, party=challenge.party, court=challenge.court,
            lodged_on=challenge.lodged_on, order=order, hearing_on=challenge.hearing_on, words=challenge.words,
        )  # fmt: skip


def incoming_note_remedy_decided(
    *, incoming: IncomingRequest, by: Actor, remedy: UUID, result: str, decided_on: dt.date | None, decision: str
) -> IncomingRequest:
    """Record how a remedy ended. Upheld: the order is set aside, and what was gathered under it never leaves.

    Raises:
        UnknownAtCourt: no remedy of that identifier.
        ConditionsNotMet: it is decided already, no such result, no words, or a day that cannot be.
    """
    with one_act():
        row = _row(Remedy, incoming, remedy)
        if row.order_id:
            # Another remedy against it may be decided at the same time.
            row.order = CourtOrder.objects.select_for_update(of=("self",)).get(pk=row.order_id)
        return perform(
            incoming, "note_remedy_decided", by=by, remedy=row, result=result, decided_on=decided_on, decision=decision
        )


def incoming_notify_affected(
    *,
    incoming: IncomingRequest,
    by: Actor,
    given_on: dt.date | None,
    how: str,
    whom: str = "",
    words: str = "",
    deferral: UUID | None = None,
) -> IncomingRequest:
    """Record notice to an affected person; `deferral`: the one that ends with it.

    Raises:
        UnknownAtCourt: no deferral of that identifier.
        ConditionsNotMet: the deferral is over already, or no word how, or a day that is ahead.
    """
    with one_act():
        ended = _deferral(incoming, deferral)
        return perform(
            incoming, "notify_affected", by=by, given_on=given_on, how=how, whom=whom, words=words, deferral=ended
        )


def incoming_defer_notice(*, incoming: IncomingRequest, by: Actor, deferral: Deferral) -> IncomingRequest:
    """Record that notice to an affected person is put off, or put off once more.

    Raises:
        UnknownAtCourt: no deferral of that identifier.
        ConditionsNotMet: no ground of the list, no article, or neither day nor event.
    """
    with one_act():
        prolonged = _deferral(incoming, deferral.deferral)
        return perform(
            incoming, "defer_notice", by=by, ground=deferral.ground, article=deferral.article, until=deferral.until,
            until_event=deferral.until_event, whom=deferral.whom, words=deferral.words, deferral=prolonged,
        )  # fmt: skip


def incoming_open_filter(
    *,
    incoming: IncomingRequest,
    by: Actor,
    kind: str,
    filtered_by: str,
    evidence: Sequence[UUID] | None = None,
    words: str = "",
) -> IncomingRequest:
    """Have files looked through for privileged content by somebody who does not investigate; meanwhile nothing leaves.

    `evidence`: public_id of each file; None: everything that has not left, also what is added meanwhile.

    Raises:
        UnknownAtCourt: a file that the request does not have, or that has left.
        ConditionsNotMet: no such privilege, nobody named, or one who brought evidence into the file.
    """
    with one_act():
        files = list(unsent(incoming).filter(public_id__in=evidence)) if evidence is not None else []
        missing = set(evidence or ()) - {file.public_id for file in files}
        if missing:
            raise UnknownAtCourt(f"{incoming.reference} has no file {min(map(str, missing))} that could be filtered")
        return perform(
            incoming, "open_filter", by=by, kind=kind, filtered_by=filtered_by, everything=evidence is None,
            evidence=files, words=words,
        )  # fmt: skip


def incoming_close_filter(
    *, incoming: IncomingRequest, by: Actor, filter: UUID, decided: Mapping[UUID, str], words: str = ""
) -> IncomingRequest:
    """Record what a filter found. `decided`: of each file the ground on which it is withheld, or nothing.

    A file that is withheld never leaves; the requesting State is told how many there are and on which ground.

    Raises:
        UnknownAtCourt: no filter of that identifier.
        ConditionsNotMet: it is closed already, a file is not decided on, or the actor brought evidence into the file.
    """
    with one_act():
        row = _row(PrivilegeFilter, incoming, filter)
        return perform(
            incoming, "close_filter", by=by, filter=row, concerned=filter_files(row), decided=dict(decided), words=words
        )


def filter_files(filter: PrivilegeFilter) -> list[Evidence]:
    """Return the files that a filter has to decide on. For callers that checked access."""
    here = unsent(filter.incoming).select_related("item")
    return list(here if filter.everything else here.filter(filtered__filter=filter))


def _deferral(incoming: IncomingRequest, public_id: UUID | None) -> Notice | None:
    if public_id is None:
        return None
    notice = _row(Notice, incoming, public_id)
    if notice.kind != Notice.Kind.DEFERRED:
        raise UnknownAtCourt(f"{incoming.reference} has no deferral {public_id}")
    return notice


def _row(model: type[M], incoming: IncomingRequest, public_id: UUID) -> M:
    # Locked: of two who decide at once the second finds it decided.
    rows: Any = model._default_manager.select_for_update(of=("self",))
    found: M | None = rows.filter(incoming=incoming, public_id=public_id).first()
    if found is None:
        raise UnknownAtCourt(f"{incoming.reference} has no {model._meta.verbose_name} {public_id}")
    return found
