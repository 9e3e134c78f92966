"""The working copy of a letter: a DOCX for States that edit a letter before it is signed. Never sent by the system.

Made from the same page as the PDF. It names the version that it was made from, says on every page that no hash protects
it, and carries keys by which an edited copy is compared with the approved text (`comparing.py`).
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import docx
from django.utils.translation import gettext as _
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from workflows.documents.formats import language_name
from workflows.documents.preview import cover_now, page_of
from workflows.documents.services import letter_of
from workflows.documents.word_beside import Beside, Pair, TablePair, beside
from workflows.documents.word_look import attribute, element, restyle, runs_xml, style_id, tongue_xml, widths
from workflows.documents.word_parts import (
    OTHER_KEY,
    Break,
    Cell,
    Piece,
    Run,
    Table,
    TableRow,
    Text,
    WordParts,
    word_parts,
)
from workflows.documents.wording import document_language
from workflows.drafting.freezing import content_now
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import Translation
from workflows.lifecycle.models import OutgoingRequest

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Names of the properties that say what a copy was made from.
REFERENCE, VERSION, CONTENT_HASH = "mla-reference", "mla-version", "mla-content-sha256"
TRANSLATION_HASH = "mla-translation-sha256"
_PROPERTIES: Final = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
#: In a ZIP file no date is earlier; the same version gives the same bytes.
_DATED: Final = (1980, 1, 1, 0, 0, 0)
_DISTANCE: Final = '<w:p><w:pPr><w:spacing w:after="0" w:line="160" w:lineRule="exact"/></w:pPr></w:p>'
_PADDING: Final = '<w:tblCellMar><w:left w:w="30" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'

#: Around the columns of two languages.
_PAIR_PADDING: Final = '<w:tblCellMar><w:left w:w="90" w:type="dxa"/><w:right w:w="90" w:type="dxa"/></w:tblCellMar>'


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """The version of a letter: its reference, number and content hash, and that of the translation beside it."""

    reference: str
    version: int
    content_hash: str
    translation_hash: str = ""


def working_parts(outgoing: OutgoingRequest, version: LetterVersion) -> WordParts:
    """Return the parts of the letter as the working copy has them: with room for a signature, without the PDF's own.

    Raises:
        LetterFileWrong: the content is no letter.
    """
    return _parts(outgoing, version, content_now(version))


def translation_parts(outgoing: OutgoingRequest, translation: Translation) -> WordParts:
    """Return the parts of a certified translation, under the cover of its source. Raises as `working_parts`."""
    return _parts(outgoing, translation.source, translation.certified_content or {})


def working_copy(outgoing: OutgoingRequest, version: LetterVersion, translation: Translation | None = None) -> bytes:
    """Return the DOCX of a frozen version, beside it a certified translation where one is named.

    For whoever may read both; the same version and translation give the same bytes.

    Raises:
        LetterFileWrong: the content is no letter.
        LettersDiffer: the translation has other paragraphs.
        ValueError: the version is not frozen, or the translation not certified: nothing says what a copy was made from.
    """
    if not version.content_hash or (translation is not None and not translation.content_hash):
        raise ValueError("what is not frozen has no working copy")
    theirs = translation.content_hash if translation is not None else ""
    made_from = MadeFrom(outgoing.reference, version.number, version.content_hash, theirs)
    other = translation_parts(outgoing, translation) if translation is not None else None
    return word_file(working_parts(outgoing, version), made_from, letter_of(content_now(version)).date, other)


def _parts(outgoing: OutgoingRequest, version: LetterVersion, content: dict[str, Any]) -> WordParts:
    cover = replace(cover_now(outgoing, version, content), by_certificate=False, check_url="")
    return word_parts(page_of(content, cover))


def other_lines(language: str, made_from: MadeFrom) -> list[Text]:
    """Return what a copy in two languages says of itself in that of the translation."""
    with document_language(language):
        return [
            Text("framed", (Run(_("Working copy, no hash protection"), bold=True),)),
            Text(
                "framed",
                (
                    Run(f"{_('Content SHA-256')}\u00a0 "),
                    Run(made_from.translation_hash, fixed=True, direction="ltr"),
                ),
            ),
        ]


def column_heads(source: str, other: str) -> tuple[Text, Text]:
    """Return what stands above the two columns: which language, and which is the original."""
    with document_language(source):
        ours = _("Original: %(language)s") % {"language": language_name(source, source)}
    with document_language(other):
        theirs = _("Translation: %(language)s") % {"language": language_name(other, other)}
    return Text("meta", (Run(ours),)), Text("meta", (Run(theirs),))


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


def word_file(parts: WordParts, made_from: MadeFrom, dated: dt.date, other: WordParts | None = None) -> bytes:
    """Return the parts as DOCX, beside them those of the translation. `dated`: the letter's date, for the metadata. Pure.

    Raises:
        LettersDiffer: the translation has other paragraphs.
    """
    document = docx.Document()
    restyle(document.styles.element, language=parts.language, direction=parts.direction, han=parts.han)
    made = source_lines(parts.language, made_from)
    warnings = [(made[0].runs, parts)]
    writer = _Writer(parts)
    body = document.element.body
    section_settings = body.sectPr
    for child in list(body):
        if child is not section_settings:
            body.remove(child)
    written = writer.pieces(made)
    if other is None:
        written += writer.pieces(parts.pieces)
    else:
        told = other_lines(other.language, made_from)
        warnings.append((told[0].runs, other))
        in_other = _Writer(other, within=parts)
        written += in_other.pieces(told) + BesideWriter(writer, in_other).written(beside(parts, other))
    for child in parse_xml(f"<w:body {nsdecls('w')}>{written}</w:body>"):
        section_settings.addprevious(child)
    _page_frame(document, parts, warnings)
    _metadata(document, parts, made_from, dated)
    return _same_bytes(document)


class _Writer:
    """Writes pieces as WordprocessingML; counts the bookmarks."""

    def __init__(self, parts: WordParts, within: WordParts | None = None) -> None:
        """`within`: the letter beside which these parts stand, whose language and direction the file has."""
        self.parts = parts
        self.direction, self.han = parts.direction, parts.han
        self._bidi, self._tongue = _apart(parts, within)
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
        inside = runs_xml(runs, direction=self.direction, han=self.han, bold=heads, tongue=self._tongue)
        key = key or text.key
        breaks, self._break = "<w:pageBreakBefore/>" if self._break else "", False
        return (
            f'<w:p><w:pPr><w:pStyle w:val="{style_id(text.style)}"/>{breaks}{self._bidi}</w:pPr>'
            f"{self._bookmarked(key, inside) if key else inside}</w:p>"
        )

    def _bookmarked(self, key: str, inside: str) -> str:
        self._bookmarks += 1
        # Each language counts its own.
        number = 2 * self._bookmarks + key.startswith(OTHER_KEY)
        return f'<w:bookmarkStart w:id="{number}" w:name="{key}"/>{inside}<w:bookmarkEnd w:id="{number}"/>'

    def _table(self, table: Table) -> str:
        return self.table(table, lambda wide: "".join(self.row(row, wide) for row in table.rows))

    def table(self, table: Table, rows: Callable[[list[int]], str]) -> str:
        """Return a table whose rows are written by `rows`, given the widths of the columns."""
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
            f"{rows(wide)}</w:tbl>" + _DISTANCE
            # Two tables in a row would be one; what follows keeps its distance.
        )

    def row(self, row: TableRow, wide: list[int]) -> str:
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


class BesideWriter:
    """Writes a letter beside its translation: the column of the language from the right stands right."""

    def __init__(self, source: _Writer, other: _Writer) -> None:
        self.source, self.other = source, other

    def written(self, pieces: Sequence[Beside]) -> str:
        heads = column_heads(self.source.parts.language, self.other.parts.language)
        made, pairs = [], [Pair(*heads)]
        for piece in pieces:
            if isinstance(piece, Pair):
                pairs.append(piece)
                continue
            made.append(self._pairs(pairs))
            pairs = []
            if isinstance(piece, TablePair):
                made.append(self.source.table(piece.table, partial(self._rows, piece)))
            else:
                made.append(self.source.pieces([piece]))
        return "".join([*made, self._pairs(pairs)])

    def _rows(self, table: TablePair, wide: list[int]) -> str:
        return "".join(
            self.source.row(row.source, wide) + (self.other.row(row.other, wide) if row.other is not None else "")
            for row in table.rows
        )

    def _pairs(self, pairs: Sequence[Pair]) -> str:
        if not pairs:
            return ""
        half = sum(widths("", (), 1)) // 2
        mirrored = "<w:bidiVisual/>" if self.source.direction == "rtl" else ""
        line = '<w:insideV w:val="single" w:sz="4" w:space="0" w:color="888888"/>'
        cell = f'<w:tc><w:tcPr><w:tcW w:w="{half}" w:type="dxa"/></w:tcPr>'
        grid = f'<w:gridCol w:w="{half}"/>'
        rows = "".join(
            f"<w:tr>{cell}{self.source.text(pair.source)}</w:tc>{cell}{self.other.text(pair.other)}</w:tc></w:tr>"
            for pair in pairs
        )
        return (
            f'<w:tbl><w:tblPr>{mirrored}<w:tblW w:w="{2 * half}" w:type="dxa"/><w:tblBorders>{line}</w:tblBorders>'
            f'<w:tblLayout w:type="fixed"/>{_PAIR_PADDING}</w:tblPr><w:tblGrid>{grid * 2}</w:tblGrid>'
            f"{rows}</w:tbl>{_DISTANCE}"
        )


def _framed(piece: Piece | None) -> bool:
    return isinstance(piece, Text) and piece.style == "framed"


def _page_frame(document: Any, parts: WordParts, warnings: Sequence[tuple[tuple[Run, ...], WordParts]]) -> None:
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
    heads = [(one.head, one) for _warning, one in warnings if one.head]
    centred = '<w:jc w:val="center"/>'
    lines = [_line(runs, centred, "Header", one, parts) for runs, one in _each_once([*heads, *warnings])]
    _fill(section.header, "".join(lines))
    ends = f'<w:tabs><w:tab w:val="right" w:pos="{sum(widths("", (), 1))}"/></w:tabs>'
    feet = [((*start, Run("\t"), *end), one) for _warning, one in warnings for start, end in one.foot]
    _fill(section.footer, "".join(_line(runs, ends, "Footer", one, parts) for runs, one in _each_once(feet)))


def _each_once(lines: Sequence[tuple[tuple[Run, ...], WordParts]]) -> list[tuple[tuple[Run, ...], WordParts]]:
    return list({tuple((run.text, run.counts) for run in runs): (runs, one) for runs, one in reversed(lines)}.values())[
        ::-1
    ]


def _line(runs: tuple[Run, ...], look: str, style: str, parts: WordParts, within: WordParts) -> str:
    bidi, tongue = _apart(parts, within)
    inside = runs_xml(runs, direction=parts.direction, han=parts.han, tongue=tongue)
    # In the order of the schema: tabs, direction, alignment.
    before, after = (look, "") if look.startswith("<w:tabs") else ("", look)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{before}{bidi}{after}</w:pPr>{inside}</w:p>'


def _apart(parts: WordParts, within: WordParts | None) -> tuple[str, str]:
    """Return what sets a paragraph of another language apart from the file's own: its direction, its language."""
    if within is None or within is parts:
        return "", ""
    turned = "" if parts.direction == within.direction else f'<w:bidi w:val="{int(parts.direction == "rtl")}"/>'
    return turned, tongue_xml(parts.language, parts.direction)


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
        *([(TRANSLATION_HASH, made_from.translation_hash)] if made_from.translation_hash else []),
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
