"""The preservation planner as pages show it: a table, and a line for each data set in one small picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.languages import house_words
from workflows.documents import wording
from workflows.drafting.before import may_bind
from workflows.drafting.law import law_for
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.letterplan import DataSet
from workflows.drafting.plan import letter_plans, rules_for, way_of, zone_of
from workflows.drafting.preserving import Plan, Rule, Way
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.outcomes import OutgoingStatus
from workflows.lifecycle.selectors import may_start
from workflows.web.drafting.draft import keeping_law

#: What can be told of a data set, in words.
STATES: dict[str, Any] = {
    "not_preserved": _("not preserved"),
    "not_known": _("not known whether preserved"),
    "no_day": _("preserved, not known until when"),
    "running": _("preserved"),
    "perhaps_ended": _("ends today, or ended"),
    "ended": _("ended"),
    "held": _("kept until the request is decided"),
}
#: The picture: 1000 units wide, whatever the days.
WIDE = 1000
#: From here on the other State has the request.
RECEIVED = frozenset({OutgoingStatus.ACKNOWLEDGED, OutgoingStatus.IN_EXECUTION})


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its words, and where it lies in the picture; no place for what has no day."""

    row: DataSet
    plan: Plan
    state: str
    held: str
    holder: str
    found_by: tuple[str, ...]
    preserve: str
    x: int = 0
    width: int = 0
    send_x: int | None = None

    @property
    def drawn(self) -> bool:
        return self.width > 0


@dataclass(frozen=True, slots=True)
class Planner:
    """`first`, `last`: the days at both ends of the picture; `today_x`: where today lies in it."""

    lines: tuple[Line, ...]
    rules: tuple[tuple[Rule, str], ...]
    way: Way
    first: dt.date | None
    last: dt.date | None
    today: dt.date
    today_x: int
    zone_known: bool

    @property
    def drawn(self) -> bool:
        return any(line.drawn for line in self.lines)


def planner_of(letter: LetterFile, case: OutgoingRequest, actor: Actor) -> Planner:
    """Return the planner of a letter that the actor may read."""
    now = clock.now()
    with keeping_law():
        law = law_for(letter)
    zone, way = zone_of(letter, law.offices), way_of(law.profile)
    plans = letter_plans(letter, now=now, zone=zone, way=way, received=case.status in RECEIVED)
    today = now.date()
    first, last = _span(plans, today)
    names = {one.id: one.name for one in letter.providers}
    values = {one.id: one.value for one in letter.identifiers}
    begins = may_start(case, actor) and case.status != OutgoingStatus.CLOSED
    lines = []
    for row, plan in plans:
        x, width = 0, 0
        if plan.until is not None:
            x = _place(min(row.on or today, plan.until), first, last)
            width = max(4, _place(plan.until, first, last) - x)
        preserve = (
            reverse("web:letter_preserve", args=[case.public_id, row.id]) if begins and row.state != "yes" else ""
        )
        lines.append(
            Line(
                row=row,
                plan=plan,
                state=str(STATES[plan.state]),
                held=wording.word(wording.KNOWN, row.hold),
                holder=names.get(row.provider or "", ""),
                found_by=tuple(values[key] for key in row.identifiers if key in values),
                preserve=preserve,
                x=x,
                width=width,
                send_x=_place(plan.send_by, first, last) if plan.send_by and first <= plan.send_by <= last else None,
            )
        )
    rules = rules_for(letter, may_bind(law.resolutions.values()))
    return Planner(
        lines=tuple(lines),
        rules=tuple((rule, house_words(rule.note)) for rule in rules),
        way=way,
        first=first,
        last=last,
        today=today,
        today_x=_place(today, first, last),
        zone_known=zone is not None,
    )


def _span(plans: Sequence[tuple[DataSet, Plan]], today: dt.date) -> tuple[dt.date, dt.date]:
    days = [today] + [day for row, plan in plans for day in (row.on, plan.until) if plan.until and day]
    return min(days), max(days)


def _place(day: dt.date, first: dt.date, last: dt.date) -> int:
    """Return where a day lies between two others, in units of the picture."""
    length = (last - first).days
    return WIDE * (day - first).days // length if length else WIDE // 2
