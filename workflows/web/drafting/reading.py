"""Answers of a letter as a person reads them: days and times in words, choices by their names, never a form's value."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.utils.formats import date_format
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Read:
    """One question and its answer. `told`: empty where nothing was answered."""

    name: str
    label: Any
    told: str


def day_told(day: Any) -> str:
    """Return a day in words; what is no day of the calendar as it was written."""
    try:
        return date_format(day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day)), "j F Y")
    except ValueError:
        return str(day)


def moment_told(moment: Any) -> str:
    """Return an instant to the second with its own offset: a provider searches by that time, not by the reader's."""
    try:
        at = moment if isinstance(moment, dt.datetime) else dt.datetime.fromisoformat(str(moment))
    except ValueError:
        return str(moment)
    offset = at.isoformat()[-6:] if at.utcoffset() is not None else ""
    zone = f" UTC{'' if offset == '+00:00' else offset}" if offset else ""
    return f"{date_format(at.date(), 'j F Y')}, {at.strftime('%H:%M:%S')}{zone}"


def period_told(start: Any, end: Any) -> str:
    return _("from %(start)s to %(end)s") % {"start": moment_told(start), "end": moment_told(end)}


def elements_told(rows: Any) -> str:
    """Return the rows of the worksheet of elements, a line each; what is not known of the other State's law is said."""
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list | tuple) else []
    return "\n".join(
        _("%(element)s · shown by: %(fact)s · their law: %(theirs)s")
        % {
            "element": row.get("element") or "–",
            "fact": row.get("fact") or "–",
            "theirs": row.get("theirs") or _("not known"),
        }
        for row in known
    )


def answer_told(field: BoundField, kind: str) -> str:
    """Return what a field of a letter's form holds, in words; empty where it holds nothing."""
    value = field.value()
    if value in (None, "", [], {}, False):
        return ""
    if kind == "yes":
        return _("yes")
    if kind == "date":
        return day_told(value)
    if kind == "instant":
        return moment_told(value)
    if kind == "period":
        return period_told(value.get("from", ""), value.get("to", "")) if isinstance(value, dict) else str(value)
    if kind == "elements":
        return elements_told(value)
    words: dict[str, str] = {}
    for code, named in getattr(field.field.widget, "choices", ()):
        words |= {str(one): str(word) for one, word in (named if isinstance(named, list) else [(code, named)])}
    if isinstance(value, list | tuple):
        return "\n".join(words.get(str(one), str(one)) for one in value)
    return words.get(str(value), str(value))
