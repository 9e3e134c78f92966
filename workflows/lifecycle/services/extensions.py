"""Extending a time limit of a case, where a rule of law or treaty names an extension."""

from __future__ import annotations

import datetime as dt

from mla.accounts.actors import Actor
from workflows.engine.perform import perform
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services.outgoing_course import Proof, stored_proof


def outgoing_extend_deadline(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    rule: str,
    until: dt.date,
    reason: str,
    item: str = "",
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that a limit of a request out ends later; for the supervisor or the registry of the central authority.

    `rule`: code of an extension of `mla/reference/data/time_limits.toml` that is offered; `until`: a day of the requested
    State; `proof`: needed where that State extended it and did not say so by message. Nobody is told.

    Raises:
        ConditionsNotMet: no such extension is offered now, a day outside the rule, no reason, or no proof.
    """
    return perform(
        outgoing, "extend_deadline", by=by, rule=rule, item=item, until=until, reason=reason, proof=stored_proof(proof)
    )


def incoming_extend_deadline(
    *, incoming: IncomingRequest, by: Actor, rule: str, until: dt.date, reason: str, item: str = ""
) -> IncomingRequest:
    """Extend a limit of a request in; for its supervisor. The requesting State is told, with the reason, where the rule says so.

    Raises:
        ConditionsNotMet: no such extension is offered now, a day outside the rule, or no reason.
    """
    return perform(incoming, "extend_deadline", by=by, rule=rule, item=item, until=until, reason=reason)
