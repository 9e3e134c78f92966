"""Conditions of the acts that look beyond one case: contacts, likenesses, operations. Each looks; none of them writes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from workflows.drafting.preserving import zone_known
from workflows.engine.machine import Doing

if TYPE_CHECKING:
    from workflows.lifecycle.models.operations import Operation

#: Clocks differ a little; a contact that is being held may be noted at its last minute.
_AHEAD = dt.timedelta(minutes=5)


def contact_is_known(case: Any, doing: Doing) -> list[Reason]:
    """Kind and direction are of the lists."""
    from workflows.lifecycle.models.together import ContactEntry

    if doing.asking:
        return []
    found = []
    if doing.data.get("kind") not in ContactEntry.Kind.values:
        found.append(Reason("kind_unknown", _("say what kind of contact it was"), field="kind"))
    if doing.data.get("direction") not in ContactEntry.Direction.values:
        found.append(Reason("direction_unknown", _("say who turned to whom"), field="direction"))
    return found


def contact_names_somebody(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking or any(str(doing.data.get(name) or "").strip() for name in ("name", "office")):
        return []
    return [Reason("who_missing", _("name the person, the office or both"), field="office")]


def contact_has_been(case: Any, doing: Doing) -> list[Reason]:
    """It has a time, with the zone in which it was noted, and that time is not ahead."""
    if doing.asking:
        return []
    found = []
    at, zone = doing.data.get("at"), str(doing.data.get("zone") or "")
    if zone_known(zone) is None:
        found.append(Reason("zone_unknown", _("there is no time zone of this name"), field="zone"))
    if not isinstance(at, dt.datetime) or at.tzinfo is None:
        found.append(Reason("at_missing", _("say when it was"), field="at"))
    elif at > doing.at + _AHEAD:
        found.append(
            Reason("at_ahead", _("a contact is noted when it has been; this time is still to come"), field="at")
        )
    return found


def next_step_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """A day says of what; a step needs no day."""
    if doing.asking:
        return []
    due, step = doing.data.get("next_due"), str(doing.data.get("next_step") or "").strip()
    if due is None:
        return []
    if not step:
        return [Reason("next_step_missing", _("say what is to be done by this day"), field="next_step")]
    # A day is over nowhere before it is over everywhere; which zone the officer counts in is not asked here.
    if due < doing.at.date() - dt.timedelta(days=1):
        return [Reason("next_due_past", _("the day of the next step is past"), field="next_due")]
    return []


def corrects_one_of_this_case(case: Any, doing: Doing) -> list[Reason]:
    corrected = doing.data.get("corrects")
    if doing.asking or corrected is None:
        return []
    if (corrected.outgoing_id, corrected.incoming_id) != _sides_of(case):
        return [Reason("corrects_unknown", _("the entry that is corrected is none of this case"), field="corrects")]
    return []


def next_step_is_open(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking:
        if case.contact_since is not None:
            return []
        return [Reason("no_next_step", _("no contact left a step to be taken"))]
    contact = doing.data.get("contact")
    if contact is None or (contact.outgoing_id, contact.incoming_id) != _sides_of(case) or not contact.is_open:
        return [Reason("no_next_step", _("this step is done already, or there is none"), field="contact")]
    return []


def decision_is_whole(case: Any, doing: Doing) -> list[Reason]:
    """One of the list; that two cases have nothing to do with each other is said in words."""
    from workflows.lifecycle.models.together import AlikeDecision

    if doing.asking:
        return []
    decision = doing.data.get("decision")
    if decision not in AlikeDecision.Decision.values:
        return [Reason("decision_unknown", _("say what the two cases are to each other"), field="decision")]
    if decision == "not_alike" and not str(doing.data.get("words") or "").strip():
        return [Reason("words_missing", _("say why they have nothing to do with each other"), field="words")]
    return []


def another_case_of_this_side(case: Any, doing: Doing) -> list[Reason]:
    """Out with out, in with in, of one authority, and never a case with itself."""
    if doing.asking:
        return []
    other = doing.data.get("other")
    if other is None or other.KIND != case.KIND or other.authority_id != case.authority_id or other.pk == case.pk:
        return [Reason("other_unknown", _("there is no such other case here"), field="other")]
    return []


def _sides_of(case: Any) -> tuple[int | None, int | None]:
    return (case.pk, None) if case.KIND == "outgoing" else (None, case.pk)


# --- operations ---


def case_is_of_its_authority(operation: Operation, doing: Doing) -> list[Reason]:
    """The authority of the operation has a part in the case: it holds, made, sends or carries it out."""
    if doing.asking:
        return []
    case = doing.data.get("member")
    if case is None:
        return [Reason("case_missing", _("name the case by its reference"), field="member")]
    parts = ("authority_id", "originating_id", "central_id", "executing_id")
    if operation.authority_id not in {getattr(case, name, None) for name in parts}:
        return [Reason("case_unknown", _("there is no such case here"), field="member")]
    return []


def case_is_not_in_it(operation: Operation, doing: Doing) -> list[Reason]:
    case = doing.data.get("member")
    if doing.asking or case is None or not operation.has(case):
        return []
    return [Reason("case_in_it", _("this case belongs to the operation already"), field="member")]


def case_is_in_it(operation: Operation, doing: Doing) -> list[Reason]:
    case = doing.data.get("member")
    if doing.asking or (case is not None and operation.has(case)):
        return []
    return [Reason("case_not_in_it", _("this case does not belong to the operation"), field="member")]


def is_restricted(operation: Operation, doing: Doing) -> list[Reason]:
    if operation.restricted:
        return []
    return [Reason("not_restricted", _("it is not restricted: whoever works in the authority sees it"))]


def officer_is_of_its_authority(operation: Operation, doing: Doing) -> list[Reason]:
    from mla.accounts.models import Membership

    user = doing.data.get("user")
    if doing.asking or user is None:
        return []
    of_it = Membership.objects.filter(user=user, authority=operation.authority_id, ends_at=None)
    if of_it.exists():
        return []
    return [Reason("officer_unknown", _("this person does not work in the authority"), field="user")]
