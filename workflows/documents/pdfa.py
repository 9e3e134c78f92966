"""What WeasyPrint leaves undone for PDF/A-3a and PDF/UA-1, done on the finished file with pikepdf.

Running headers and footers become artifacts (ISO 14289-1, 7.8: a screen reader must not read them
between two halves of a sentence); header cells say what they head (7.5) and can be found by their
identifiers; the attachment gets a description (7.11); the metadata is written whole, declares both standards, and holds no moment of rendering, so that the same letter
gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from workflows.documents.signature_field import make_field

_MARKED: Final = re.compile(rb"/([A-Za-z0-9]+)\s*<<\s*/MCID\s+(\d+)\s*>>\s*BDC")
_ARTIFACT: Final = b"/Artifact <</Type /Pagination>> BDC"
PRODUCER: Final = "MLA letter"

_XMP: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:xmp="http://ns.adobe.com/xap/1.0/"
  xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
  xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
  xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
  pdfaid:part="3" pdfaid:conformance="A" pdfuaid:part="1"
  pdf:Producer="{producer}" xmp:CreateDate="{date}" xmp:ModifyDate="{date}">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag>{languages}</rdf:Bag></dc:language>
<dc:identifier>{identifier}</dc:identifier>
<dc:source>{source}</dc:source>{relation}
</rdf:Description>
<rdf:Description rdf:about=""
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def finish(
    pdf: bytes, *, title: str, language: str, identifier: str, source: str, dated: dt.date,
    attachments: Mapping[str, str], signature: str, figure: str, translation: tuple[str, str] | None = None,
) -> bytes:  # fmt: skip
    """Return the file as PDF/A-3a and PDF/UA-1, with fixed dates (midnight UTC of `dated`).

    `source` names what the file was made from: the hash of the attached content, which a reader can compare.
    `attachments` describes each attached file by its name. `signature` names the empty field of a letter that will be
    signed electronically, and `figure` its code, for who cannot see them. `translation`: the language of the translation
    that stands beside, and what that was made from.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        make_field(document, label=signature)
        # Read once: going through the tree is most of what is done here.
        elements = list(_elements(document.Root.StructTreeRoot))
        kinds = [element.get("/S") for element in elements]
        _describe_figures([one for one, kind in zip(elements, kinds, strict=True) if kind == Name.Figure], figure)
        _margins_to_artifacts(document, {element.objgen for element in elements})
        _head_cells([one for one, kind in zip(elements, kinds, strict=True) if kind == Name.TH])
        _index_identifiers(document, elements)
        _describe_attachments(document, attachments)
        if translation:
            languages = {Name.Art: language, Name.Sect: translation[0]}
            _name_languages(
                [(one, kind) for one, kind in zip(elements, kinds, strict=True) if kind in languages], languages
            )
        _metadata(
            document, title=title, language=language, identifier=identifier, source=source, dated=dated,
            translation=translation,
        )  # fmt: skip
        out = io.BytesIO()
        document.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
            fix_metadata_version=False,
        )
    return out.getvalue()


def _metadata(
    document: pikepdf.Pdf, *, title: str, language: str, identifier: str, source: str, dated: dt.date,
    translation: tuple[str, str] | None,
) -> None:  # fmt: skip
    quoted = {"'": "&apos;", '"': "&quot;"}
    packet = _XMP.format(
        producer=PRODUCER,
        date=f"{dated.isoformat()}T00:00:00Z",
        title=escape(title, quoted),
        languages="".join(f"<rdf:li>{escape(code, quoted)}</rdf:li>" for code in (language, *(translation or ())[:1])),
        identifier=escape(identifier, quoted),
        source=escape(source, quoted),
        relation=f"\n<dc:relation><rdf:Bag><rdf:li>{escape(translation[1], quoted)}</rdf:li></rdf:Bag></dc:relation>"
        if translation
        else "",
    )
    metadata = document.make_stream(packet.encode())
    metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
    document.Root.Metadata = document.make_indirect(metadata)
    document.Root.Lang = String(language)
    for key in list(document.docinfo.keys()):
        del document.docinfo[key]
    stamp = f"D:{dated:%Y%m%d}000000Z"
    for key, value in (("Title", title), ("Producer", PRODUCER), ("CreationDate", stamp), ("ModDate", stamp)):
        document.docinfo[f"/{key}"] = String(value)


def _describe_figures(figures: Iterable[Any], description: str) -> None:
    """Say what the code shows (ISO 14289-1, 7.3): WeasyPrint tags a drawing of the page and describes only images."""
    for element in figures:
        if "/Alt" not in element:
            element.Alt = String(description)


def _describe_attachments(document: pikepdf.Pdf, descriptions: Mapping[str, str]) -> None:
    """Describe each attached file, and list it once (WeasyPrint lists a file of the whole document twice)."""
    files = {one.objgen: one for one in document.Root.get("/AF", Array())}
    if not files:
        return
    for specification in files.values():
        specification.Desc = String(descriptions[str(specification.UF)])
    document.Root.AF = Array(list(files.values()))


def _name_languages(elements: Iterable[tuple[Any, Any]], languages: Mapping[Name, str]) -> None:
    """Give each element of these kinds its language (ISO 14289-1, 7.2): the renderer knows that of the whole file alone."""
    for element, kind in elements:
        element.Lang = String(languages[kind])


def _margins_to_artifacts(document: pikepdf.Pdf, reached: Collection[tuple[int, int]]) -> None:
    """Turn marked content whose structure element hangs on no tree, so is not among `reached`, into pagination artifacts."""
    root = document.Root.StructTreeRoot
    numbers = root.ParentTree.Nums
    parents = {int(numbers[index]): numbers[index + 1] for index in range(0, len(numbers), 2)}
    for page in document.pages:
        elements = parents.get(int(page.get("/StructParents", -1)))
        if elements is None:
            continue
        stray = {index for index, element in enumerate(elements) if element.objgen not in reached}
        if not stray:
            continue
        content = page.Contents.read_bytes()

        def replaced(match: re.Match[bytes], stray: set[int] = stray) -> bytes:
            return _ARTIFACT if int(match.group(2)) in stray else match.group(0)

        page.Contents.write(_MARKED.sub(replaced, content))
        for index in stray:
            elements[index] = None


def _head_cells(cells: Iterable[Any]) -> None:
    """Give every TH its scope."""
    for element in cells:
        group = element.P.P.get("/S") if "/P" in element.P else None
        attributes = element.get("/A", Dictionary(O=Name.Table))
        attributes.Scope = Name.Column if group == Name.THead else Name.Row
        element.A = attributes


def _index_identifiers(document: pikepdf.Pdf, elements: Iterable[Any]) -> None:
    """Give the tree an index of the identifiers that cells name as their headers."""
    identifiers = [(bytes(element.ID), element) for element in elements if "/ID" in element]
    if not identifiers:
        return
    names = Array()
    for identifier, element in sorted(identifiers, key=lambda pair: pair[0]):
        names.append(String(identifier))
        names.append(element)
    limits = Array([names[0], names[-2]])
    leaf = document.make_indirect(Dictionary(Names=names, Limits=limits))
    document.Root.StructTreeRoot.IDTree = document.make_indirect(Dictionary(Kids=Array([leaf])))


def _elements(root: Any) -> Iterator[Any]:
    """Yield every structure element that the tree holds."""
    waiting = [root.K]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Array):
            waiting.extend(kid for kid in node if isinstance(kid, Array | Dictionary))
        elif isinstance(node, Dictionary) and node.get("/Type") == Name.StructElem:
            yield node
            if "/K" in node and isinstance(node.K, Array | Dictionary):
                waiting.append(node.K)
