"""What practice has names for: conditions under which a State helps, what a result can lack, what happens meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from mla.reference.coded import Coded, coded_rows


def condition_kinds() -> Mapping[str, Coded]:
    """Return every kind of condition by its code. Raises as `coded_rows`."""
    return coded_rows("conditions.toml", "condition", "kind")


def defects() -> Mapping[str, Coded]:
    """Return what a result can lack, by code. Raises as `coded_rows`."""
    return coded_rows("defects.toml", "defect")


def progress_events() -> Mapping[str, Coded]:
    """Return what can happen on the way of an execution, by code. Raises as `coded_rows`."""
    return coded_rows("progress_events.toml", "event")
