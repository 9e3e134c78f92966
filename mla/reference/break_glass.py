"""For which purposes a restricted case is opened by a person who is not named, from `data/break_glass.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from mla.reference.coded import Coded, coded_rows


def break_glass_purposes() -> Mapping[str, Coded]:
    """Return the purposes by code. No database here. Raises as `coded_rows`."""
    return coded_rows("break_glass.toml", "purpose")
