"""The data files of the desk: each a list of entries, every entry with a key of its own."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

T = TypeVar("T")


def entries_read(
    path: Path, table: str, read: Callable[[Any, str], T], *, key: str, wrong: type[Exception]
) -> Mapping[str, T]:
    """Return the entries `[[table]]` of a file by their attribute `key`, in its order.

    `read` makes an entry of a table and its place in words, and raises `wrong` where it cannot.

    Raises:
        wrong: the file cannot be read, has no such table, or a key stands twice; naming the place.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get(table)
    except (OSError, ValueError) as error:
        raise wrong(f"{path.name}: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise wrong(f"{path.name}: has no [[{table}]]")
    found: dict[str, T] = {}
    for number, entry in enumerate(entries, 1):
        where = f"{path.name}, {table} {number}"
        if not isinstance(entry, dict):
            raise wrong(f"{where}: is no table")
        one = read(entry, where)
        name = getattr(one, key)
        if name in found:
            raise wrong(f"{where}: {key} {name!r} stands twice")
        found[name] = one
    return MappingProxyType(found)
