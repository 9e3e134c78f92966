"""The course of one preservation as a picture and in words: from when until when, its extensions, today, the last day to send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from workflows.lifecycle.models import Preservation

#: The picture is so many units wide, whatever the days.
WIDE = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """`width`: of the days kept; `extensions`: each later day with its place; `send_x`: None where no request is to be sent."""

    begun: dt.date
    until: dt.date
    first: dt.date
    last: dt.date
    x: int
    width: int
    today_x: int
    extensions: tuple[tuple[dt.date, int], ...]
    send_by: dt.date | None
    send_x: int | None


def bar_of(kept: Sequence[Preservation], *, today: dt.date, send_by: dt.date | None) -> Bar | None:
    """Return the picture of what is kept, or None where no day is known. Pure."""
    if not kept:
        return None
    begun, until = min(row.preserved_from for row in kept), kept[-1].until
    days = [begun, until, today, *([send_by] if send_by else []), *(row.until for row in kept)]
    first, last = min(days), max(days)
    x = _place(begun, first, last)
    # Each day that an extension passed: the last one is the end itself.
    passed = [row.until for row in kept[:-1] if row.until != until]
    return Bar(
        begun=begun,
        until=until,
        first=first,
        last=last,
        x=x,
        width=max(4, _place(until, first, last) - x),
        today_x=_place(today, first, last),
        extensions=tuple((day, _place(day, first, last)) for day in passed),
        send_by=send_by,
        send_x=_place(send_by, first, last) if send_by else None,
    )


def _place(day: dt.date, first: dt.date, last: dt.date) -> int:
    length = (last - first).days
    return WIDE * (day - first).days // length if length else WIDE // 2
