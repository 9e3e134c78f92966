"""What WeasyPrint leaves undone for PDF/A-3a and PDF/UA-1, done on its objects before they are written.

The attachment gets a description (ISO 14289-1, 7.11) and is listed once; the metadata is written whole, declares both
standards, and holds no moment of rendering, so that the same letter gives the same bytes. The tags are put right in
tagging.py, the place of the signature in signature_field.py. Nothing is written and read again in between.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

import pydyf

from workflows.documents import tagging
from workflows.documents.signature_field import make_field

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
    pdf: Any, *, title: str, language: str, identifier: str, source: str, dated: dt.date,
    attachments: Mapping[str, str], signature: str, figure: str, translation: tuple[str, str] | None = None,
) -> None:  # fmt: skip
    """Make of what WeasyPrint is about to write (a `pydyf.PDF`) PDF/A-3a and PDF/UA-1, with fixed dates (midnight UTC of `dated`).

    `source` names what the file was made from: the hash of the attached content, which a reader can compare.
    `attachments` describes each attached file by its name. `signature` names the empty field of a letter that will be
    signed electronically, and `figure` its code, for who cannot see them. `translation`: the language of the translation
    that stands beside, and what that was made from.
    """
    make_field(pdf, label=signature)
    tagging.tidy(pdf, figure=figure, languages={"/Art": language, "/Sect": translation[0]} if translation else {})
    _describe_attachments(pdf, attachments)
    _set_destinations_apart(pdf)
    _metadata(
        pdf, title=title, language=language, identifier=identifier, source=source, dated=dated, translation=translation
    )
    _compress(pdf)


def _metadata(
    pdf: Any, *, title: str, language: str, identifier: str, source: str, dated: dt.date,
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
    metadata = tagging.object_at(pdf, pdf.catalog["Metadata"])
    # Left as it is, so that it can be found by who knows nothing of the format.
    metadata.stream, metadata.compress = [packet.encode()], False
    pdf.catalog["Lang"] = pydyf.String(language)
    stamp = f"D:{dated:%Y%m%d}000000Z"
    pdf.info.clear()
    for key, value in (("Title", title), ("Producer", PRODUCER), ("CreationDate", stamp), ("ModDate", stamp)):
        pdf.info[key] = pydyf.String(value)


def _describe_attachments(pdf: Any, descriptions: Mapping[str, str]) -> None:
    """Describe each attached file, and list it once (WeasyPrint lists a file of the whole document twice)."""
    files = list(dict.fromkeys(pdf.catalog.get("AF", ())))
    if not files:
        return
    for reference in files:
        specification = tagging.object_at(pdf, reference)
        specification["Desc"] = pydyf.String(descriptions[specification["UF"].string])
    pdf.catalog["AF"] = pydyf.Array(files)


def _set_destinations_apart(pdf: Any) -> None:
    """Keep the places that can be named out of the catalog, which is read whole by whoever signs or checks the file."""
    names = pdf.catalog.get("Names", {})
    if isinstance(names.get("Dests"), pydyf.Dictionary):
        pdf.add_object(names["Dests"])
        names["Dests"] = names["Dests"].reference


def _compress(pdf: Any) -> None:
    """Compress each stream once: pydyf would do it when it writes, and again when it makes the file's identifier."""
    for one in pdf.objects:
        if isinstance(one, pydyf.Stream) and one.compress:
            # The items of a page's stream are bytes, text or objects of pydyf, joined by lines as pydyf joins them.
            plain = pydyf.Stream(one.stream).data.partition(b"stream\n")[2][: -len(b"\nendstream")]
            one.stream, one.compress = [zlib.compress(plain)], False
            one.extra["Filter"] = "/FlateDecode"
