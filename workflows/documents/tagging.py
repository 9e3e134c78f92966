"""The tags of a letter (its logical structure), put right on WeasyPrint's objects before they are written.

WeasyPrint tags every line of a paragraph as an element of its own: two thirds of all objects of a letter, and a pause
at the end of each line for who listens. Lines and boxes that say nothing are taken out, and what they hold belongs to
the paragraph, heading or cell around them. Running headers and footers become artifacts (ISO 14289-1, 7.8: a screen
reader must not read them between two halves of a sentence); header cells say what they head (7.5) and can be found by
their identifiers; figures say what they show (7.3); each side of a bilingual letter names its language (7.2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import pydyf

#: What says nothing of its own, and what may hold text itself (ISO 32000-1, 14.8.4.3).
_PLAIN: Final = frozenset(("/Span", "/NonStruct"))
_HOLDS_TEXT: Final = frozenset(
    ("/P", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/TH", "/TD", "/LBody", "/Lbl", "/Link", "/Caption")
)
_BARE: Final = frozenset(("Type", "S", "K", "Pg", "P"))
_PAGINATION: Final = b"<</Type /Pagination>>"


def tidy(pdf: Any, *, figure: str, languages: Mapping[str, str]) -> None:
    """Put the tags of `pdf` (a `pydyf.PDF` with all its objects) right.

    `figure` describes a drawing without a description. `languages`: of the elements of a kind, where they are not that
    of the whole file.
    """
    root = object_at(pdf, pdf.catalog["StructTreeRoot"])
    elements = list(_elements(pdf, root))
    reached = {element.number for element in elements}
    parents = parents_of(pdf)
    _margins_to_artifacts(pdf, parents, reached)
    for element in elements:
        kind = element["S"]
        if kind == "/Figure" and "Alt" not in element:
            element["Alt"] = pydyf.String(figure)
        elif kind == "/TH":
            _head(pdf, element)
        elif kind in languages:
            element["Lang"] = pydyf.String(languages[kind])
    gone = _merge_lines(pdf, parents, elements)
    kept = [element for element in elements if element.number not in gone]
    _index_identifiers(pdf, root, kept)
    strays = {
        one.number
        for one in pdf.objects
        if isinstance(one, pydyf.Dictionary) and one.get("Type") == "/StructElem" and one.number not in reached
    }
    _close_gaps(pdf, gone | strays)


def object_at(pdf: Any, reference: bytes) -> Any:
    """Return the object of `pdf` that `reference` (as in ``b"12 0 R"``) names."""
    return pdf.objects[_number(reference)]


def _number(reference: bytes) -> int:
    return int(reference.split(b" ", 1)[0])


def _elements(pdf: Any, root: Any) -> Iterator[Any]:
    """Yield every structure element that the tree holds, parents before what they hold."""
    waiting = list(root["K"])
    while waiting:
        kid = waiting.pop()
        if isinstance(kid, bytes):
            node = object_at(pdf, kid)
            if node["Type"] == "/StructElem":
                yield node
                waiting.extend(node["K"])


def _pages(pdf: Any) -> list[Any]:
    return [object_at(pdf, reference) for reference in pdf.page_references]


def parents_of(pdf: Any) -> dict[int, Any]:
    """Return the index of parents: of a page a list by the numbers of its content, of an annotation a reference."""
    root = object_at(pdf, pdf.catalog["StructTreeRoot"])
    numbers = object_at(pdf, root["ParentTree"])["Nums"]
    return dict(zip(numbers[::2], numbers[1::2], strict=True))


def _margins_to_artifacts(pdf: Any, parents: Mapping[int, Any], reached: Collection[int]) -> None:
    """Turn marked content whose element hangs on no tree, so is not among `reached`, into pagination artifacts."""
    for page in _pages(pdf):
        entries = parents[page["StructParents"]]
        stray = {index for index, reference in enumerate(entries) if _number(reference) not in reached}
        if not stray:
            continue
        stream = object_at(pdf, page["Contents"]).stream
        for at, item in enumerate(stream):
            if isinstance(item, pydyf.Dictionary) and item.get("MCID") in stray:
                stream[at - 1 : at + 1] = [b"/Artifact", _PAGINATION]
        for index in stray:
            entries[index] = b"null"


def _head(pdf: Any, cell: Any) -> None:
    """Give a header cell its scope."""
    group = object_at(pdf, object_at(pdf, cell["P"])["P"])
    attributes = cell.setdefault("A", pydyf.Dictionary({"O": "/Table"}))
    attributes["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"


def _merge_lines(pdf: Any, parents: Mapping[int, Any], elements: Iterable[Any]) -> set[int]:
    """Let paragraphs, headings and cells hold their lines themselves; return the numbers of what is no longer needed."""
    plain = {one.number: one for one in elements if one["S"] in _PLAIN and one.keys() <= _BARE}
    heirs: dict[int, Any] = {}
    for element in elements:
        if element["S"] in _HOLDS_TEXT:
            element["K"] = pydyf.Array(_taken(pdf, element, element, plain, heirs))
    for entries in parents.values():
        if isinstance(entries, list):
            for index, reference in enumerate(entries):
                if reference != b"null" and (heir := heirs.get(_number(reference))):
                    entries[index] = heir.reference
    return set(heirs)


def _taken(pdf: Any, holder: Any, element: Any, plain: Mapping[int, Any], heirs: dict[int, Any]) -> Iterator[Any]:
    """Yield what `holder` holds when what says nothing is gone: numbers of content, and references to elements."""
    for kid in element["K"]:
        if not isinstance(kid, bytes):
            yield kid if element["Pg"] == holder["Pg"] else _on_page(element["Pg"], kid)
        elif (number := _number(kid)) in plain:
            heirs[number] = holder
            yield from _taken(pdf, holder, plain[number], plain, heirs)
        else:
            node = object_at(pdf, kid)
            if node["Type"] == "/StructElem":
                node["P"] = holder.reference
            yield kid


def _on_page(page: bytes, content: int) -> Any:
    return pydyf.Dictionary({"Type": "/MCR", "Pg": page, "MCID": content})


def _index_identifiers(pdf: Any, root: Any, elements: Iterable[Any]) -> None:
    """Give the tree an index of the identifiers that cells name as their headers."""
    found = sorted((one["ID"].data, one["ID"], one.reference) for one in elements if "ID" in one)
    if not found:
        return
    leaf = pydyf.Dictionary(
        {
            "Names": pydyf.Array([part for _data, name, reference in found for part in (name, reference)]),
            "Limits": pydyf.Array([found[0][1], found[-1][1]]),
        }
    )
    pdf.add_object(leaf)
    index = pydyf.Dictionary({"Kids": pydyf.Array([leaf.reference])})
    pdf.add_object(index)
    root["IDTree"] = index.reference


def _close_gaps(pdf: Any, gone: Collection[int]) -> None:
    """Take the objects `gone` out and number those after them anew: whoever reads the file reads an entry for each number."""
    if not gone:
        return
    first = min(gone)
    moved: dict[bytes, bytes] = {}
    kept = pdf.objects[:first]
    for one in pdf.objects[first:]:
        if one.number not in gone:
            before, one.number = one.reference, len(kept)
            moved[before] = one.reference
            kept.append(one)
    pdf.objects = kept
    for one in kept:
        _renumber(one.extra if isinstance(one, pydyf.Stream) else one, moved)


def _renumber(value: Any, moved: Mapping[bytes, bytes]) -> None:
    if isinstance(value, dict):
        for key, held in value.items():
            if isinstance(held, bytes):
                value[key] = moved.get(held, held)
            else:
                _renumber(held, moved)
    elif isinstance(value, list):
        for index, held in enumerate(value):
            if isinstance(held, bytes):
                value[index] = moved.get(held, held)
            else:
                _renumber(held, moved)
