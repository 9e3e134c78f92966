"""Codes and own targets of an emergency disclosure, from `data/emergency.toml`. No database here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache

from mla.reference.coded import Coded, coded_rows
from mla.reference.files import ROOT, toml_rows

_FILE = "emergency.toml"


def emergency_codes(table: str) -> Mapping[str, Coded]:
    """Return the rows of one table by code: decline or followup. Raises as `coded_rows`."""
    return coded_rows(_FILE, table)


@cache
def emergency_targets() -> Mapping[str, dt.timedelta]:
    """Return how long an authority here wants a step to take at most, by code. Own targets, no limits of law.

    Raises:
        ReferenceDataWrong: a target without whole minutes; with its line.
    """
    found: dict[str, dt.timedelta] = {}
    for row in toml_rows(ROOT, _FILE, "target", "code"):
        minutes = row.values.get("minutes")
        if not isinstance(minutes, int) or minutes < 1:
            raise row.wrong("minutes is a whole number, one or more", "minutes")
        found[row.text("code")] = dt.timedelta(minutes=minutes)
    return found
