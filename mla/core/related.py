"""Rows that many others point to, read once: a join reads each of them again for every row, and a plan of ten joins
takes longer to make than to run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model


def read_related(target: type[Model], *pointing: tuple[Model, str], known: Iterable[Model] = ()) -> None:
    """Give each of `pointing` (a row and the name of its foreign key) the row that it points to; at most one query.

    A key that is empty stays so; a row that is not found is asked for when it is used.

    Args:
        target: the model that all of them point to.
        known: rows of `target` that the caller has.
    """
    found: dict[Any, Any] = {row.pk: row for row in known}
    fields = [(row, row._meta.get_field(name)) for row, name in pointing]
    wanted = {getattr(row, field.attname) for row, field in fields} - {None} - set(found)  # type: ignore[union-attr]
    if wanted:
        found |= target._default_manager.in_bulk(wanted)
    for row, field in fields:
        there = found.get(getattr(row, field.attname))  # type: ignore[union-attr]
        if there is not None:
            field.set_cached_value(row, there)  # type: ignore[union-attr]
