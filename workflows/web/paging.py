"""Keyset pages in addresses: `?after=<identity>`, the filters kept."""

from __future__ import annotations

from django.http import HttpRequest


def after_of(request: HttpRequest, name: str = "after") -> int | None:
    """Return where the page begins, or None for the first; what is no number counts as the first."""
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def next_address(request: HttpRequest, after: int | str | None, name: str = "after") -> str:
    """Return the address of the next page with all filters, or nothing on the last."""
    if after is None:
        return ""
    query = request.GET.copy()
    query[name] = str(after)
    return f"{request.path}?{query.urlencode()}"
