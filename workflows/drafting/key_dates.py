"""The dates that bind the proceedings, and by when the evidence is needed because of them.

A date is needed by the day that lies its lead before it; the earliest such day of a letter, and the day that makes it
urgent, orders the queues on both sides. What came from another State is not trusted to be well formed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from mla.reference.files import ROOT, toml_rows

#: A date further ahead than this is not what a lead is meant for.
LONGEST_LEAD = 3650
#: The weight of a level of urgency: more than that of any day.
_LEVELS = {"urgent": 1, "emergency": 2}
_LEVEL = 10_000_000
#: No case presses more than this.
MOST_PRESSING = 3 * _LEVEL - 1


@dataclass(frozen=True, slots=True)
class KindOfDate:
    """A kind of date as the data file describes it; texts in English, for gettext."""

    kind: str
    name: str
    lead_days: int
    article: str
    why: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Needed:
    """By when something is needed. `index`: its place among the key dates, None for the day of the urgency itself.

    `usual`: its lead is the usual one of its kind, which nobody gave.
    """

    by: dt.date
    kind: str
    date: dt.date
    lead_days: int
    index: int | None = None
    usual: bool = False


@cache
def kinds_of_date() -> dict[str, KindOfDate]:
    """Return every kind of date by its code, read once. A row more in the file is a kind more.

    Raises:
        ReferenceDataWrong: key_dates.toml says something that cannot be; with its line.
    """
    found: dict[str, KindOfDate] = {}
    for row in toml_rows(ROOT, "key_dates.toml", "key_date", "kind"):
        kind, lead = row.text("kind", required=True), row.values.get("lead_days")
        if kind in found:
            raise row.wrong(f"kind {kind!r} stands twice", "kind")
        if type(lead) is not int or not 0 <= lead <= LONGEST_LEAD:
            raise row.wrong(f"lead_days is a whole number from 0 to {LONGEST_LEAD}", "lead_days")
        confidence = row.text("confidence", required=True)
        if confidence not in {"verified", "to_be_confirmed"}:
            raise row.wrong("confidence is verified or to_be_confirmed", "confidence")
        found[kind] = KindOfDate(
            kind, row.text("name", required=True), lead, row.text("article"), row.text("why"), confidence
        )
    return found


def known_kind(value: str) -> str:
    """Return the kind. Raises ValueError for one that the data file does not have."""
    if value not in kinds_of_date():
        raise ValueError(_("must be one of: %(known)s") % {"known": ", ".join(kinds_of_date())})
    return value


def lead_of(kind: str, given: Any, most: int = LONGEST_LEAD) -> int:
    """Return the days before a date of this kind: those given, else the usual ones, none for a kind that is unknown.

    `most`: days that are left; the usual lead is no longer than that, one that was given is.
    """
    if _is_lead(given):
        return int(given)
    known = kinds_of_date().get(kind)
    return min(known.lead_days, max(most, 0)) if known else 0


def _is_lead(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= LONGEST_LEAD


def needs_of(content: Mapping[str, Any]) -> list[Needed]:
    """Return what a letter's dates ask for, the earliest first. `content`: plain values, of our own or as received.

    A date that lies before the letter's own day no longer asks for anything.
    """
    written = _date(content.get("date"))
    found = [one for one in _needs(content, written) if written is None or one.date >= written]
    return sorted(found, key=lambda one: (one.by, one.date, one.kind))


def needed_by(content: Mapping[str, Any]) -> dt.date | None:
    """Return the earliest day by which the letter needs something, or None where it names no day."""
    return next((one.by for one in needs_of(content)), None)


def _needs(content: Mapping[str, Any], written: dt.date | None) -> Iterator[Needed]:
    urgency = content.get("urgency")
    day = _date(urgency.get("date")) if isinstance(urgency, Mapping) else None
    if day is not None:
        yield Needed(day, "urgency", day, 0)
    entries = content.get("key_dates")
    for index, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
        date = _date(entry.get("date")) if isinstance(entry, Mapping) else None
        if date is None:
            continue
        kind = entry.get("kind") if isinstance(entry.get("kind"), str) else "other"
        left = (date - written).days if written else LONGEST_LEAD
        given = entry.get("lead_days")
        lead = lead_of(str(kind), given, left)
        yield Needed(_before(date, lead), str(kind), date, lead, index, usual=not _is_lead(given))


def _before(date: dt.date, days: int) -> dt.date:
    return date - dt.timedelta(days=min(days, date.toordinal() - 1))


def _date(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def pressing(level: str, by: dt.date | None) -> int:
    """Return how far ahead of the others a case stands in every queue: by its urgency, then by the day it needs.

    From 0, for what is routine and needs nothing by a day, to MOST_PRESSING.
    """
    day = dt.date.max.toordinal() - by.toordinal() if by else 0
    return _LEVELS.get(level, 0) * _LEVEL + day


def with_leads(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the key dates of a letter with the lead of each said: what is printed and sent depends on no data file."""
    leads = {need.index: need.lead_days for need in needs_of(content)}
    return [
        {**entry, "lead_days": leads.get(index, entry.get("lead_days", 0))}
        for index, entry in enumerate(content.get("key_dates", ()))
    ]
