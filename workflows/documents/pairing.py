"""Two letters of the same structure brought together: paragraphs side by side, tables and forms with both texts in a cell.

What is the same in both, such as a reference or a signatory, stands once. What differs stands in an <article> (the
original) and a <section> (the translation), which no template of a letter uses: the finished file finds its languages by
these two tags.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mla.core.errors import MlaError
from workflows.documents.markup import Node, parsed

_BDI: Final = re.compile(r"</?bdi[^>]*>")
_SPACE: Final = re.compile(r"\s+")
#: Blocks of the letter that stand over both columns.
_WHOLE: Final = frozenset({"letterhead", "opening", "signature", "integrity", "certificate"})
#: Characters of the page, about a dozen lines of a column.
_SHORT: Final = 700
_HEADINGS: Final = frozenset({"h1", "h2", "h3"})


class LettersDiffer(MlaError):
    """Original and translation have not the same paragraphs. `number` and `path` say at which one it begins.

    `number` is that of the paragraph, of the one before for a table or heading, 0 before the first. `path` is the answer
    that is printed there, empty where there is none.
    """

    def __init__(self, number: int, path: str, message: str) -> None:
        self.number, self.path = number, path
        at = f"paragraph {number}" if number else "the opening"
        super().__init__(f"{at} ({path}): {message}" if path else f"{at}: {message}")


@dataclass(frozen=True, slots=True)
class Column:
    """One of the two letters as a page: its tree, language, direction, and form of Han characters."""

    root: Node
    language: str
    direction: str
    han: str

    @property
    def title(self) -> str:
        return next(node.inner() for node in self.root.walk() if node.tag == "title")

    def element(self, tag: str, inner: str) -> str:
        """Return `inner` in an element of this language."""
        return f'<{tag} lang="{self.language}" dir="{self.direction}" class="{self.han}">{inner}</{tag}>'


def column(page: str) -> Column:
    """Return the page of a letter (letters.letter_html) as a column."""
    root = parsed(page)
    top = next(node for node in root.elements if node.tag == "html")
    return Column(root, top.attribute("lang"), top.attribute("dir"), top.attribute("class"))


def both(source: Column, translation: Column, one: Node, other: Node) -> str:
    """Return two elements of the same kind as one, each text that differs in both languages.

    Raises:
        ValueError: they have not the same parts.
    """
    if _same(one, other):
        return one.outer()
    if one.tag != other.tag:
        raise ValueError("another element")
    if one.tag in _HEADINGS:
        return f"<div>{_sides(source, translation, one.outer(), _bare(other))}</div>"
    kinds = (
        [(part.tag, [name for name in part.classes if name != "long"]) for part in node.elements]
        for node in (one, other)
    )
    if one.holds_blocks and other.holds_blocks and len({tuple(map(str, each)) for each in kinds}) == 1:
        parts = zip(one.elements, other.elements, strict=True)
        inner = "\n".join(both(source, translation, left, right) for left, right in parts)
        return f"{one.start}{inner}</{one.tag}>"
    if one.tag in ("table", "thead", "tbody", "tr"):
        raise ValueError("a table with other rows")
    texts = [node.inner() if node.has_blocks else f"<p>{node.inner()}</p>" for node in (one, other)]
    if one.tag in ("td", "th", "caption", "div"):
        return f"{one.start}{_sides(source, translation, *texts)}</{one.tag}>"
    # A paragraph cannot hold two: what it looks like goes to the element around them.
    return f"{one.start.replace('<' + one.tag, '<div', 1)}{_sides(source, translation, *texts)}</div>"


def both_in_line(source: Column, translation: Column, one: Node, other: Node) -> str:
    """Return two elements of the same kind as one for a line of its own: words that differ after each other, values once."""
    if _same(one, other):
        return one.outer()
    texts = [[child.strip() for child in node.children if isinstance(child, str)] for node in (one, other)]
    tags = [[child.tag for child in node.elements] for node in (one, other)]
    if one.elements and texts[0] == texts[1] and tags[0] == tags[1]:
        others = iter(other.elements)
        inner = "".join(
            child if isinstance(child, str) else both_in_line(source, translation, child, next(others))
            for child in one.children
        )
    else:
        inner = _sides(source, translation, one.inner().strip(), other.inner().strip())
    return f"{one.start}{inner}</{one.tag}>"


def paired(source: Column, translation: Column) -> str:
    """Return the content of both letters in the order of the original.

    Raises:
        LettersDiffer: one has a paragraph, heading or row that the other has not.
    """
    ours, theirs = list(_blocks(source)), list(_blocks(translation))
    # Counted before the anchors of the translation are taken away.
    places = _paths(ours), _paths(theirs)
    number, made = 0, []
    for index, one in enumerate(ours):
        other = theirs[index] if index < len(theirs) else None
        number = int(_number(one)) if _number(one) else number
        if other is None or _kind(one) != _kind(other):
            raise _difference(ours, places, index, number)
        if one.tag == "p" or one.tag in _HEADINGS or "urgent" in one.classes:
            made.append(
                f'<div class="{_looks(one, other)}">{_sides(source, translation, one.outer(), _bare(other))}</div>'
            )
            continue
        try:
            made.append(both(source, translation, one, other))
        except ValueError:
            raise LettersDiffer(
                number, "", "the table or form after it has other rows in the translation than in the original"
            ) from None
    if len(theirs) > len(ours):
        raise _difference(ours, places, len(ours), number)
    return "\n".join(made)


def running(source: Column, identifier: str) -> Node:
    """Return what stands in the margin of every page."""
    return next(node for node in source.root.walk() if node.attribute("id") == identifier)


def _blocks(side: Column) -> Iterator[Node]:
    main = next(node for node in side.root.walk() if node.tag == "main")
    for node in main.elements:
        if node.tag == "div" and not (_WHOLE | {"urgent"}) & set(node.classes):
            yield from node.elements
        else:
            yield node


def _looks(one: Node, other: Node) -> str:
    """Return how a pair breaks over pages: a heading keeps with what follows, a short pair stays whole."""
    heading = " heading" if one.tag in _HEADINGS or {"kind", "meta"} & set(one.classes) else ""
    return f"pair{heading}" + (" short" if max(len(_plain(one)), len(_plain(other))) < _SHORT else "")


def _sides(source: Column, translation: Column, one: str, other: str) -> str:
    return source.element("article", one) + translation.element("section", other)


def _bare(node: Node) -> str:
    """Return an element of the translation without identifiers: those of the original are the anchors."""
    for part in node.walk():
        part.start = re.sub(r' (id|data-question)="[^"]*"', "", part.start)
    return node.outer()


def _same(one: Node, other: Node) -> bool:
    return _plain(one) == _plain(other)


def _plain(node: Node) -> str:
    return _SPACE.sub(" ", _BDI.sub("", node.outer())).strip()


def _number(node: Node) -> str:
    return node.attribute("id").removeprefix("p") if "para" in node.classes else ""


def _kind(node: Node) -> tuple[object, ...]:
    anchor = node.attribute("id") if node.tag == "h2" or "para" in node.classes else ""
    return node.tag, tuple(node.classes), anchor, node.attribute("data-question")


def _difference(ours: list[Node], places: tuple[list[str], list[str]], index: int, number: int) -> LettersDiffer:
    """Return what differs: the first path that one side prints more often, or else the block itself."""
    mine, other = (Counter(each) for each in places)
    nearest = _paths(ours[max(0, index - 1) :])
    for path in [*nearest, *places[0], *places[1]]:
        if mine[path] != other[path]:
            first = next((_number(node) for node in ours if node.attribute("data-question") == path), "")
            return LettersDiffer(
                int(first or number),
                html.unescape(path),
                f"the original has {mine[path]} paragraphs there, the translation {other[path]}",
            )
    return LettersDiffer(number, "", "the original goes on there in another way than the translation")


def _paths(nodes: Iterable[Node]) -> list[str]:
    return [path for node in nodes if (path := node.attribute("data-question"))]
