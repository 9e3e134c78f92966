"""Working days of an authority: its State's weekend and public holidays, and above them its own list of days.

Holidays come from the package `holidays` (python-holidays, MIT), by ISO 3166-1 code and, where the authority says so, by a
part of the State. A year that the package does not know is counted Monday to Friday, and that is said. An own list wins, day
by day, both ways. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays
from django.utils.translation import gettext as _

#: Without anything known of a State: Saturday and Sunday (0 is Monday).
SATURDAY_SUNDAY = frozenset({5, 6})
#: Days of an own list at most: it is kept with the authority.
MOST_OWN_DAYS = 200
LONGEST_DAY_NAME = 80


@dataclass(frozen=True, slots=True)
class _Year:
    """What the package knows of one year. `known`: it has any holiday at all."""

    closed: frozenset[date]
    estimated: frozenset[date]
    weekend: frozenset[int]
    known: bool


_UNKNOWN = _Year(frozenset(), frozenset(), SATURDAY_SUNDAY, known=False)


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, Sequence[str]]:
    return {code: tuple(parts) for code, parts in holidays.list_supported_countries(include_aliases=False).items()}


def parts_of(country: str) -> Sequence[str]:
    """Return the codes of the parts of a State whose holidays are known by themselves, such as BY of DE; none: none."""
    return _countries().get(country, ())


@lru_cache(maxsize=2000)
def _year(country: str, part: str, year: int) -> _Year:
    if country not in _countries():
        return _UNKNOWN
    subdivision = part if part in parts_of(country) else None
    # Of one year alone: a State may have changed its weekend. In English, so that an estimate can be told by its name.
    found: Any = holidays.country_holidays(country, subdiv=subdivision, years=year, language="en_US")
    closed = {day: name for day, name in found.items() if day.year == year}
    weekend = frozenset(found.weekend)
    if not closed:
        return _Year(frozenset(), frozenset(), weekend, known=False)
    estimated = frozenset(day for day, name in closed.items() if "estimated" in name)
    return _Year(frozenset(closed), estimated, weekend, known=True)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days an authority works on. `closed`, `opened`: its own list, which wins over what is known of its State."""

    country: str = ""
    part: str = ""
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        if day in self.closed or day in self.opened:
            return day not in self.closed
        year = _year(self.country, self.part, day.year)
        return day.weekday() not in year.weekend and day not in year.closed

    def rests_on(self, day: date) -> bool:
        """Tell whether the day is of the State's weekend and the own list says nothing of it."""
        own = day in self.closed or day in self.opened
        return not own and day.weekday() in _year(self.country, self.part, day.year).weekend

    def knows(self, year: int) -> bool:
        """Tell whether public holidays of that year are known."""
        return _year(self.country, self.part, year).known

    def estimated_between(self, start: date, end: date) -> bool:
        """Tell whether a public holiday from `start` to `end` has a day that is only estimated, as those by the moon."""
        years = {start.year, end.year}
        days = {day for year in years for day in _year(self.country, self.part, year).estimated}
        return any(start <= day <= end for day in days - self.closed - self.opened)

    def in_words(self, start: date, end: date) -> str:
        """Say how working days from `start` to `end` were counted; translated, for a note beside a deadline."""
        words = {"state": self.country, "part": f"-{self.part}" if self.part in parts_of(self.country) else ""}
        if all(self.knows(year) for year in {start.year, end.year}):
            said = [_("working days with the public holidays of %(state)s%(part)s") % words]
        elif _year(self.country, self.part, end.year).weekend == SATURDAY_SUNDAY:
            said = [_("holidays not known: Monday to Friday")]
        else:
            said = [_("holidays not known: all days but the weekend of %(state)s") % words]
        if any(start <= day <= end for day in self.closed | self.opened):
            said.append(_("with the authority's own list of days"))
        if self.estimated_between(start, end):
            said.append(_("a holiday in between is only estimated"))
        return ", ".join(said)


#: Where nothing is known of whose days they are.
MONDAY_TO_FRIDAY = Calendar()


def calendar_of(authority: Any) -> Calendar:
    """Return the calendar of an office, which came with its State or has it read here."""
    closed: set[date] = set()
    opened: set[date] = set()
    for one in authority.own_days:
        (opened if one.get("open") else closed).add(date.fromisoformat(one["day"]))
    return Calendar(authority.jurisdiction.code, authority.holidays_of, frozenset(closed), frozenset(opened))


def add_working_days(start: date, days: int, calendar: Calendar = MONDAY_TO_FRIDAY) -> date:
    """Return the day that lies `days` working days after `start`, which itself is not counted.

    With no days it is `start`, or the first working day after where it is none.

    Raises:
        ValueError: a target before its start, or an own list that leaves no day to work on.
    """
    if days < 0:
        raise ValueError("a target lies after its start")
    day, last = start, start + timedelta(days=3 * days + 400)
    while days or not calendar.works_on(day):
        day += timedelta(days=1)
        if day > last:
            raise ValueError("the calendar leaves no day to work on")
        if days and calendar.works_on(day):
            days -= 1
    return day


def own_days_from(lines: str) -> list[dict[str, Any]]:
    """Return an own list of days from its lines, in their order: `2026-12-24 Christmas Eve`, or `2026-12-12 + Saturday worked`.

    A plus before the name: the authority works on that day, whatever its State does.

    Raises:
        ValueError: says in words, translated, which line cannot be one.
    """
    found: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines.splitlines(), start=1):
        if not line.strip():
            continue
        written, _space, name = line.strip().partition(" ")
        try:
            day = date.fromisoformat(written).isoformat()
        except ValueError:
            raise ValueError(_("Line %(n)d: begin with a day, such as 2026-12-24.") % {"n": number}) from None
        if day in found:
            raise ValueError(_("Line %(n)d: %(day)s stands in an earlier line.") % {"n": number, "day": day})
        name = name.strip()
        opened = name.startswith("+")
        name = name.removeprefix("+").strip()
        if len(name) > LONGEST_DAY_NAME:
            raise ValueError(
                _("Line %(n)d: a name has at most %(most)d characters.") % {"n": number, "most": LONGEST_DAY_NAME}
            )
        found[day] = {"day": day, "open": opened, "name": name}
    if len(found) > MOST_OWN_DAYS:
        raise ValueError(_("A list has at most %(most)d days. Take out those of past years.") % {"most": MOST_OWN_DAYS})
    return [found[day] for day in sorted(found)]


def own_days_lines(days: Iterable[Mapping[str, Any]]) -> str:
    """Return an own list of days as its lines, as `own_days_from` reads them."""
    return "\n".join(" ".join(filter(None, (one["day"], "+" if one["open"] else "", one["name"]))) for one in days)


def own_days_are_whole(days: Any) -> bool:
    """Tell whether a value is a list of own days as `own_days_from` makes it."""
    try:
        return days == own_days_from(own_days_lines(days))
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
