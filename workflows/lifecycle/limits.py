"""Time limits that law or treaty sets for a case, as they stand with their extensions, and the extensions that a rule offers.

Computed from the case, its letter and its rows, never stored. Nothing here tells whether a limit binds: the rule is cited.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mla.reference.time_limits import Extension, TimeLimit, extensions, time_limits
from workflows.drafting.preserving import zone_known
from workflows.lifecycle.outcomes import ITEM_FINAL, IncomingStatus, OutgoingStatus

_OUT, _IN = OutgoingStatus, IncomingStatus
#: Where each kind of limit runs, by side.
_RUNS: Mapping[tuple[str, str], frozenset[str]] = {
    ("acknowledgement", "outgoing"): frozenset({_OUT.SENT}),
    ("acknowledgement", "incoming"): frozenset({_IN.RECEIVED}),
    ("decision", "outgoing"): frozenset({_OUT.SENT, _OUT.ACKNOWLEDGED}),
    ("decision", "incoming"): frozenset({_IN.RECEIVED, _IN.ACKNOWLEDGED, _IN.UNDER_REVIEW}),
    ("execution", "outgoing"): frozenset({_OUT.SENT, _OUT.ACKNOWLEDGED, _OUT.IN_EXECUTION}),
    ("execution", "incoming"): frozenset({_IN.RECEIVED, _IN.ACKNOWLEDGED, _IN.UNDER_REVIEW, _IN.IN_EXECUTION}),
    ("preservation", "outgoing"): frozenset({_OUT.SENT, _OUT.ACKNOWLEDGED, _OUT.IN_EXECUTION, _OUT.CONCLUDED}),
    ("preservation", "incoming"): frozenset({_IN.ACKNOWLEDGED, _IN.UNDER_REVIEW, _IN.IN_EXECUTION, _IN.CONCLUDED}),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An extension that a rule names for a limit of this case. `latest`: the last day to which it can reach."""

    extension: Extension
    kind: str
    item: str
    due: dt.date
    latest: dt.date


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit as it stands. `due`: with its extensions, a day in `zone`, the requested State's; `item`: "" of the whole.

    `since` (aware): its start. `confirmed`: rule and start are known. `extended_by`: codes of the extensions, in order.
    """

    rule: TimeLimit
    item: str
    due: dt.date
    zone: str
    since: dt.datetime
    confirmed: bool
    extended_by: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """What the limits of a case are computed from. `office`: the requested State's; `kept`: the last preservation by item."""

    bases: Sequence[Mapping[str, Any]]
    asked: Sequence[Mapping[str, Any]]
    items: Sequence[Any]
    office: Any
    kept: Mapping[int, Any] = field(default_factory=dict)
    extensions: Sequence[Any] = ()


def limits_of(case: Any, facts: LimitFacts) -> list[Limit]:
    """Return the limits that run in a case of either side. Reads no table."""
    return list(_limits(case, facts))


def _limits(case: Any, facts: LimitFacts) -> Iterator[Limit]:
    outgoing = case.KIND == "outgoing"
    begun = case.sent_at if outgoing else case.received_at
    if begun is None or facts.office is None:
        return
    zone = zone_known(facts.office.time_zone) or dt.UTC
    for rule in time_limits().values():
        if case.status not in _RUNS[rule.kind, case.KIND]:
            continue
        if rule.start == "preserved":
            yield from _preserved(case, rule, facts)
            continue
        since = begun if rule.start == "received" else _decided(case, facts.items)
        if since is None or rule.days is None:
            continue
        day = since.astimezone(zone).date() + dt.timedelta(days=rule.days)
        for item in _reached(rule, facts):
            # When a request arrived over there, and when it was decided, is known here by word alone.
            yield _standing(case, rule, item, day, since, not (rule.to_be_confirmed or outgoing), facts)


def _preserved(case: Any, rule: TimeLimit, facts: LimitFacts) -> Iterator[Limit]:
    for item in facts.items:
        kept = facts.kept.get(item.pk)
        if kept is None or (rule.instrument and rule.instrument not in _instruments(item.key, facts)):
            continue
        if rule.state and facts.office.jurisdiction.code != rule.state:
            continue
        yield _standing(case, rule, item.key, kept.until, kept.recorded_at, not rule.to_be_confirmed, facts)


def _standing(
    case: Any, rule: TimeLimit, item: str, day: dt.date, since: dt.datetime, confirmed: bool, facts: LimitFacts
) -> Limit:
    rows = [row for row in facts.extensions if (row.kind, row.item_key) == (rule.kind, item)]
    due = max([day, *(row.until for row in rows)])
    used = [row.rule for row in rows]
    offers = tuple(
        Offer(one, rule.kind, item, due, due + dt.timedelta(days=one.days))
        for one in extensions().values()
        if one.of == rule.code
        and (one.times == 0 or used.count(one.code) < one.times)
        and (case.KIND == "outgoing" or one.by == "requested")
    )
    return Limit(rule, item, due, facts.office.time_zone, since, confirmed, tuple(used), offers)


def _decided(case: Any, items: Sequence[Any]) -> dt.datetime | None:
    """When the request was accepted: the first decision on an item of it, once it is being executed."""
    if case.status != _IN.IN_EXECUTION:
        return None
    return min((item.decided_at for item in items if item.decided_at), default=None)


def _reached(rule: TimeLimit, facts: LimitFacts) -> Iterator[str]:
    if not rule.measures:
        if any(basis.get("instrument") == rule.instrument for basis in facts.bases):
            yield ""
        return
    for item in facts.items:
        open_one = item.measure in rule.measures and item.status not in ITEM_FINAL
        if open_one and rule.instrument in _instruments(item.key, facts):
            yield item.key


def _instruments(key: str, facts: LimitFacts) -> set[str]:
    asked: Mapping[str, Any] = next((one for one in facts.asked if one.get("id") == key), {})
    named = set(asked.get("bases") or [])
    return {str(basis.get("instrument", "")) for basis in facts.bases if not named or basis.get("id") in named}


# --- for the act ---


def offers_of(case: Any) -> list[Offer]:
    """Return the extensions that rules offer in a case now: those that its page read already, or by a few queries."""
    read: list[Offer] | None = getattr(case, "read_offers", None)
    if read is not None:
        return read
    return [offer for limit in limits_of(case, _facts(case)) for offer in limit.offers]


def offer_named(case: Any, rule: str, item: str) -> Offer | None:
    """Return the extension of this code for an item ("" for the whole) that is offered now, or None."""
    return next((one for one in offers_of(case) if (one.extension.code, one.item) == (rule, item)), None)


def _facts(case: Any) -> LimitFacts:
    from workflows.lifecycle.models import Preservation

    outgoing = case.KIND == "outgoing"
    version = case.approved_version if outgoing else None
    content = (version.content if version else {}) if outgoing else case.content
    items = list(case.items.all())
    return LimitFacts(
        bases=content.get("bases") or [],
        asked=content.get("items") or [],
        items=items,
        office=case.addressee if outgoing else case.authority,
        kept=last_of(Preservation.objects.filter(item__in=items).order_by("id")),
        extensions=list(case.deadlineextension_set.order_by("id")) if case.extended else [],
    )


def last_of(rows: Iterable[Any]) -> dict[int, Any]:
    """Return the last preservation by its item: an extension of the requested State is a new row."""
    return {row.item_id: row for row in rows}
