"""Pages by key: as fast at row 900,000 as at row 1, and no row twice or lost while others come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

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
    rows = list(queryset.order_by("-pk")[: size + 1])
    if len(rows) <= size:
        return Page(rows, None)
    return Page(rows[:size], rows[size - 1].pk)
