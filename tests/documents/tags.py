"""Reads the tags of a letter back, in the order in which a screen reader goes through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf


def tagged(node: Any) -> Iterator[Any]:
    """Yield every structure element below the root of the tree, or below an element."""
    for kid in kids_of(node):
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
            yield kid
            yield from tagged(kid)


def kids_of(node: Any) -> list[Any]:
    """Return what an element holds: elements, references to annotations, numbers of marked content."""
    kids = node.get("/K", pikepdf.Array())
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]
