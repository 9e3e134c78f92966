"""An edited copy that came back, read as what it is: a file of a stranger. Nothing of it is stored, run or fetched.

What cannot be read safely is refused with a reason. Changes that a word processor tracks are read as accepted.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from django.utils.translation import gettext as _
from lxml import etree

from workflows.documents.forking import Bounds, Carried, ForkCrashed, ForkTimeout, in_fork
from workflows.documents.limits import LETTER_CHARACTERS
from workflows.documents.word import CONTENT_HASH, REFERENCE, TRANSLATION_HASH, VERSION
from workflows.documents.word_parts import CELLS, KEY, OTHER_KEY, Unit, plain

#: Bytes of the file, of all that is packed in it, and of one part of it that is read.
FILE_BYTES: Final = 20 * 2**20
_UNPACKED: Final = 200 * 2**20
_PART_BYTES: Final = 30 * 2**20
_ENTRIES: Final = 2_000
#: Paragraphs and rows; a letter of 400 pages has fewer.
UNITS: Final = 20_000
#: For the look at one copy.
BOUNDS: Final = Bounds(wall_seconds=30, cpu_seconds=20, memory_bytes=512 * 2**20)

_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_DOCUMENT: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_FORBIDDEN: Final = re.compile(
    r"vbaProject|vbaData|activeX|oleObject|/embeddings/|attachedToolbars|customUI", re.IGNORECASE
)
#: What may lead out of the file: an address in the text, which nobody follows here.
_LINKS: Final = "/hyperlink"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class CopyRefused(Exception):
    """The file is not read. Says why in the reader's language, and nothing of its content."""


@dataclass(frozen=True, slots=True)
class EditedCopy:
    """What stands in it, in its order, and what it says of itself; empty where it says nothing.

    `tracked`: changes that were tracked; `comments`, `notes`: remarks and footnotes, which are not compared.
    """

    units: tuple[Unit, ...]
    made_from: dict[str, str] = field(default_factory=dict)
    tracked: int = 0
    comments: int = 0
    notes: int = 0


def copy_read(data: bytes) -> EditedCopy:
    """Return an edited copy.

    Raises:
        CopyRefused: it is no DOCX, is encrypted or broken, has macros or embedded objects, leads elsewhere, or is too large.
    """
    _refuse_other_kinds(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = _Parts(package)
            return _read(parts)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise CopyRefused(_("The file is broken.")) from error
    except etree.XMLSyntaxError as error:
        raise CopyRefused(_("The file is broken.")) from error


def copy_read_apart(data: bytes) -> EditedCopy:
    """Return an edited copy, read in a process of its own with bounds: what is parsed takes many times its bytes.

    Raises:
        CopyRefused: as `copy_read`; also where reading takes more than is given.
    """

    def work() -> Carried:
        try:
            return asdict(copy_read(data)), b""
        except CopyRefused as refused:
            return {"wrong": str(refused)}, b""

    try:
        told, _nothing = in_fork(work, BOUNDS)
    except (ForkTimeout, ForkCrashed):
        raise CopyRefused(_("The file unpacks to more than a letter may be.")) from None
    if "wrong" in told:
        raise CopyRefused(told["wrong"])
    return EditedCopy(**told | {"units": tuple(Unit(**one | {"cells": tuple(one["cells"])}) for one in told["units"])})


def _refuse_other_kinds(data: bytes) -> None:
    if not data:
        raise CopyRefused(_("The file is empty."))
    if len(data) > FILE_BYTES:
        raise CopyRefused(_("The file is larger than a letter may be."))
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise CopyRefused(_("The file is encrypted: save it without a password."))
        raise CopyRefused(_("The file is of an older kind: save it as .docx."))
    if not data.startswith(b"PK\x03\x04"):
        raise CopyRefused(_("This is no Word file (.docx)."))


class _Parts:
    """The parts of a package, read within bounds and parsed without anything from outside."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        entries = package.infolist()
        self.names = {entry.filename for entry in entries}
        if len(entries) > _ENTRIES or sum(entry.file_size for entry in entries) > _UNPACKED:
            raise CopyRefused(_("The file unpacks to more than a letter may be."))
        if len(self.names) != len(entries):
            raise CopyRefused(_("The file is broken."))
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise CopyRefused(_("The file is encrypted: save it without a password."))

    def read(self, name: str) -> Any:
        """Return the root of a part, or None where there is none. What it unpacks to is counted, not believed."""
        if name not in self.names:
            return None
        with self._package.open(name) as source:
            data = source.read(_PART_BYTES + 1)
        if len(data) > _PART_BYTES:
            raise CopyRefused(_("The file unpacks to more than a letter may be."))
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        root = etree.fromstring(data, parser)
        if root.getroottree().docinfo.doctype:
            raise CopyRefused(_("The file defines entities of its own, as no word processor does."))
        return root


def _read(parts: _Parts) -> EditedCopy:
    types = parts.read("[Content_Types].xml")
    if types is None:
        raise CopyRefused(_("This is no Word file (.docx)."))
    _refuse_active(parts, types)
    main = next((str(one.get("PartName", "")).lstrip("/") for one in types if one.get("ContentType") == _DOCUMENT), "")
    root = parts.read(main) if main else None
    if root is None:
        raise CopyRefused(_("This is no Word file (.docx)."))
    space = etree.QName(root).namespace or ""
    if space not in (_WORD, _STRICT):
        raise CopyRefused(_("This is no Word file (.docx)."))
    reader = _Reader(space)
    units = tuple(reader.units(root))
    folder = main.rpartition("/")[0]
    return EditedCopy(
        units=units,
        made_from=_made_from(parts),
        tracked=reader.tracked(root),
        comments=_count(parts, f"{folder}/comments.xml", "comment"),
        # Two are the lines that separate notes from the text.
        notes=max(0, _count(parts, f"{folder}/footnotes.xml", "footnote") - 2)
        + max(0, _count(parts, f"{folder}/endnotes.xml", "endnote") - 2),
    )


def _refuse_active(parts: _Parts, types: Any) -> None:
    told = [str(one.get("ContentType", "")) for one in types]
    if any("macroEnabled" in one or "vba" in one.lower() for one in told):
        raise CopyRefused(_("The file has macros: save it as .docx without them."))
    for name in parts.names:
        if found := _FORBIDDEN.search(name):
            macros = found[0].lower().startswith("vba")
            raise CopyRefused(
                _("The file has macros: save it as .docx without them.")
                if macros
                else _("The file has objects of other programs in it: take them out.")
            )
    for name in sorted(parts.names):
        if name.endswith(".rels"):
            for relation in parts.read(name):
                kind = str(relation.get("Type", ""))
                if _FORBIDDEN.search(kind):
                    raise CopyRefused(_("The file has objects of other programs in it: take them out."))
                if str(relation.get("TargetMode", "")).lower() == "external" and not kind.endswith(_LINKS):
                    raise CopyRefused(
                        _("The file takes a part of itself from elsewhere (a template, a picture, another document).")
                    )


def _made_from(parts: _Parts) -> dict[str, str]:
    root = parts.read("docProps/custom.xml")
    said = {}
    for one in root if root is not None else []:
        if one.get("name") in (REFERENCE, VERSION, CONTENT_HASH, TRANSLATION_HASH):
            said[str(one.get("name"))] = plain("".join(one.itertext()))[:300]
    return said


def _count(parts: _Parts, name: str, tag: str) -> int:
    root = parts.read(name)
    return sum(etree.QName(one).localname == tag for one in root) if root is not None else 0


class _Reader:
    """Reads paragraphs and rows of WordprocessingML in the order in which they are printed."""

    def __init__(self, space: str) -> None:
        self._w = f"{{{space}}}"
        self._characters = self._units = 0

    def tracked(self, root: Any) -> int:
        return sum(1 for name in ("ins", "del", "moveFrom", "moveTo") for _one in root.iter(self._w + name))

    def units(self, root: Any) -> Iterator[Unit]:
        body = root.find(self._w + "body")
        yield from self._of(body if body is not None else [], "")

    def _of(self, holder: Any, pending: str) -> Iterator[Unit]:
        """Yield the units of a body. A bookmark between two paragraphs belongs to the later."""
        for child in holder:
            if not isinstance(child.tag, str):
                continue
            name = etree.QName(child).localname
            if name == "p":
                yield from self._paragraph(child, pending)
                pending = ""
            elif name == "tbl":
                rows = list(_own(child, self._w + "tr", self._w + "tbl"))
                # One row that still has its keys says what the table is.
                paired = any(self._is_pair(row) for row in rows)
                for row in rows:
                    yield from self._pair(row) if paired and len(self._cells(row)) == 2 else self._row(row)
            elif name == "bookmarkStart":
                pending = self._key(child) or pending
            elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"):
                yield from self._of(child, pending)

    def _paragraph(self, paragraph: Any, pending: str) -> Iterator[Unit]:
        text = self._counted("".join(self._text(paragraph)))
        if text:
            yield Unit(self._key_in(paragraph) or pending, text, _number(text))
        for box in _boxes(paragraph, self._w):
            yield from self._of(box, "")

    def _row(self, row: Any) -> Iterator[Unit]:
        if row.find(f"{self._w}trPr/{self._w}del") is not None:
            return
        cells = [
            plain(" ".join("".join(self._text(paragraph)) for paragraph in cell.iter(self._w + "p")))
            for cell in self._cells(row)
        ]
        text = self._counted(CELLS.join(cells))
        if text.replace("|", "").strip():
            key = self._key_in(row)
            yield Unit(key, text, 0, key.startswith(OTHER_KEY), tuple(cells) if len(cells) == 2 and not key else ())

    def _cells(self, row: Any) -> list[Any]:
        return list(_own(row, self._w + "tc", self._w + "tr"))

    def _is_pair(self, row: Any) -> bool:
        """Tell whether the row holds a paragraph and its translation, each with a key of its own."""
        cells = self._cells(row)
        return len(cells) == 2 and self._key_in(cells[1]).startswith(OTHER_KEY)

    def _pair(self, row: Any) -> Iterator[Unit]:
        """Yield what stands in the two columns, each paragraph by itself."""
        if row.find(f"{self._w}trPr/{self._w}del") is not None:
            return
        for cell, other in zip(self._cells(row), (False, True), strict=True):
            for unit in self._of(cell, ""):
                yield replace(unit, other=other)

    def _counted(self, text: str) -> str:
        made = plain(text)
        self._characters += len(made)
        self._units += 1
        if self._characters > 2 * LETTER_CHARACTERS or self._units > UNITS:
            raise CopyRefused(_("The file unpacks to more than a letter may be."))
        return made

    def _key_in(self, element: Any) -> str:
        return next((key for one in element.iter(self._w + "bookmarkStart") if (key := self._key(one))), "")

    def _key(self, bookmark: Any) -> str:
        name = str(bookmark.get(self._w + "name") or "")
        return name if re.fullmatch(rf"({KEY}|{OTHER_KEY})[0-9]{{1,6}}", name) else ""

    def _text(self, element: Any) -> Iterator[str]:
        """Yield the text of a paragraph as it is printed when tracked changes are accepted; text boxes come after it."""
        for child in element:
            if not isinstance(child.tag, str):
                continue
            name = etree.QName(child).localname
            if child.tag.startswith(self._w):
                if name == "t":
                    yield child.text or ""
                elif name in ("tab", "br", "cr", "ptab"):
                    yield " "
                elif name == "noBreakHyphen":
                    yield "\u2011"
                elif name == "sym":
                    yield "\ufffd"
                elif name not in ("del", "moveFrom", "pPr", "rPr", "instrText", "delText", "pict", "object", "drawing"):
                    yield from self._text(child)
            elif name == "Choice":
                yield from self._text(child)
            elif name == "t":
                # A formula has words too.
                yield child.text or ""
            elif name not in ("Fallback",):
                yield from self._text(child)


def _own(holder: Any, tag: str, around: str) -> Iterator[Any]:
    """Yield what a holder has of a tag, but not what another holder inside it has."""
    for one in holder.iter(tag):
        if next(one.iterancestors(around), None) is holder:
            yield one


def _boxes(paragraph: Any, space: str) -> Iterator[Any]:
    """Yield the text boxes of a paragraph, each once: not those inside another, nor what stands in for one."""
    for box in paragraph.iter(f"{space}txbxContent"):
        above = [one for one in box.iterancestors() if isinstance(one.tag, str)]
        between = {etree.QName(one).localname for one in above[: above.index(paragraph)]}
        if not between & {"txbxContent", "Fallback"}:
            yield box


def _number(text: str) -> int:
    found = re.match(r"([0-9]{1,5})\. ", text)
    return int(found[1]) if found else 0
