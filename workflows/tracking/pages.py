"""Pages by key: as fast at row 900,000 as at row 1, and no row twice or lost while others come in."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, F, Func, Model, Q, QuerySet, Value
from django.db.models.sql.where import WhereNode

from mla.core.prepared import Prepared

T = TypeVar("T")
M = TypeVar("M", bound=Model)

PAGE = 50
LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows, the newest first. `after`: what to give for the next page, None on the last."""

    rows: list[T]
    after: int | None


def keyset_page(queryset: QuerySet[M], after: int | None = None, size: int = PAGE) -> Page[M]:
    """Return the `size` rows of a queryset with the highest identities below `after`. One query.

    The order of the queryset is replaced by its bigint identity, descending.

    Raises:
        ValueError: `size` is not between 1 and LARGEST_PAGE.
    """
    _require_size(size)
    if after is not None:
        queryset = queryset.filter(pk__lt=after)
    return _page_of(list(chosen_rows(queryset, "-pk", size=size + 1)), size)


class KeptPages(Generic[M]):
    """Pages by identity, as `keyset_page` gives them, of querysets that are written once for each key (mla.core.prepared).

    Args:
        rows: returns the queryset of a key.
    """

    def __init__(self, rows: Callable[[Any], QuerySet[M]]) -> None:
        self._rows = rows
        self._first: Prepared[M] = Prepared(lambda asked: self._chosen(asked))
        self._later: Prepared[M] = Prepared(lambda asked: self._chosen(asked, after=_AFTER), after=_AFTER)

    def page(self, key: Hashable, after: int | None = None, size: int = PAGE) -> Page[M]:
        """Return a page of a key's rows. One query. Raises ValueError as `keyset_page`."""
        _require_size(size)
        asked = (key, size + 1)
        return _page_of(self._first.rows(asked) if after is None else self._later.rows(asked, after=after), size)

    def _chosen(self, asked: tuple[Any, int], after: int | None = None) -> QuerySet[M]:
        key, size = asked
        rows = self._rows(key)
        if after is not None:
            rows = rows.filter(pk__lt=after)
        return chosen_rows(rows, "-pk", size=size)


#: Stands in a written query for the last identity of the page before.
_AFTER = 2**62 + 11


def _require_size(size: int) -> None:
    if not 1 <= size <= LARGEST_PAGE:
        raise ValueError(f"a page has between 1 and {LARGEST_PAGE} rows")


def _page_of(rows: list[M], size: int) -> Page[M]:
    return Page(rows[:size], rows[size - 1].pk) if len(rows) > size else Page(rows, None)


def chosen_rows(queryset: QuerySet[M], *order: str, size: int, conditions: Sequence[Q] | None = None) -> QuerySet[M]:
    """Return the first rows of a queryset in an order: which rows is settled before what hangs on each is read.

    Args:
        queryset: its conditions ask about rows, and join nothing of which a row has several.
        conditions: of these any must apply too. Each is asked by itself, by its own index and to `size` rows; as one
            condition with `or` every row would be asked all of them.
    """
    plain = queryset.select_related(None).order_by(*order).values("pk")
    if conditions is None:
        chosen = plain[:size]
    elif conditions:
        first, *others = (plain.filter(condition)[:size] for condition in conditions)
        chosen = first.union(*others, all=True)
    else:
        return queryset.none()
    # The conditions were asked of the chosen: asking again would only mislead the planner about how many there are.
    shown = queryset.all()
    shown.query.where = WhereNode()
    return shown.filter(pk__in=chosen).order_by(*order)[:size]


def _value(value: Any) -> Value:
    return Value(value, BigIntegerField()) if isinstance(value, int) else Value(value)


def any_of(queryset: QuerySet[M], conditions: Sequence[Q], most: int) -> QuerySet[Any]:
    """Return, to be counted to `most`, the identities of the rows to which any of `conditions` applies, each once."""
    plain = queryset.order_by().values("pk")
    if not conditions:
        return plain.none()
    first, *others = (plain.filter(condition)[:most] for condition in conditions)
    return first.union(*others)


def beyond(fields: Sequence[str], values: Sequence[Any], *, descending: bool = False) -> Func:
    """Return the condition that a row lies after a place in an order of its fields, all ascending or all descending.

    As one comparison of rows, which an index in that order answers by beginning there.
    """
    row = Func(*(F(field) for field in fields), template="(%(expressions)s)")
    place = Func(*(_value(value) for value in values), template="(%(expressions)s)")
    sign = " < " if descending else " > "
    return Func(row, place, template="(%(expressions)s)", arg_joiner=sign, output_field=BooleanField())


class Counting:
    """Numbers of rows, each counted to at most `most`: written once, asked as often as wanted by one query."""

    def __init__(self, *querysets: QuerySet[Any], most: int) -> None:
        self._none = [0] * len(querysets)
        self._places: list[int] = []
        parts: list[str] = []
        self._values: list[Any] = []
        for place, rows in enumerate(querysets):
            with contextlib.suppress(EmptyResultSet):
                plain = rows if rows.query.is_sliced else rows.order_by()
                sql, values = plain.values("pk")[:most].query.sql_with_params()
                self._places.append(place)
                parts.append(f"(select count(*) from ({sql}) counted)")  # noqa: S608 (compiled by the ORM)
                self._values += values
        self._sql = f"select {', '.join(parts)}"

    def numbers(self) -> list[int]:
        """Return the number of rows of each queryset."""
        found = list(self._none)
        if self._places:
            with connection.cursor() as cursor:
                cursor.execute(self._sql, self._values)
                row = cursor.fetchone() or ()
            for place, number in zip(self._places, row, strict=True):
                found[place] = int(number)
        return found


@dataclass(frozen=True, slots=True)
class OrderedPage(Generic[T]):
    """Rows of a queue in its order. `after`: what to give for the next page, None on the last."""

    rows: list[T]
    after: str | None


class KeptOrder(Generic[M]):
    """Pages of a queue by rank, then since when, then identity, each ascending; written once for each key.

    Args:
        rows: returns the queryset of a key, with `rank` (an integer) and `since` (an instant) as fields or annotations,
            both NOT NULL.
    """

    def __init__(self, rows: Callable[[Any], QuerySet[M]], *, rank: str, since: str) -> None:
        self._rows, self._order = rows, (rank, since, "pk")
        self._first: Prepared[M] = Prepared(lambda asked: self._chosen(asked))
        self._later: Prepared[M] = Prepared(
            lambda asked: self._chosen(asked, after=(_LEVEL, _MOMENT, _AFTER)),
            level=_LEVEL, moment=_MOMENT, pk=_AFTER,
        )  # fmt: skip

    def page(self, key: Hashable, after: str | None = None, size: int = PAGE) -> OrderedPage[M]:
        """Return the page that comes after `after` of the page before; what is none begins at the first row. One query.

        Raises:
            ValueError: `size` is not between 1 and LARGEST_PAGE.
        """
        _require_size(size)
        asked, place = (key, size + 1), _place(after)
        if place is None:
            rows = self._first.rows(asked)
        else:
            level, moment, pk = place
            rows = self._later.rows(asked, level=level, moment=moment, pk=pk)
        if len(rows) <= size:
            return OrderedPage(rows, None)
        rank, since, _pk = self._order
        last = rows[size - 1]
        microseconds = (getattr(last, since) - _EPOCH) // timedelta(microseconds=1)
        return OrderedPage(rows[:size], f"{getattr(last, rank)}.{microseconds}.{last.pk}")

    def _chosen(self, asked: tuple[Any, int], after: tuple[Any, ...] | None = None) -> QuerySet[M]:
        key, size = asked
        rows = self._rows(key)
        if after is not None:
            rows = rows.filter(beyond(self._order, after))
        return chosen_rows(rows, *self._order, size=size)


class PressingPages(Generic[M]):
    """Pages of cases by how much they press, then by identity, both descending; of querysets written once for each key.

    Args:
        rows: returns the queryset of a key: of cases, which have `pressing`.
        conditions: returns, where not all of these rows are meant, the conditions of which any must apply.
    """

    _ORDER = ("pressing", "pk")

    def __init__(
        self, rows: Callable[[Any], QuerySet[M]], conditions: Callable[[Any], Sequence[Q]] | None = None
    ) -> None:
        self._rows, self._conditions = rows, conditions
        self._first: Prepared[M] = Prepared(lambda asked: self._chosen(asked))
        self._later: Prepared[M] = Prepared(
            lambda asked: self._chosen(asked, after=(_LEVEL, _AFTER)), level=_LEVEL, pk=_AFTER
        )

    def page(self, key: Hashable, after: str | None = None, size: int = PAGE) -> OrderedPage[M]:
        """Return the page that comes after `after` of the page before; what is none begins at the first row. One query.

        Raises:
            ValueError: `size` is not between 1 and LARGEST_PAGE.
        """
        _require_size(size)
        asked, found = (key, size + 1), _PRESSING.fullmatch(after or "")
        if found is None:
            rows = self._first.rows(asked)
        else:
            rows = self._later.rows(asked, level=int(found[1]), pk=int(found[2]))
        if len(rows) <= size:
            return OrderedPage(rows, None)
        last: Any = rows[size - 1]
        return OrderedPage(rows[:size], f"{last.pressing}.{last.pk}")

    def _chosen(self, asked: tuple[Any, int], after: tuple[int, int] | None = None) -> QuerySet[M]:
        key, size = asked
        rows = self._rows(key)
        if after is not None:
            rows = rows.filter(beyond(self._ORDER, after, descending=True))
        conditions = None if self._conditions is None else self._conditions(key)
        return chosen_rows(rows, "-pressing", "-pk", size=size, conditions=conditions)


_PRESSING = re.compile(r"([0-9]{1,9})\.([0-9]{1,18})", re.ASCII)
#: Stand in a written query for the place where the page before ended, beside _AFTER.
_LEVEL, _MOMENT = 2**62 + 13, datetime(1, 1, 2, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9]{1,9})\.([0-9]{1,17})\.([0-9]{1,18})", re.ASCII)


def _place(after: str | None) -> tuple[int, datetime, int] | None:
    found = _PLACE.fullmatch(after or "")
    if found is None:
        return None
    level, microseconds, pk = map(int, found.groups())
    return level, _EPOCH + timedelta(microseconds=microseconds), pk
