"""Which preservations are named by a request that followed: read from the letters that name them, by one query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet, Value

from mla.core.prepared import Prepared
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.outcomes import Outcome, OutgoingStatus
from workflows.tracking.hanging import one_of

#: How a request ended that had been received over there and was not sent back.
_DECIDED = (Outcome.EXECUTED, Outcome.PARTIALLY_EXECUTED, Outcome.REFUSED, Outcome.NOT_HELD, Outcome.IMPOSSIBLE)


#: States of both sides and a reference: names a case in another letter's list of related requests.
Named = tuple[int, int, str]


@dataclass(slots=True)
class Followed:
    """Which preservations are named by a request that followed: by one sent, and by one received."""

    sent: set[Named] = field(default_factory=set)
    received: set[Named] = field(default_factory=set)


def followed(out: Sequence[OutgoingRequest], inward: Sequence[IncomingRequest]) -> Followed:
    """Return what followed; one query."""
    found = Followed()
    if not out and not inward:
        return found
    kinds = ("out" if out else "") + ("in" if inward else "")
    names: dict[str, list[int]] = {}
    if out:
        names["asking"] = sorted({case.letter.requesting_id for case in out})
        names["asked"] = sorted({case.letter.requested_id for case in out})
    if inward:
        names["from_states"] = sorted({case.requesting_id for case in inward})
    for asking, requested, status, outcome, related in _FOLLOWED[kinds].rows("", **names):
        named = {(asking, requested, reference) for reference in _preservations_named(related)}
        if status in {_IN_A_REGISTER, OutgoingStatus.ACKNOWLEDGED, OutgoingStatus.IN_EXECUTION} or outcome in _DECIDED:
            found.received |= named
        elif status == OutgoingStatus.SENT:
            found.sent |= named
    return found


_RELATED = [{"kind": "preservation"}]
#: Stands for the status of a request in: what is in a register was received.
_IN_A_REGISTER = "in"


def _followed_out() -> QuerySet[Any, Any]:
    return OutgoingRequest.objects.filter(
        one_of("letter__requesting", _ASKING),
        one_of("letter__requested", _ASKED),
        sent_at__isnull=False,
        approved_version__content__related__contains=_RELATED,
    ).values_list("letter__requesting", "letter__requested", "status", "outcome", "approved_version__content__related")


def _followed_in() -> QuerySet[Any, Any]:
    return (
        IncomingRequest.objects.filter(one_of("requesting", _FROM), content__related__contains=_RELATED)
        .exclude(outcome__in=[Outcome.RETURNED, Outcome.WITHDRAWN])
        .annotate(register=Value(_IN_A_REGISTER))
        .values_list("requesting", "authority__jurisdiction", "register", "outcome", "content__related")
    )


_ASKING, _ASKED, _FROM = ("asking",), ("asked",), ("from States",)
_FOLLOWED: dict[str, Prepared[Any]] = {
    "out": Prepared(lambda key: _followed_out(), asking=_ASKING, asked=_ASKED),
    "in": Prepared(lambda key: _followed_in(), from_states=_FROM),
    "outin": Prepared(
        lambda key: _followed_out().union(_followed_in(), all=True), asking=_ASKING, asked=_ASKED, from_states=_FROM
    ),
}


def _preservations_named(related: Any) -> Iterator[str]:
    for entry in related or []:
        if entry.get("kind") == "preservation" and str(entry.get("reference", "")).strip():
            yield str(entry["reference"]).strip().casefold()
