"""The conditions of consultations and postponements. Each looks and returns reasons; none of them writes."""

from __future__ import annotations

import re
from datetime import UTC, date, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from workflows.engine.machine import Check, Doing
from workflows.lifecycle.guards import rows_of

#: What the requested State consults on; OpenPoint.CONSULTATIONS, without the models.
CONSULTATIONS = ("refusal", "postponement", "costs", "confidentiality")
#: Before these it names the ground, its article and until when it waits for the answer.
OF_A_GROUND = ("refusal", "postponement")
#: Here the requesting State decides whether its request goes on.
DECIDED = ("costs", "confidentiality")
CHOICES = ("go_on", "withdraw")
_CURRENCY = re.compile(r"[A-Z]{3}")


def consultation_is_known(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("kind") in CONSULTATIONS:
        return []
    return [Reason("kind_unknown", _("say what the consultation is about"), field="kind")]


def consultation_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """A ground and its article where something is to be refused or put off, and until when the answer is awaited."""
    if doing.asking:
        return []
    kind, found = doing.data.get("kind"), []
    if kind in OF_A_GROUND:
        for name, message in (
            ("ground", _("name the ground that you think of")),
            ("article", _("name the article")),
            ("due", _("say until when you wait for the answer")),
        ):
            if not doing.data.get(name):
                found.append(Reason(f"{name}_missing", message, field=name))
    due = doing.data.get("due")
    if due is not None and due < today(case, doing):
        found.append(Reason("due_past", _("this day is past"), field="due"))
    return found


def amount_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """An estimate has its currency, and stands only in a consultation on costs; it may be unknown yet."""
    amount, currency = doing.data.get("amount"), doing.data.get("currency") or ""
    if doing.asking or (amount is None and not currency):
        return []
    if doing.data.get("kind") != "costs":
        return [Reason("amount_unasked", _("an amount belongs to a consultation on costs alone"), field="amount")]
    if amount is None:
        return [Reason("amount_missing", _("give the amount, or leave the currency empty too"), field="amount")]
    if amount < Decimal(0):
        return [Reason("amount_negative", _("the amount is below zero"), field="amount")]
    if not _CURRENCY.fullmatch(currency):
        message = _("give the currency by its three letters, such as EUR")
        return [Reason("currency_unknown", message, field="currency", article="ISO 4217")]
    return []


def not_consulted_on_now(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking or not _open(case, doing, doing.data.get("kind")):
        return []
    message = _("a consultation on this is open already: wait for its answer, or for the day that you set")
    return [Reason("consultation_open", message, field="kind")]


def consultation_is_open(case: Any, doing: Doing) -> list[Reason]:
    # Of two who answer at once the second finds it answered: the service gives it none.
    given = doing.asking or doing.data.get("point") is not None
    if given and any(_open(case, doing, kind) for kind in CONSULTATIONS):
        return []
    return [Reason("nothing_open", _("no consultation is open, or this one is answered already"))]


def choice_fits(case: Any, doing: Doing) -> list[Reason]:
    """On costs and on confidentiality the answer says whether the request goes on; elsewhere it decides nothing."""
    point = doing.data.get("point")
    if doing.asking or point is None:
        return []
    choice = doing.data.get("choice") or ""
    if point.kind in DECIDED:
        if choice in CHOICES:
            return []
        return [Reason("choice_missing", _("say whether the request goes on or is withdrawn"), field="choice")]
    if not choice:
        return []
    return [Reason("choice_unasked", _("this consultation leaves nothing to choose"), field="choice")]


def consulted_as_said(case: Any, doing: Doing) -> list[Reason]:
    """Who says that the other State was consulted has the consultation in the file."""
    if doing.asking or doing.data.get("consulted") is not True:
        return []
    if any(point.kind == "refusal" for point in rows_of(case, "openpoint_set", doing)):
        return []
    message = _("no consultation before a refusal is in the file: consult first, or say that there was none")
    return [Reason("not_consulted", message, field="consulted", article="UNTOC 18(26)")]


def no_consultation_waits(kind: str) -> Check:
    """Return a check that no consultation of this kind is open whose day has not passed."""

    def waits(case: Any, doing: Doing) -> list[Reason]:
        now = today(case, doing)
        return [
            Reason(
                "consultation_waits",
                _("the other State was consulted on this and has until %(due)s to answer")
                % {"due": point.due.isoformat()},
            )
            for point in _open(case, doing, kind)
            if point.due is not None and point.due >= now
        ]

    waits.__name__ = f"no_consultation_waits_{kind}"
    return waits


def confidentiality_is_settled(case: Any, doing: Doing) -> list[Reason]:
    """What cannot be kept confidential is not begun before the sender says that it goes on: executing discloses it."""
    for point in rows_of(case, "openpoint_set", doing):
        if point.kind != "confidentiality":
            continue
        if point.answered_at is None:
            message = _("confidentiality cannot be kept, and the requesting State has not said whether it goes on")
            return [Reason("confidentiality_open", message, article="UNTOC 18(20), Budapest 27(8)")]
        if point.choice == "withdraw":
            message = _("confidentiality cannot be kept, and the requesting State does not go on")
            return [Reason("confidentiality_not_waived", message)]
    return []


# --- postponements ---


def item_confidentiality_is_settled(item: Any, doing: Doing) -> list[Reason]:
    """Nothing more is taken up of a request in execution while that is open; before, the request as a whole waits."""
    case = item.incoming
    return confidentiality_is_settled(case, doing) if case is not None and case.status == "in_execution" else []


def until_or_event(case: Any, doing: Doing) -> list[Reason]:
    """Whoever puts something off says until when, or until what."""
    if doing.asking or doing.data.get("until") or str(doing.data.get("until_event") or "").strip():
        return []
    message = _("give the day on which it is looked at again, or say what it waits for")
    return [Reason("until_missing", message, field="until")]


def until_is_ahead(case: Any, doing: Doing) -> list[Reason]:
    until = doing.data.get("until")
    if doing.asking or until is None or until >= today(case, doing):
        return []
    return [Reason("until_past", _("this day is past"), field="until")]


def is_postponed(case: Any, doing: Doing) -> list[Reason]:
    return [] if _off(case, doing) else [Reason("not_postponed", _("the request is not postponed"))]


def not_postponed(case: Any, doing: Doing) -> list[Reason]:
    if not _off(case, doing):
        return []
    return [Reason("postponed", _("the request is postponed: resume it first"))]


def something_to_postpone(case: Any, doing: Doing) -> list[Reason]:
    if any(item.status in {"requested", "accepted"} for item in rows_of(case, "items", doing)):
        return []
    return [Reason("nothing_to_postpone", _("no item is open that could be postponed"))]


def today(case: Any, doing: Doing) -> date:
    """Return the day of the act where the authority of the case is; a zone that is not known counts as UTC."""
    try:
        zone: tzinfo = ZoneInfo(case.authority.time_zone)
    except (ValueError, ZoneInfoNotFoundError):
        zone = UTC
    return doing.at.astimezone(zone).date()


def _open(case: Any, doing: Doing, kind: Any) -> list[Any]:
    points = rows_of(case, "openpoint_set", doing)
    return [point for point in points if point.kind == kind and point.answered_at is None]


def _off(case: Any, doing: Doing) -> bool:
    return any(row.resumed_at is None for row in rows_of(case, "postponement_set", doing))
