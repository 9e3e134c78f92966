"""The working copy of a letter: a DOCX for States that edit a letter before it is signed. Never sent by the system.

Made from the same page as the PDF. It names the version that it was made from, says on every page that no hash protects
it, and carries keys by which an edited copy is compared with the approved text (`comparing.py`).
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import docx
from django.utils.translation import gettext as _
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from workflows.documents.preview import cover_now, page_of
from workflows.documents.services import letter_of
from workflows.documents.values import Cover
from workflows.documents.word_look import attribute, element, restyle, runs_xml, style_id, widths
from workflows.documents.word_parts import Break, Cell, Piece, Run, Table, TableRow, Text, WordParts, word_parts
from workflows.documents.wording import document_language
from workflows.drafting.freezing import content_now
from workflows.drafting.models import LetterVersion
from workflows.lifecycle.models import OutgoingRequest

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Names of the properties that say what a copy was made from.
REFERENCE, VERSION, CONTENT_HASH = "mla-reference", "mla-version", "mla-content-sha256"
_PROPERTIES: Final = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
#: In a ZIP file no date is earlier; the same version gives the same bytes.
_DATED: Final = (1980, 1, 1, 0, 0, 0)
_DISTANCE: Final = '<w:p><w:pPr><w:spacing w:after="0" w:line="160" w:lineRule="exact"/></w:pPr></w:p>'
_PADDING: Final = '<w:tblCellMar><w:left w:w="30" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """The version of a letter: its reference, number and content hash."""

    reference: str
    version: int
    content_hash: str


def working_parts(outgoing: OutgoingRequest, version: LetterVersion) -> WordParts:
    """Return the parts of the letter as the working copy has them: with room for a signature, without the PDF's own.

    Raises:
        LetterFileWrong: the content is no letter.
    """
    return word_parts(_page(outgoing, version)[0])


def working_copy(outgoing: OutgoingRequest, version: LetterVersion) -> bytes:
    """Return the DOCX of a frozen version. For whoever may read the version; the same version gives the same bytes.

    Raises:
        LetterFileWrong: the content is no letter.
        ValueError: the version is not frozen: nothing says what a copy of it was made from.
    """
    if not version.content_hash:
        raise ValueError("a version that is not frozen has no working copy")
    page, dated, cover = _page(outgoing, version)
    made_from = MadeFrom(cover.own_reference, version.number, version.content_hash)
    return word_file(word_parts(page), made_from, dated)


def _page(outgoing: OutgoingRequest, version: LetterVersion) -> tuple[str, dt.date, Cover]:
    content = content_now(version)
    cover = replace(cover_now(outgoing, version, content), by_certificate=False, check_url="")
    return page_of(content, cover), letter_of(content).date, cover


def source_lines(language: str, made_from: MadeFrom) -> list[Text]:
    """Return what the copy says of itself above the letter: a warning first, then what it was made from."""
    with document_language(language):
        return [
            Text("framed", (Run(_("Working copy, no hash protection"), bold=True),)),
            Text("framed", (Run(f"{_('Our reference')}\u00a0 {made_from.reference}"),)),
            Text("framed", (Run(_("Version %(number)s") % {"number": made_from.version}),)),
            Text(
                "framed",
                (
                    Run(f"{_('Content SHA-256')}\u00a0 "),
                    Run(made_from.content_hash, fixed=True, direction="ltr"),
                ),
            ),
        ]


def word_file(parts: WordParts, made_from: MadeFrom, dated: dt.date) -> bytes:
    """Return the parts as DOCX. `dated`: the date of the letter, which stands in the metadata. Pure."""
    document = docx.Document()
    restyle(document.styles.element, language=parts.language, direction=parts.direction, han=parts.han)
    made = source_lines(parts.language, made_from)
    warning = made[0].runs[0].text
    writer = _Writer(parts)
    body = document.element.body
    section_settings = body.sectPr
    for child in list(body):
        if child is not section_settings:
            body.remove(child)
    written = writer.pieces(made) + writer.pieces(parts.pieces)
    for child in parse_xml(f"<w:body {nsdecls('w')}>{written}</w:body>"):
        section_settings.addprevious(child)
    _page_frame(document, parts, warning, writer)
    _metadata(document, parts, made_from, dated)
    return _same_bytes(document)


class _Writer:
    """Writes pieces as WordprocessingML; counts the bookmarks."""

    def __init__(self, parts: WordParts) -> None:
        self.direction, self.han = parts.direction, parts.han
        self._bookmarks = 0
        self._break = False

    def pieces(self, pieces: Sequence[Piece]) -> str:
        """Return pieces that belong together; after the last paragraph of a frame there is some distance."""
        made = []
        for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
            made.append(self._piece(piece))
            if _framed(piece) and not _framed(after):
                made.append(_DISTANCE)
        return "".join(made)

    def _piece(self, piece: Piece) -> str:
        if isinstance(piece, Break):
            self._break = True
            return ""
        return self.text(piece) if isinstance(piece, Text) else self._table(piece)

    def text(self, text: Text, *, key: str = "", heads: bool = False) -> str:
        runs = text.runs
        if text.number and runs:
            # The number hangs in the margin; what it is followed by stands where the others' text does.
            runs = (replace(runs[0], text=runs[0].text.replace(" ", "\t", 1)), *runs[1:])
        inside = runs_xml(runs, direction=self.direction, han=self.han, bold=heads)
        key = key or text.key
        breaks, self._break = "<w:pageBreakBefore/>" if self._break else "", False
        return (
            f'<w:p><w:pPr><w:pStyle w:val="{style_id(text.style)}"/>{breaks}</w:pPr>'
            f"{self._bookmarked(key, inside) if key else inside}</w:p>"
        )

    def _bookmarked(self, key: str, inside: str) -> str:
        self._bookmarks += 1
        start = f'<w:bookmarkStart w:id="{self._bookmarks}" w:name="{key}"/>'
        return f'{start}{inside}<w:bookmarkEnd w:id="{self._bookmarks}"/>'

    def _table(self, table: Table) -> str:
        count = max((sum(cell.span for cell in row.cells) for row in table.rows), default=0)
        if not count:
            return ""
        wide = widths(table.kind, table.columns, count)
        mirrored = "<w:bidiVisual/>" if self.direction == "rtl" else ""
        line = '<w:{} w:val="single" w:sz="4" w:space="0" w:color="888888"/>'.format
        lines = "" if table.kind == "references" else line("bottom") + line("insideH")
        look = f'<w:tblLook w:firstRow="{int(table.rows[0].heads)}" w:firstColumn="1" w:noHBand="1" w:noVBand="1"/>'
        return (
            f'<w:tbl><w:tblPr>{mirrored}<w:tblW w:w="{sum(wide)}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'
            f'<w:tblLayout w:type="fixed"/>{_PADDING}{look}</w:tblPr>'
            f"<w:tblGrid>{''.join(f'<w:gridCol w:w={chr(34)}{width}{chr(34)}/>' for width in wide)}</w:tblGrid>"
            f"{''.join(self._row(row, wide) for row in table.rows)}</w:tbl>" + _DISTANCE
            # Two tables in a row would be one; what follows keeps its distance.
        )

    def _row(self, row: TableRow, wide: list[int]) -> str:
        cells, at = [], 0
        for index, cell in enumerate(row.cells):
            cells.append(self._cell(cell, sum(wide[at : at + cell.span]), row, row.key if index == 0 else ""))
            at += cell.span
        head = "<w:tblHeader/>" if row.heads else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(cells)}</w:tr>"

    def _cell(self, cell: Cell, width: int, row: TableRow, key: str) -> str:
        span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
        texts = cell.texts or (Text("cell", ()),)
        written = [self.text(text, key="" if index else key, heads=row.heads) for index, text in enumerate(texts)]
        return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}</w:tcPr>{"".join(written)}</w:tc>'


def _framed(piece: Piece | None) -> bool:
    return isinstance(piece, Text) and piece.style == "framed"


def _page_frame(document: Any, parts: WordParts, warning: str, writer: _Writer) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(26),
        Mm(29),
        Mm(27),
        Mm(25),
    )
    section.header_distance, section.footer_distance = Mm(10), Mm(12)
    if parts.direction == "rtl":
        section._sectPr.append(element("w:bidi"))
    head = [parts.head] if parts.head else []
    head.append((Run(warning, bold=True),))
    centred = '<w:jc w:val="center"/>'
    _fill(section.header, "".join(_line(runs, centred, "Header", parts) for runs in head))
    ends = f'<w:tabs><w:tab w:val="right" w:pos="{sum(widths("", (), 1))}"/></w:tabs>'
    lines = [_line((*start, Run("\t"), *end), ends, "Footer", parts) for start, end in parts.foot]
    _fill(section.footer, "".join(lines))


def _line(runs: tuple[Run, ...], look: str, style: str, parts: WordParts) -> str:
    inside = runs_xml(runs, direction=parts.direction, han=parts.han)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{look}</w:pPr>{inside}</w:p>'


def _fill(frame: Any, written: str) -> None:
    frame.is_linked_to_previous = False
    holder = frame._element
    for child in list(holder):
        holder.remove(child)
    for child in parse_xml(f"<w:body {nsdecls('w')}>{written or '<w:p/>'}</w:body>"):
        holder.append(child)


def _metadata(document: Any, parts: WordParts, made_from: MadeFrom, dated: dt.date) -> None:
    moment = dt.datetime.combine(dated, dt.time())
    core = document.core_properties
    core.title, core.language, core.author, core.comments = parts.title[:255], parts.language, "", ""
    core.last_modified_by, core.created, core.modified, core.revision = "", moment, moment, 1
    values = (
        (REFERENCE, made_from.reference),
        (VERSION, str(made_from.version)),
        (CONTENT_HASH, made_from.content_hash),
    )
    told = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{number}" name="{name}">'
        f"<vt:lpwstr>{attribute(value)[1:-1]}</vt:lpwstr></property>"
        for number, (name, value) in enumerate(values, start=2)
    )
    blob = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        f'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">{told}</Properties>'
    )
    package = document.part.package
    part = Part(PackURI("/docProps/custom.xml"), _PROPERTIES, blob.encode(), package)
    package.relate_to(part, _RELATED)
    for key in [key for key, one in package.rels.items() if one.reltype.endswith("/thumbnail")]:
        # A picture of the template's, not of the letter.
        del package.rels[key]
    settings = document.settings.element
    for old in settings.findall(qn("w:themeFontLang")):
        settings.remove(old)


def _same_bytes(document: Any) -> bytes:
    """Return the file with its parts in a fixed order and without the moment of writing."""
    written, out = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        # Word reads the list of types first.
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            target.writestr(zipfile.ZipInfo(name, _DATED), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
