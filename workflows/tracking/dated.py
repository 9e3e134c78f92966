"""What of a letter's content has dates: read from the database as one part, and as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Func, JSONField

from workflows.drafting.preserving import Way


@dataclass(slots=True)
class LetterDates:
    """What of a letter's content has dates."""

    key_dates: list[dict[str, Any]] = field(default_factory=list)
    urgency: dict[str, Any] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    bases: list[dict[str, Any]] = field(default_factory=list)
    written: Any = None
    #: Days after which the requested State is reminded, where its profile says so.
    ladder: tuple[int, ...] = ()
    #: Rows of the preservation planner, and the days of the way there as the profile tells.
    preserved: list[Any] = field(default_factory=list)
    way: Way = field(default_factory=Way)


class Dated(Func):
    """Of a letter's content the parts of `LetterDates`, in one: each part read by itself unpacks the whole letter again."""

    template = (
        "(select jsonb_object_agg(part.key, part.value) from jsonb_each(%(expressions)s) part"
        " where part.key in ('key_dates', 'urgency', 'items', 'bases', 'preserved', 'date'))"
    )
    output_field = JSONField()


def letter_dates(parts: Mapping[str, Any] | None) -> LetterDates:
    """Return the parts that `Dated` reads, or those of a whole content, as values."""
    said = parts or {}
    return LetterDates(
        said.get("key_dates") or [],
        said.get("urgency") or {},
        said.get("items") or [],
        said.get("bases") or [],
        said.get("date"),
        preserved=said.get("preserved") or [],
    )
