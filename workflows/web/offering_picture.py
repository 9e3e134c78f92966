"""Pictures of information that is given and of teams: how far a course is, and the time of a team with its extensions. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

#: Units of the drawing from its first to its last day.
WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a course, in words."""

    words: str
    state: Literal["past", "now", "ahead"]

    @property
    def said(self) -> str:
        return {"past": _("done"), "now": _("now"), "ahead": _("to come")}[self.state]


def steps(way: Sequence[tuple[str, str]], status: str) -> list[Step]:
    """Return the steps of `way` (status and words) as they stand at `status`; the last one is the end."""
    at = next((place for place, (code, _words) in enumerate(way) if code == status), 0)
    return [
        Step(words, "past" if place < at else "now" if place == at else "ahead")
        for place, (_code, words) in enumerate(way)
    ]


def way_of(row: Any) -> list[tuple[str, str]]:
    """Return the steps that a course has, as it went: what was declined goes no other way."""
    names = {str(code): str(words) for code, words in row._meta.get_field("status").flatchoices}
    if row.MEASURE == "spontaneous-information":
        straight = ["offered", "accepted", "sent", "used", "closed"]
        if row.status == "declined" or (row.answered_at and row.nevertheless):
            straight[1] = "declined"
        elif row.told_in_letter and not row.answered_at and row.status not in {"offered", "accepted"}:
            straight = ["sent", "used", "closed"]
    else:
        straight = ["proposed", "negotiating", "signing", "agreement_signed", "active", "ended"]
        if row.first_until and row.until and row.until > row.first_until:
            straight.insert(5, "extended")
        if row.status == "declined":
            straight = ["proposed", "declined"]
    return [(code, names[code]) for code in straight]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of a team's time. `first` and `last` are days, both included; `x` and `width` in the drawing."""

    first: dt.date
    last: dt.date
    extended: bool
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class TeamBar:
    """The time of a team. `run_out`: its last day is past, and it was neither extended nor ended."""

    stretches: list[Stretch]
    today_x: int | None
    ended_x: int | None
    run_out: bool

    @property
    def first(self) -> dt.date:
        return self.stretches[0].first

    @property
    def last(self) -> dt.date:
        return self.stretches[-1].last


def team_bar(
    *, begins: dt.date, first_until: dt.date, extended: Sequence[dt.date], ended: dt.date | None, today: dt.date
) -> TeamBar:
    """Return the picture of a team's time. `extended`: the new last days that both States agreed to, in their order."""
    days = [first_until, *extended]
    end = max(days[-1], ended or days[-1])
    whole = max((end - begins).days + 1, 1)

    def place(day: dt.date) -> int:
        return max(0, min(WIDTH, round((day - begins).days / whole * WIDTH)))

    stretches, start = [], begins
    for number, last in enumerate(days):
        x, until = place(start), place(last + dt.timedelta(days=1))
        stretches.append(Stretch(start, last, number > 0, x, max(until - x, 2)))
        start = last + dt.timedelta(days=1)
    return TeamBar(
        stretches,
        place(today) if begins <= today <= end else None,
        place(ended) if ended else None,
        ended is None and today > days[-1],
    )
