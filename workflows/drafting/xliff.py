"""XLIFF 2.0 for agencies outside the house, out and in; and TMX 1.4 out. Pure: text in, text out, nothing is stored.

Written here and not taken from a library: translate-toolkit, the one that is well kept, is under the GPL and reads far
more than these two documents. Read with lxml, whose parser is told to load nothing, expand nothing and refuse what is
huge; a file with a document type is refused as a whole, so that no entity of it is ever looked at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.utils.translation import gettext as _
from lxml import etree

from mla.core.errors import MlaError

NAMESPACE: Final = "urn:oasis:names:tc:xliff:document:2.0"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_Q: Final = f"{{{NAMESPACE}}}"
#: Bytes. Every text of the longest letter, twice, with room for what an agency's programs add.
LARGEST: Final = 8 * 1024 * 1024
#: Problems of one file that are told; the rest is counted.
MOST_TOLD: Final = 50

_STATE = {"new": "initial", "draft": "translated", "review": "initial", "done": "final"}


class XliffWrong(MlaError):
    """The file cannot be brought in; `problems` says what and at which text. Nothing was done."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(one) for one in problems[:MOST_TOLD]))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and at which text of the letter; `path` is empty for the file as a whole."""

    code: str
    message: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class UnitLike(Protocol):
    position: int
    path: str
    source: str
    target: str
    status: Any
    number: int


@dataclass(frozen=True, slots=True)
class Head:
    """Which translation a file belongs to: its identity, the content hash of its source, its two languages."""

    translation: str
    source_hash: str
    source_language: str
    target_language: str


@dataclass(frozen=True, slots=True)
class Found:
    """One text of a file. `number`: how often it had been saved here when the file went out, None where it is not told."""

    path: str
    target: str
    number: int | None


def xliff_of(head: Head, units: Iterable[UnitLike], notes: Mapping[str, str] = {}) -> bytes:
    """Return a translation as XLIFF 2.0. `notes`: what an agency is told of a text, by its path."""
    root = etree.Element(f"{_Q}xliff", nsmap={None: NAMESPACE}, version="2.0")
    root.set("srcLang", head.source_language)
    root.set("trgLang", head.target_language)
    file = etree.SubElement(root, f"{_Q}file", id="letter", original=f"urn:uuid:{head.translation}")
    _notes(file, {"mla-source-hash": head.source_hash})
    for unit in units:
        entry = etree.SubElement(file, f"{_Q}unit", id=f"u{unit.position}", name=unit.path)
        told = {"mla-number": str(unit.number)}
        if unit.path in notes:
            told["hint"] = notes[unit.path]
        _notes(entry, told)
        segment = etree.SubElement(entry, f"{_Q}segment", state=_STATE[str(unit.status)])
        _text(segment, "source", unit.source)
        if unit.target:
            _text(segment, "target", unit.target)
    return _bytes(root)


def _notes(parent: Any, told: Mapping[str, str]) -> None:
    notes = etree.SubElement(parent, f"{_Q}notes")
    for category, text in told.items():
        etree.SubElement(notes, f"{_Q}note", category=category).text = text


def _text(parent: Any, name: str, text: str) -> None:
    element = etree.SubElement(parent, f"{_Q}{name}")
    element.set(f"{_XML}space", "preserve")
    element.text = text


def _bytes(root: Any) -> bytes:
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=False)
    return written


def xliff_read(data: bytes, head: Head, units: Iterable[UnitLike]) -> list[Found]:
    """Return the texts of a file that have a target, in its order.

    Raises:
        XliffWrong: no XLIFF 2.0, of another translation, version or language, a text that the letter does not have or
            has twice, a source that is not the letter's, codes inside a text. All that is wrong is told at once.
    """
    root = _root(data)
    problems: list[Problem] = []
    file = _file_of(root, head, problems)
    if problems:
        raise XliffWrong(problems)
    known = {unit.path: unit for unit in units}
    found: dict[str, Found] = {}
    for entry in file.iter(f"{_Q}unit"):
        path = entry.get("name") or entry.get("id") or "?"
        unit = known.get(path)
        if unit is None:
            problems.append(Problem("unknown_text", _("the letter has no such text"), path[:200]))
        elif path in found:
            problems.append(Problem("twice", _("stands twice in the file"), path))
        else:
            one = _unit(entry, unit, problems)
            if one is not None:
                found[path] = one
    if problems:
        raise XliffWrong(problems)
    return [one for one in found.values() if one.target]


def _root(data: bytes) -> Any:
    if len(data) > LARGEST:
        message = _("the file is larger than %(limit)s MB") % {"limit": LARGEST // (1024 * 1024)}
        raise XliffWrong([Problem("too_large", message)])
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        message = _("this is no XML that can be read: %(why)s") % {"why": str(error)[:200]}
        raise XliffWrong([Problem("no_xml", message)]) from error
    if root.getroottree().docinfo.doctype:
        raise XliffWrong([Problem("document_type", _("a file with a document type is not taken"))])
    if root.tag != f"{_Q}xliff":
        raise XliffWrong([Problem("no_xliff", _("this is no XLIFF 2.0; take the file that was given out here"))])
    return root


def _file_of(root: Any, head: Head, problems: list[Problem]) -> Any:
    files = root.findall(f"{_Q}file")
    if len(files) != 1:
        problems.append(Problem("no_file", _("the file must hold one letter, and holds %(n)s") % {"n": len(files)}))
        return None
    file = files[0]
    if file.get("original") != f"urn:uuid:{head.translation}":
        problems.append(Problem("another_translation", _("the file belongs to another translation")))
    elif (_note(file, "mla-source-hash") or "") != head.source_hash:
        problems.append(Problem("another_version", _("the file was made from another version of the letter")))
    if (root.get("trgLang") or head.target_language).lower() != head.target_language.lower():
        message = _("the file is in “%(code)s”") % {"code": root.get("trgLang")[:35]}
        problems.append(Problem("another_language", message))
    return file


def _note(element: Any, category: str) -> str | None:
    for note in element.findall(f"{_Q}notes/{_Q}note"):
        if note.get("category") == category:
            return note.text or ""
    return None


def _unit(entry: Any, unit: UnitLike, problems: list[Problem]) -> Found | None:
    source: list[str] = []
    target: list[str] = []
    translated = False
    # An agency's program may have cut a text into sentences; what stands between them is "ignorable".
    for part in entry:
        if part.tag not in (f"{_Q}segment", f"{_Q}ignorable"):
            continue
        one, other = part.find(f"{_Q}source"), part.find(f"{_Q}target")
        if any(_has_codes(element) for element in (one, other)):
            problems.append(Problem("codes", _("holds codes inside the text; it is plain text here"), unit.path))
            return None
        source.append("".join(one.itertext()) if one is not None else "")
        if other is not None:
            translated = translated or part.tag == f"{_Q}segment"
            target.append("".join(other.itertext()))
        elif part.tag == f"{_Q}ignorable":
            target.append(source[-1])
        elif translated or len(entry.findall(f"{_Q}segment")) > 1:
            target.append("")
    if "".join(source) != unit.source:
        problems.append(Problem("source_changed", _("its source is not the letter's"), unit.path))
        return None
    segments = entry.findall(f"{_Q}segment")
    done = [one.find(f"{_Q}target") is not None for one in segments]
    if any(done) and not all(done):
        problems.append(Problem("partly", _("only a part of it is translated"), unit.path))
        return None
    number = _note(entry, "mla-number") or ""
    told = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    return Found(unit.path, "".join(target) if translated else "", told)


def _has_codes(element: Any) -> bool:
    """Tell whether a text holds more than words and the marks of a reader, which say nothing."""
    marks = {f"{_Q}mrk", f"{_Q}sm", f"{_Q}em"}
    return element is not None and any(child.tag not in marks for child in element.iterdescendants())


def tmx_of(head: Head, units: Iterable[UnitLike], at: dt.datetime) -> bytes:
    """Return what is done as a translation memory (TMX 1.4), for the programs of translators."""
    root = etree.Element("tmx", version="1.4")
    etree.SubElement(
        root, "header", creationtool="MLA", creationtoolversion="1", segtype="block", adminlang="en", datatype="plaintext",
        srclang=head.source_language, creationdate=at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ"),
        **{"o-tmf": "MLA"},
    )  # fmt: skip
    body = etree.SubElement(root, "body")
    for unit in units:
        entry = etree.SubElement(body, "tu", tuid=str(unit.position))
        for language, text in _pair(head, unit):
            variant = etree.SubElement(entry, "tuv")
            variant.set(f"{_XML}lang", language)
            etree.SubElement(variant, "seg").text = text
    return _bytes(root)


def _pair(head: Head, unit: UnitLike) -> Iterator[tuple[str, str]]:
    yield head.source_language, unit.source
    yield head.target_language, unit.target
