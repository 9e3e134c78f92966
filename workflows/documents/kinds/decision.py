"""Decision on a request: item by item accepted, refused with its ground, or postponed; with conditions where there are any."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from mla.reference.files import reason_names
from workflows.documents.kinds import WHOLE, About, Field, Kind
from workflows.documents.kinds._case import measure_name
from workflows.lifecycle.outcomes import ItemStatus, Outcome

DECIDED = {
    ItemStatus.REQUESTED: _p("decision on a measure", "not yet decided"),
    ItemStatus.ACCEPTED: _p("decision on a measure", "accepted"),
    ItemStatus.POSTPONED: _p("decision on a measure", "postponed"),
    ItemStatus.EXECUTED: _p("decision on a measure", "executed"),
    ItemStatus.PARTIALLY_EXECUTED: _p("decision on a measure", "executed in part"),
    ItemStatus.REFUSED: _p("decision on a measure", "refused"),
    ItemStatus.NOT_HELD: _p("decision on a measure", "nothing is held"),
    ItemStatus.IMPOSSIBLE: _p("decision on a measure", "impossible to execute"),
    ItemStatus.WITHDRAWN: _p("decision on a measure", "withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """One measure. `ground` in words; `until`: of a postponement, when it is looked at again."""

    key: str
    name: str
    decision: str
    ground: str = ""
    article: str = ""
    reason: str = ""
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`ground`, `article` and `reason` of a refusal of the whole; `consulted`: nobody is said to have been asked
    unless it is recorded."""

    items: tuple[Decided, ...]
    returned: bool = False
    ground: str = ""
    article: str = ""
    reason: str = ""
    consulted: bool = False
    conditions: str = ""
    decided_by: str = ""
    executing: str = ""
    expected_by: dt.date | None = None


def about(case: Any) -> list[About]:
    decided = case.decided_by or case.outcome or case.items.exclude(status=ItemStatus.REQUESTED).exists()
    return [About(WHOLE)] if decided and case.outcome != Outcome.WITHDRAWN else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> Decision:
    ended = case.outcome in (Outcome.REFUSED, Outcome.RETURNED, Outcome.REDIRECTED)
    return Decision(
        items=decided_items(case),
        returned=case.outcome == Outcome.RETURNED,
        ground=_ground(case.refusal_ground),
        article=case.refusal_article,
        reason=case.outcome_reason if ended else "",
        consulted=bool(case.consulted),
        conditions=said["conditions"],
        decided_by=case.decided_by,
        executing=case.executing.name if case.executing else "",
        expected_by=case.expected_by,
    )


def decided_items(case: Any) -> tuple[Decided, ...]:
    """Return how each measure of a case stands, with its ground in words and its article."""
    return tuple(
        Decided(
            key=item.key,
            name=measure_name(item.measure),
            decision=str(DECIDED[ItemStatus(item.status)]),
            ground=_ground(item.ground),
            article=item.article,
            reason=item.reason,
            until=item.until,
        )
        for item in case.items.order_by("id")
    )


def _ground(code: str) -> str:
    return gettext(reason_names().get(code, code)) if code else ""


KIND = Kind(
    "decision",
    _("Decision on the request"),
    "incoming",
    about,
    kind_context,
    fields=(Field("conditions", _("Conditions.")),),
)
