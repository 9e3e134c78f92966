"""The HTML of a letter as a tree, so that two letters of the same structure can be brought together.

Only for pages that our own templates made: they are well formed, and an angle bracket in them is never typed text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_PIECES: Final = re.compile(r"(<[^>]*>)")
_TAG: Final = re.compile(r"</?([a-z][a-z0-9]*)", re.IGNORECASE)
_VOID: Final = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_BLOCKS: Final = frozenset(
    {"caption", "colgroup", "div", "h1", "h2", "h3", "main", "p", "svg", "table", "tbody", "td", "th", "thead", "tr"}
)
_ATTRIBUTE: Final = re.compile(r'\s([a-z-]+)="([^"]*)"')


@dataclass(slots=True)
class Node:
    """An element; `start` is its start tag as it was written."""

    tag: str
    start: str
    children: list[Node | str] = field(default_factory=list)

    def attribute(self, name: str) -> str:
        """Return the value as it is written in the page, that is escaped; empty for none."""
        return next((value for key, value in _ATTRIBUTE.findall(self.start) if key == name), "")

    @property
    def classes(self) -> list[str]:
        return self.attribute("class").split()

    @property
    def elements(self) -> list[Node]:
        return [child for child in self.children if isinstance(child, Node)]

    @property
    def holds_blocks(self) -> bool:
        """Whether there are blocks directly in it, and nothing but white space between them."""
        return bool(self.elements) and all(
            child.tag in _BLOCKS if isinstance(child, Node) else not child.strip() for child in self.children
        )

    @property
    def has_blocks(self) -> bool:
        return any(child.tag in _BLOCKS for child in self.elements)

    def inner(self) -> str:
        return "".join(child if isinstance(child, str) else child.outer() for child in self.children)

    def outer(self) -> str:
        return (
            self.start if self.tag in _VOID or self.start.endswith("/>") else f"{self.start}{self.inner()}</{self.tag}>"
        )

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.elements:
            yield from child.walk()


def parsed(page: str) -> Node:
    """Return the tree of a page or a piece of one, below a root without a tag.

    Raises:
        ValueError: an element is not closed, or none is open: the page is not of our templates.
    """
    root = Node("", "")
    open_: list[Node] = [root]
    for piece in _PIECES.split(page):
        found = _TAG.match(piece) if piece.startswith("<") else None
        if found is None:
            if piece and not piece.startswith("<!"):
                open_[-1].children.append(piece)
            continue
        tag = found[1].lower()
        if piece.startswith("</"):
            if open_.pop().tag != tag or not open_:
                raise ValueError(f"the page closes <{tag}>, which is not open there")
            continue
        node = Node(tag, piece)
        open_[-1].children.append(node)
        if tag not in _VOID and not piece.endswith("/>"):
            open_.append(node)
    if len(open_) != 1:
        raise ValueError(f"the page does not close <{open_[-1].tag}>")
    return root
