"""Addresses of pages on cases, for lists: the resolver is asked once for each kind of page, not for each row."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.urls import reverse

_ANY = UUID(int=0)


def address_of(name: str, public_id: UUID | str, *rest: str) -> str:
    """Return the address of the page called `name` on what has this identifier. `rest`: its further arguments.

    Raises:
        NoReverseMatch: no page is called so.
    """
    before, after = _around(name, rest)
    return f"{before}{public_id}{after}"


@lru_cache(maxsize=512)
def _around(name: str, rest: tuple[str, ...]) -> tuple[str, str]:
    before, _any, after = reverse(name, args=[_ANY, *rest]).partition(str(_ANY))
    return before, after
