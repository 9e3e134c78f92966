"""An office whose turn it is, and in which nobody has the role that must act: without a word the case would wait for ever."""

from __future__ import annotations

from mla.accounts.capabilities import capability_table
from mla.accounts.models import Membership, Role
from mla.core import clock
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.tracking.ball import Held

#: The act that a request out waits for by its status, where it waits for a role of its own.
_AWAITED = {"in_review": "outgoing.approve", "approved": "outgoing.send"}


def roles_missing(case: OutgoingRequest | IncomingRequest, held: Held | None) -> list[str]:
    """Return the roles, in words, of which the office that holds the case would need one and has none. At most one query.

    Empty: somebody can act, or the case waits for no role of its own. For the page of a case, whose reader is of this side.
    """
    if not isinstance(case, OutgoingRequest) or held is None or held.party != "central":
        return []
    act = _AWAITED.get(case.status, "")
    roles = capability_table().get(act, frozenset())
    if case.urgency != "emergency":
        # A duty officer decides in an emergency alone.
        roles -= {Role.DUTY_OFFICER}
    if not roles or held.authority_id is None:
        return []
    there = Membership.objects.valid(clock.now()).filter(
        authority_id=held.authority_id, role__in=roles, user__is_active=True
    )
    return [] if there.exists() else [str(Role(role).label) for role in Role.values if role in roles]
