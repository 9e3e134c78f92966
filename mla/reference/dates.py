"""Dates as sources give them: a day, a month, a year, or nothing that a machine can use."""

from __future__ import annotations

import calendar
import re
from datetime import date

_DATE = re.compile(r"(?<!\d)(1[89]\d\d|2[01]\d\d)(?:-(0[1-9]|1[0-2])(?:-([0-2]\d|3[01]))?)?(?!\d)")


def last_day(text: str) -> date | None:
    """Return the last day that the first date in `text` can mean, or None where it holds none.

    "2014-03-19" is that day, "2026-02" the end of the month, "2024+" and "c. 2010" the end of the
    year: before it nobody can say that the source already spoke. "undated" is None.
    """
    found = _DATE.search(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    if not month:
        return date(year, 12, 31)
    if not day:
        return date(year, month, calendar.monthrange(year, month)[1])
    try:
        return date(year, month, day)
    except ValueError:
        return None


def is_whole_day(text: str) -> bool:
    """Tell whether `text` is one calendar day and nothing else (ISO 8601)."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
