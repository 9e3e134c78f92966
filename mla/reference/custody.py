"""Codes of the transfer of a person in custody, from `data/custody.toml`. No database here."""

from __future__ import annotations

from collections.abc import Mapping

from mla.reference.coded import Coded, coded_rows


def custody_codes(table: str) -> Mapping[str, Coded]:
    """Return the rows of one table by code: before, decline or release. Raises as `coded_rows`."""
    return coded_rows("custody.toml", table)
