"""Queries of every page, compiled once: what the ORM takes to write a long question is many times what asking it takes.

A query that tells what somebody may see has a dozen nested questions. The ORM writes it anew for each page, in 5 ms;
the database answers in a tenth of one. Here its SQL is kept for each reader, and only the values that change from
page to page are put in. The question itself is still asked every time.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)

#: Readers whose queries a process keeps, of each kind of query.
MOST_KEPT = 256


class Prepared(Generic[M]):
    """A query that differs between askings only by the values of its `holes`.

    Args:
        build: returns the queryset for a key, with the values of `holes` where theirs will stand. All else that it
            depends on must be in the key. What it excludes by the time of day it must ask of the database (`Now()`).
        holes: for each name a value of the right type that stands nowhere else in the query.
    """

    def __init__(self, build: Callable[[Any], QuerySet[M]], **holes: Hashable) -> None:
        self._build, self._holes = build, holes
        self._kept: OrderedDict[Hashable, _Compiled] = OrderedDict()
        self._turn = threading.Lock()

    def rows(self, key: Hashable, **values: Any) -> list[M]:
        """Return the rows for a key, with these values in the holes. One query.

        Raises:
            ValueError: a hole has no value, or is not in the query; or a moment of this process is.
        """
        if values.keys() != self._holes.keys():
            raise ValueError(f"values are wanted for {', '.join(sorted(self._holes))}")
        try:
            found = self._compiled(key)
        except EmptyResultSet:
            return []
        return found.rows({self._holes[name]: value for name, value in values.items()})

    def _compiled(self, key: Hashable) -> _Compiled:
        with self._turn:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        # Not in turn: writing takes long, and two threads that write the same write the same.
        found = _Compiled(self._build(key), self._holes)
        with self._turn:
            self._kept[key] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found


class _Compiled:
    def __init__(self, queryset: QuerySet[Any], holes: Mapping[str, Hashable]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler("default")
        self.sql, self.params = self.compiler.as_sql()
        given = list(self.params)
        for name, hole in holes.items():
            if hole not in given:
                raise ValueError(f"the query has no place for {name}")
        for value in given:
            if isinstance(value, date) and value not in holes.values():
                raise ValueError("a moment of this process would be kept: ask the database for its own")

    def rows(self, values: Mapping[Any, Any]) -> list[Any]:
        written = copy.copy(self.compiler)
        # Each thread has a connection of its own; all are to the same database, so the SQL is the same.
        written.connection = connections["default"]
        params = tuple(values[one] if _is_hole(one, values) else one for one in self.params)
        # On the copies alone: the queryset and its compiler stay as they are.
        vars(written)["as_sql"] = lambda *args, **kwargs: (self.sql, params)
        asked = self.queryset.all()
        vars(asked.query)["get_compiler"] = lambda *args, **kwargs: written
        return list(asked)


def _is_hole(value: Any, holes: Mapping[Any, Any]) -> bool:
    try:
        return value in holes
    except TypeError:  # a list or a JSON value
        return False
