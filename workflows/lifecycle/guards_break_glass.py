"""Conditions of the acts on a restricted case that was opened by a person who is not named. None of them writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from workflows.engine.machine import Doing

if TYPE_CHECKING:
    from workflows.lifecycle.models.break_glass import BreakGlass


def still_holds(opened: BreakGlass, doing: Doing) -> list[Reason]:
    if opened.holds_at(doing.at):
        return []
    return [Reason("over", _("it is over: the case is closed to you already"))]


def is_another_person(opened: BreakGlass, doing: Doing) -> list[Reason]:
    """Whoever opened the case, under whatever hat, does not judge the opening."""
    if doing.by.user_id != opened.user_id:
        return []
    return [Reason("own_opening", _("you opened this case yourself: another auditor looks at it"))]
