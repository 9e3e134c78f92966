"""The deadlines of a letter's preservation planner. Pure: computed from the rows of the letter, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from workflows.drafting.preserving import Way, ends_between, send_by
from workflows.tracking.deadlines import BUDAPEST_29_7, DeadlineKind, day_of


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day that the planner sets: `due` as the calendar of our own authority has it."""

    kind: DeadlineKind
    due: date
    source: str
    legal: bool
    note: str


def planned_days(
    rows: Iterable[Any], *, theirs: tzinfo | None, ours: tzinfo, way: Way, budapest: bool, sent: bool, received: bool
) -> Iterator[PlannedDay]:
    """Yield the end of each preservation that has a day, and until the request is sent the last day to begin with it.

    `theirs`: the zone of the requested State (None: not known, then the earliest end counts); `budapest`: the letter rests on
    that Convention. Data that are known to be kept until the decision have no end once the request was `received`.
    """
    for row in rows:
        if not isinstance(row, dict) or row.get("state") != "yes" or (received and row.get("hold") == "yes"):
            continue
        until = max(filter(None, (_day(row.get("until")), _day(row.get("extended_until")))), default=None)
        if until is None:
            continue
        words = {"key": row.get("id", "")}
        source = BUDAPEST_29_7 if budapest else _("planner of the letter")
        # The last day of ours that lies, at least in part, before the end over there.
        due = day_of(ends_between(until, theirs)[0] - timedelta(microseconds=1), ours)
        note = _("data set %(key)s: the request must be received before the preservation ends") % words
        yield PlannedDay(DeadlineKind.PRESERVATION, due, source, budapest, note)
        last = send_by(due, way)
        if last is not None and not sent:
            way_told = _("data set %(key)s: %(translation)s days to translate and %(channel)s for the way")
            words |= {"translation": str(way.translation), "channel": str(way.channel)}
            yield PlannedDay(DeadlineKind.FOLLOW_UP_SEND_BY, last, source, False, way_told % words)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
