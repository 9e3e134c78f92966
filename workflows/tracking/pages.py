"""Pages by key: as fast at row 900,000 as at row 1, and no row twice or lost while others come in."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Value
from django.db.models.sql.where import WhereNode

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
    if not 1 <= size <= LARGEST_PAGE:
        raise ValueError(f"a page has between 1 and {LARGEST_PAGE} rows")
    if after is not None:
        queryset = queryset.filter(pk__lt=after)
    return _page_of(first_rows(queryset, "-pk", size=size + 1), size)


def keyset_page_of_any(
    queryset: QuerySet[M], conditions: Sequence[Q], after: int | None = None, size: int = PAGE
) -> Page[M]:
    """Return, as `keyset_page` does, the rows of a queryset to which any of `conditions` applies. One query."""
    if not 1 <= size <= LARGEST_PAGE:
        raise ValueError(f"a page has between 1 and {LARGEST_PAGE} rows")
    if after is not None:
        queryset = queryset.filter(pk__lt=after)
    return _page_of(first_rows(queryset, "-pk", size=size + 1, conditions=conditions), size)


def _page_of(rows: list[M], size: int) -> Page[M]:
    return Page(rows[:size], rows[size - 1].pk) if len(rows) > size else Page(rows, None)


def first_rows(queryset: QuerySet[M], *order: str, size: int, conditions: Sequence[Q] | None = None) -> list[M]:
    """Return the first rows of a queryset in an order. One query: which rows is settled before what hangs on each is read.

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
        return []
    # The conditions were asked of the chosen: asking again would only mislead the planner about how many there are.
    shown = queryset.all()
    shown.query.where = WhereNode()
    return list(shown.filter(pk__in=chosen).order_by(*order)[:size])


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
    place = Func(*(Value(value) for value in values), template="(%(expressions)s)")
    sign = " < " if descending else " > "
    return Func(row, place, template="(%(expressions)s)", arg_joiner=sign, output_field=BooleanField())


def counted(*querysets: QuerySet[Any], most: int) -> list[int]:
    """Return how many rows each queryset has, each counted to at most `most`; one query for all of them."""
    asked: list[tuple[int, str, Sequence[Any]]] = []
    found = [0] * len(querysets)
    for place, rows in enumerate(querysets):
        with contextlib.suppress(EmptyResultSet):
            plain = rows if rows.query.is_sliced else rows.order_by()
            sql, values = plain.values("pk")[:most].query.sql_with_params()
            asked.append((place, f"(select count(*) from ({sql}) counted)", values))  # noqa: S608 (compiled by the ORM)
    if asked:
        with connection.cursor() as cursor:
            together = ", ".join(sql for _place, sql, _values in asked)
            cursor.execute(f"select {together}", [value for *_where, values in asked for value in values])
            row = cursor.fetchone() or ()
        for (place, *_rest), number in zip(asked, row, strict=True):
            found[place] = int(number)
    return found


@dataclass(frozen=True, slots=True)
class OrderedPage(Generic[T]):
    """Rows of a queue in its order. `after`: what to give for the next page, None on the last."""

    rows: list[T]
    after: str | None


def ordered_page(
    queryset: QuerySet[M], *, rank: str, since: str, after: str | None = None, size: int = PAGE
) -> OrderedPage[M]:
    """Return the first `size` rows by `rank`, then `since`, then identity, each ascending, that come after `after`.

    Args:
        queryset: with `rank` (an integer) and `since` (an instant) as fields or annotations, both NOT NULL.
        after: `after` of the page before; what is none begins at the first row.

    Raises:
        ValueError: `size` is not between 1 and LARGEST_PAGE.
    """
    if not 1 <= size <= LARGEST_PAGE:
        raise ValueError(f"a page has between 1 and {LARGEST_PAGE} rows")
    place = _place(after)
    if place is not None:
        level, moment, pk = place
        queryset = queryset.filter(beyond((rank, since, "pk"), (level, moment, pk)))
    rows = first_rows(queryset, rank, since, "pk", size=size + 1)
    if len(rows) <= size:
        return OrderedPage(rows, None)
    last = rows[size - 1]
    microseconds = (getattr(last, since) - _EPOCH) // timedelta(microseconds=1)
    return OrderedPage(rows[:size], f"{getattr(last, rank)}.{microseconds}.{last.pk}")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9])\.([0-9]{1,17})\.([0-9]{1,18})", re.ASCII)


def _place(after: str | None) -> tuple[int, datetime, int] | None:
    found = _PLACE.fullmatch(after or "")
    if found is None:
        return None
    level, microseconds, pk = map(int, found.groups())
    return level, _EPOCH + timedelta(microseconds=microseconds), pk
