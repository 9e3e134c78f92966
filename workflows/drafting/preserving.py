"""The preservation planner: until when data are kept, and by when the request for them must be on its way. Pure.

A day “until” is a day of the requested State: the data are kept to its end in that State's time zone. The letter keeps
the day as that State wrote it; moments are computed, and given in UTC. Where the zone is not known, the end may lie
anywhere between the first place on earth where that day ends and the last. What is not known stays so: no number of days
is assumed in its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: What can be told of a data set.
State = Literal["not_preserved", "not_known", "no_day", "running", "perhaps_ended", "ended", "held"]

#: The end of every calendar, for days that no clock reaches; and the first day that one reaches in every zone.
FAR = dt.datetime(dt.MAXYEAR, 12, 31, tzinfo=dt.UTC)
_EARLY = dt.date(2, 1, 1)

_FIRST, _LAST = dt.timezone(dt.timedelta(hours=14)), dt.timezone(dt.timedelta(hours=-12))


class Kept(Protocol):
    """A row of the planner, as the letter holds it (`workflows.drafting.letterplan.DataSet`)."""

    @property
    def state(self) -> str: ...
    @property
    def hold(self) -> str: ...
    @property
    def until(self) -> dt.date | None: ...
    @property
    def extended_until(self) -> dt.date | None: ...


@dataclass(frozen=True, slots=True)
class Way:
    """Calendar days that a request takes: to be translated, and to reach the other State. None: not known."""

    translation: int | None = None
    channel: int | None = None

    @property
    def days(self) -> int | None:
        """Return both together, or None where one is not known."""
        return None if self.translation is None or self.channel is None else self.translation + self.channel

    @property
    def least(self) -> int:
        """Return what is known of it: the way takes no less."""
        return (self.translation or 0) + (self.channel or 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows for a data set. `until`: the last day that is known; `send_by`: the last day to begin sending.

    `ends` and `ends_latest` (UTC): the earliest and the latest moment at which that day can be over; the same where the
    zone is known. `late`: sent on the day looked at, the request would be received after the end, by what is known.
    """

    state: State
    until: dt.date | None = None
    ends: dt.datetime | None = None
    ends_latest: dt.datetime | None = None
    send_by: dt.date | None = None
    late: bool = False


def end_of_day(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """Return the moment in UTC at which a day is over in a time zone."""
    if day.year >= dt.MAXYEAR:
        return FAR
    return dt.datetime.combine(max(day, _EARLY) + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)


def zone_known(name: str) -> dt.tzinfo | None:
    """Return a time zone by its name, or None where there is none of it."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None


def ends_between(day: dt.date, zone: dt.tzinfo | None) -> tuple[dt.datetime, dt.datetime]:
    """Return the earliest and the latest moment (UTC) at which a day is over, in a zone or, not known, anywhere."""
    return (end_of_day(day, zone or _FIRST), end_of_day(day, zone or _LAST))


def send_by(until: dt.date, way: Way) -> dt.date | None:
    """Return the last day to begin sending: `until` less the days of the way. None where those are not known."""
    days = way.days
    if days is None:
        return None
    try:
        return until - dt.timedelta(days=days)
    except OverflowError:
        return dt.date.min


def last_day(row: Kept) -> dt.date | None:
    """Return the day to which data are said to be kept, with their last extension."""
    return max((day for day in (row.until, row.extended_until) if day is not None), default=None)


def planned(
    row: Kept,
    *,
    now: dt.datetime,
    zone: dt.tzinfo | None,
    way: Way,
    received: bool = False,
    sending: dt.date | None = None,
) -> Plan:
    """Return what follows for a data set at `now` (aware).

    `zone`: of the requested State, None where it is not known. `received`: the request for the data has come in there,
    so that a State that holds them keeps them until it is decided. `sending`: a later day on which it is to be sent.
    """
    if row.state != "yes":
        return Plan("not_preserved" if row.state == "no" else "not_known")
    until = last_day(row)
    if received and row.hold == "yes":
        return Plan("held", until)
    if until is None:
        return Plan("no_day")
    ends, latest = ends_between(until, zone)
    state: State = "ended" if now >= latest else "perhaps_ended" if now >= ends else "running"
    start = max(now, end_of_day(sending, zone or _FIRST) - dt.timedelta(days=1)) if sending else now
    try:
        late = start + dt.timedelta(days=way.least) >= latest
    except OverflowError:
        late = True
    return Plan(state, until, ends, latest, send_by(until, way), state != "ended" and not received and late)


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a law has preserved data kept: at least `days`, or at most, and what an extension adds."""

    key: str
    days: int
    most: bool
    renewed_days: int
    hold: str
    article: str
    to_be_confirmed: bool
    note: str
    instruments: frozenset[str] = frozenset()
    jurisdictions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """preserving.toml as values. `follow_up`: the measure that asks for data of a kind."""

    rules: tuple[Rule, ...]
    volatile: frozenset[str]
    follow_up: Mapping[str, str]

    def for_pair(self, requested: str, binding: Iterable[str]) -> tuple[Rule, ...]:
        """Return the rules that may hold: of the requested State, and of instruments that may bind both (`may_bind`)."""
        may = frozenset(binding)
        return tuple(rule for rule in self.rules if rule.instruments & may or requested in rule.jurisdictions)

    def kinds_of(self, measures: Sequence[str]) -> tuple[str, ...]:
        """Return the kinds of data that measures ask for, to have them preserved."""
        back: dict[str, str] = {}
        for kind, measure in self.follow_up.items():
            back.setdefault(measure, kind)
        return tuple(dict.fromkeys(back[measure] for measure in measures if measure in back))
