"""The conditions of what States give each other beyond a request: information, and teams. None of them writes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from mla.reference.offering import uses
from workflows.engine.machine import Doing
from workflows.lifecycle.guards import proof_when_recorded_by_hand
from workflows.lifecycle.guards_consulting import today


def proof_of_theirs(row: Any, doing: Doing) -> list[Reason]:
    """What our registry records of the other State in the file of a request out needs its proof."""
    return proof_when_recorded_by_hand(row.case, doing) if row.SIDE == "outgoing" else []


# --- information ---


def conditions_are_answered(row: Any, doing: Doing) -> list[Reason]:
    """Nothing is given before the conditions that were set are accepted or declined (Budapest 26(2))."""
    if row.status != "offered":
        return []
    point = row.offer()
    if point is None or point.answered_at is not None:
        return []
    return [Reason("conditions_open", _("the conditions are not accepted yet: what is given now would not be bound"))]


def given_although_declined(row: Any, doing: Doing) -> list[Reason]:
    """What was declined under conditions is given nevertheless with a reason: nothing binds it then."""
    if doing.asking or row.status != "declined" or str(doing.data.get("reason") or "").strip():
        return []
    message = _("the information was declined: say why it is given nevertheless; no condition binds it")
    return [Reason("reason_missing", message, field="reason")]


def something_is_given(row: Any, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("files") or str(doing.data.get("words") or "").strip():
        return []
    return [Reason("nothing_given", _("attach the files, or write the information"), field="words")]


def information_is_there(row: Any, doing: Doing) -> list[Reason]:
    """What is used was given: by the letter itself, or after the acceptance."""
    if row.told_in_letter or row.given_at is not None:
        return []
    return [Reason("not_given", _("the information itself was not given yet"))]


def use_is_known(row: Any, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("kind") in uses():
        return []
    return [Reason("kind_unknown", _("choose one of the list"), field="kind")]


def use_has_been_or_is_told_before(row: Any, doing: Doing) -> list[Reason]:
    """A use is told once it has happened; a disclosure of what speaks for an accused person, before it does."""
    day = doing.data.get("on")
    if doing.asking or day is None or doing.by.kind == "peer" or doing.data.get("exculpatory"):
        return []
    return [Reason("on_ahead", _("this day is in the future"), field="on")] if day > today(row, doing) else []


def not_noted_before(row: Any, doing: Doing) -> list[Reason]:
    reference = doing.data.get("reference")
    if doing.asking or not row.followed().filter(reference=reference).exists():
        return []
    return [Reason("noted_before", _("this request is noted already"), field="reference")]


def closed_with_a_reason(row: Any, doing: Doing) -> list[Reason]:
    """What was neither given nor declined is closed with a reason."""
    if doing.asking or row.status == "declined" or row.told_in_letter or row.given_at is not None:
        return []
    if str(doing.data.get("reason") or "").strip():
        return []
    return [Reason("reason_missing", _("nothing was given: say why you close"), field="reason")]
