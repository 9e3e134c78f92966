"""Restricted cases that persons who are not named opened: which of these openings one sees, and the case behind one's own.

`visible_outgoing` and `visible_incoming` know nothing of an opening: it puts a case into no list, search or number, and
leads to no act. The only way to the case is `opened_case`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from mla.accounts.access import AccessDenied, access
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.core import clock
from workflows.drafting.models import Confidentiality
from workflows.lifecycle.models import BreakGlass, IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing

#: For so long the named persons are told of an opening on their first page; on the case it stands for good.
TOLD_FOR = dt.timedelta(days=7)
MOST_TOLD = 20


def house_of(actor: Actor) -> Actor:
    """Return the system working for the actor's authority: it sees each of its cases, and is nobody's hat."""
    return Actor.system("break_glass", authority_id=actor.authority_id)


def visible_break_glass(actor: Actor) -> QuerySet[BreakGlass]:
    """Return the openings that the actor may know of: all of its authority for the auditor, the own, those of own cases."""
    if actor.kind != "user" or actor.authority_id is None:
        return BreakGlass.objects.none()
    found = BreakGlass.objects.select_related("user", "outgoing", "incoming", "authority")
    if actor.role == Role.AUDITOR:
        return found.filter(authority_id=actor.authority_id)
    own = Q(user_id=actor.user_id, authority_id=actor.authority_id)
    return found.filter(
        own
        | Q(outgoing__in=visible_outgoing(actor).order_by().values("pk"))
        | Q(incoming__in=visible_incoming(actor).order_by().values("pk"))
    )


def access_break_glass_by_id(actor: Actor, public_id: UUID | str) -> BreakGlass:
    """Return the opening. Raises AccessDenied when absent or hidden."""
    return access(visible_break_glass(actor), actor=actor, kind="break_glass", public_id=public_id)


def break_glass_to_tell(actor: Actor) -> list[BreakGlass]:
    """Return the openings of which the actor is told now, the newest first, at most MOST_TOLD. One query.

    The auditor: what is not reviewed yet. The named persons: the newest, for TOLD_FOR. Whoever opened: what still holds.
    """
    now = clock.now()
    if actor.role == Role.AUDITOR:
        wanted = Q(status=BreakGlass.Status.OPENED)
    else:
        wanted = Q(created_at__gt=now - TOLD_FOR) & ~Q(user_id=actor.user_id)
        wanted |= Q(user_id=actor.user_id, ended_at=None, until__gt=now)
    return list(visible_break_glass(actor).filter(wanted).order_by("-id")[:MOST_TOLD])


def openings_of(case: OutgoingRequest | IncomingRequest) -> list[BreakGlass]:
    """Return the openings of one case, the oldest first, for whoever was given the case. None is asked where none can be."""
    level = case.letter.confidentiality if isinstance(case, OutgoingRequest) else case.confidentiality
    if level != Confidentiality.RESTRICTED:
        return []
    of_it: dict[str, Any] = {case.KIND: case}
    found = list(BreakGlass.objects.filter(**of_it).select_related("user", "authority").order_by("id"))
    for one in found:
        setattr(one, case.KIND, case)
    return found


def restricted_by_reference(actor: Actor, reference: str) -> OutgoingRequest | IncomingRequest | None:
    """Return the one restricted case of the actor's authority, closed to the actor, with this reference of ours or theirs.

    For `break_glass_open` alone. The same two queries whatever there is: none, no restricted one, another authority's,
    several. The conditions are all in them, so that what does not count is not even read.
    """
    house = house_of(actor)
    named = Q(reference__iexact=reference) | Q(peer_reference__iexact=reference)
    out = visible_outgoing(house).filter(named, letter__confidentiality=Confidentiality.RESTRICTED)
    inward = visible_incoming(house).filter(named, confidentiality=Confidentiality.RESTRICTED)
    found: list[OutgoingRequest | IncomingRequest] = [
        *out.exclude(pk__in=visible_outgoing(actor).order_by().values("pk")).order_by("id")[:2],
        *inward.exclude(pk__in=visible_incoming(actor).order_by().values("pk")).order_by("id")[:2],
    ]
    return found[0] if len(found) == 1 else None


def opened_case(actor: Actor, public_id: UUID | str) -> tuple[BreakGlass, UUID]:
    """Return the actor's own opening that still holds, and the identity of its case: to read it as the house sees it.

    Raises:
        AccessDenied: absent, another's, over, or under another hat, without saying which.
    """
    opened = BreakGlass.objects.select_related("outgoing", "incoming").filter(
        public_id=public_id, user_id=actor.user_id or 0, authority_id=actor.authority_id or 0, role=actor.role
    )
    found = opened.filter(ended_at=None, until__gt=clock.now()).first()
    if found is None or actor.kind != "user" or not holds(actor, "break_glass.open"):
        raise AccessDenied("break_glass", str(public_id), actor)
    return found, found.case.public_id
