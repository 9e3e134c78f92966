"""What the house does by itself where no law and no profile says otherwise: dated, in a data file. No database here."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache

from mla.reference.errors import ReferenceDataWrong
from mla.reference.files import ROOT

FILE = "own_practice.toml"


@dataclass(frozen=True, slots=True)
class Ladder:
    """When a silent State is reminded. `reminded_after`: days since its last sign of life, ascending, one per rung.

    `given_up_after`: days after the last reminder from which closing as never answered is offered. `as_of`: the day on
    which the rule was set, None where a profile does not say.
    """

    reminded_after: tuple[int, ...]
    given_up_after: int
    source: str
    as_of: dt.date | None = None

    @property
    def top(self) -> int:
        return len(self.reminded_after)


@cache
def own_ladder() -> Ladder:
    """Return the house's own ladder, read once.

    Raises:
        ReferenceDataWrong: the file says something that cannot be.
    """
    path = ROOT / "data" / FILE
    found = tomllib.loads(path.read_text(encoding="utf-8"))["silence"]
    days, after = found["reminded_after"], found["given_up_after"]
    ascending = all(type(day) is int and day > 0 for day in days) and days == sorted(set(days))
    if not days or not ascending or type(after) is not int or after < 1:
        raise ReferenceDataWrong(FILE, 1, "the days of the ladder are whole numbers that rise from 1")
    if not found.get("source") or not isinstance(found.get("as_of"), dt.date):
        raise ReferenceDataWrong(FILE, 1, "the ladder has a source and the day on which it was set")
    return Ladder(tuple(days), after, found["source"], found["as_of"])
