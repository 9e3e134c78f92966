"""Kinds of court orders, of reasons to put a notice off and of privileges, from `data/courts.toml`. No database here."""

from __future__ import annotations

from collections.abc import Mapping

from mla.reference.coded import Coded, coded_rows

#: Why a file does not leave that a court stopped; rows of the data file of these codes have the words.
ORDER_SET_ASIDE = "order_set_aside"
SURRENDER_STOPPED = "surrender_stopped"


def court_codes(table: str) -> Mapping[str, Coded]:
    """Return the rows of one table by code: order, deferral, privilege or withheld. Raises as `coded_rows`."""
    return coded_rows("courts.toml", table)


def withheld_names() -> Mapping[str, str]:
    """Return why a file can be withheld, in English, by code: the privileges and what the program itself writes."""
    return {code: one.name for table in ("privilege", "withheld") for code, one in court_codes(table).items()}
