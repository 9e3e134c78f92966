"""The letter's PDF: faithful, complete on every page, archivable, accessible, and the same each time."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pdfua.document
import pdfua.rules.structure
import pikepdf
import pytest

from mla.core.canonical import canonical_bytes
from tests.documents import factory
from tests.documents.pages import attachments_of, body_of, example, examples, pages_of, squeezed
from tests.documents.tags import tagged
from workflows.documents import pdfa
from workflows.documents.letters import letter_pdf
from workflows.documents.rendering import ATTACHMENT_NAME, ENGLISH, RenderedPdf, preload

IDENTIFIER = "urn:uuid:018f0000-0000-7000-8000-000000000001"
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}


def rendered(**changes: Any) -> RenderedPdf:
    letter = factory.letter(**changes)
    return letter_pdf(
        letter,
        factory.cover(),
        factory.names(),
        canonical_json=canonical_bytes(letter.content()),
        identifier=IDENTIFIER,
    )


@pytest.fixture(scope="module")
def made() -> RenderedPdf:
    preload()
    return rendered()


@pytest.fixture
def document(made: RenderedPdf) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(made.pdf)) as opened:
        yield opened


def test_the_text_of_the_letter_can_be_read_from_the_pdf(made: RenderedPdf) -> None:
    body = body_of(made.pdf)
    for text in (
        "Encryption of the patient records of a hospital, so that operations had to be put off.",
        "12 March 2026",
        "articles 29 and 31",
        "Imprisonment for ten years",
        "1 March 2026, 02:14:09 UTC+01:00",
        "port 49152",
        "Monday to Friday, 08:00 to 16:30 (Europe/Berlin, UTC+01:00)",
        "It is printed all the same.",
        " ".join("a" * 8 for _ in range(8)),
        factory.HASH,
    ):
        assert squeezed(text) in body, text
    assert "1984" not in body, "particulars of a protected person are not printed"


def test_every_page_carries_marking_reference_page_number_and_hash(made: RenderedPdf) -> None:
    pages = pages_of(made.pdf)
    assert made.pages == len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert "CONFIDENTIAL" in page.margins
        assert squeezed("Our reference DE-2026-0042") in page.margins
        assert f"Page{number}of{len(pages)}" in page.margins
        assert factory.HASH[:16] in page.margins
        assert "CONFIDENTIAL" not in page.body, "a screen reader does not read the margins between two sentences"


def test_attachment_is_the_canonical_letter_and_the_only_one(made: RenderedPdf, document: pikepdf.Pdf) -> None:
    assert attachments_of(made.pdf) == {ATTACHMENT_NAME: canonical_bytes(factory.letter().content())}
    (specification,) = document.Root.AF
    assert specification.AFRelationship == pikepdf.Name.Data
    assert str(specification.Desc) == ENGLISH.attachment
    assert specification.EF.F.Subtype == "/application/json"
    assert document.Root.Names.EmbeddedFiles.Names[1].objgen == specification.objgen


def test_metadata_declares_archive_and_accessibility_and_names_the_letter(document: pikepdf.Pdf) -> None:
    packet = ElementTree.fromstring(document.Root.Metadata.read_bytes())
    about = packet.find(".//rdf:Description[@pdfaid:part]", NAMESPACES)
    assert about is not None

    def attribute(name: str) -> str | None:
        prefix, local = name.split(":")
        return about.get(f"{{{NAMESPACES[prefix]}}}{local}")

    assert (attribute("pdfaid:part"), attribute("pdfaid:conformance"), attribute("pdfuaid:part")) == ("3", "A", "1")
    assert packet.findtext(".//dc:title//rdf:li", namespaces=NAMESPACES) == factory.letter().title
    assert packet.findtext(".//dc:identifier", namespaces=NAMESPACES) == IDENTIFIER
    # A property outside the predefined schemas needs its description in the file (ISO 19005-3, 6.6.2.3).
    assert packet.findtext(".//pdfaSchema:namespaceURI", namespaces=NAMESPACES) == NAMESPACES["pdfuaid"]
    # What stands in both places must agree (ISO 19005-3, 6.6.2.3.3).
    assert str(document.docinfo["/Title"]) == factory.letter().title
    assert attribute("pdf:Producer") == str(document.docinfo["/Producer"]) == pdfa.PRODUCER
    assert attribute("xmp:CreateDate") == "2026-03-12T00:00:00Z"
    assert str(document.docinfo["/CreationDate"]) == "D:20260312000000Z"
    assert document.Root.ViewerPreferences.DisplayDocTitle
    assert str(document.Root.Lang) == "en"


def test_title_with_markup_characters_stays_text_in_the_metadata() -> None:
    title = "Search <b>& seizure</b> \"A\" 'B' ]]>"
    with pikepdf.open(io.BytesIO(rendered(title=title).pdf)) as document:
        packet = ElementTree.fromstring(document.Root.Metadata.read_bytes())
        assert str(document.docinfo["/Title"]) == title
    assert packet.findtext(".//dc:title//rdf:li", namespaces=NAMESPACES) == title


def test_fonts_are_embedded_and_colours_have_an_output_intent(document: pikepdf.Pdf) -> None:
    fonts = {}
    for page in document.pages:
        fonts.update(page.Resources.Font.items())
    assert fonts
    for font in fonts.values():
        descriptor = font.DescendantFonts[0].FontDescriptor
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
        assert "/ToUnicode" in font
        assert "Noto" in str(font.BaseFont)
    (intent,) = document.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    assert intent.DestOutputProfile.N == 3
    assert document.pdf_version >= "1.7" or document.Root.get("/Version") == "/1.7"
    assert not document.is_encrypted


def test_nothing_in_the_file_acts_or_points_outside(document: pikepdf.Pdf) -> None:
    for name in ("/AA", "/OpenAction", "/AcroForm"):
        assert name not in document.Root
    assert "/JavaScript" not in document.Root.get("/Names", {})
    for page in document.pages:
        assert "/Annots" not in page
        assert "/AA" not in page


def test_headings_and_header_cells_are_tagged_with_what_they_head(document: pikepdf.Pdf) -> None:
    found = list(tagged(document.Root.StructTreeRoot))
    kinds = [str(element.S) for element in found]
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") > 8
    assert kinds.count("/H3") == 2
    cells = [element for element in found if element.S == "/TH"]
    assert cells
    assert {str(cell.A.Scope) for cell in cells} == {"/Row", "/Column"}
    names = document.Root.StructTreeRoot.IDTree.Kids[0].Names
    index = {bytes(names[at]): names[at + 1].objgen for at in range(0, len(names), 2)}
    for element in found:
        for identifier in element.get("/A", pikepdf.Dictionary()).get("/Headers", []):
            assert bytes(identifier) in index
    outline = document.open_outline()
    assert [item.title for item in outline.root] == [factory.letter().title]
    assert any("Legal basis" in item.title for item in outline.root[0].children)


def test_accessibility_checker_has_no_finding(
    made: RenderedPdf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_integer(value: object) -> int | None:
        # The checker asks an array for a property that only a stream or dictionary has, and skips its rule.
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    monkeypatch.setattr(pdfua.document, "as_integer", as_integer)
    monkeypatch.setattr(pdfua.rules.structure, "as_integer", as_integer)
    file = tmp_path / "letter.pdf"
    file.write_bytes(made.pdf)
    report = pdfua.validate(str(file))
    assert [outcome for outcome in report.outcomes if outcome.skipped_reason] == []
    assert [finding for outcome in report.outcomes for finding in outcome.findings] == []
    assert len(report.outcomes) >= 12


def test_same_letter_gives_the_same_bytes_in_another_process(made: RenderedPdf) -> None:
    assert made.sha256 == hashlib.sha256(made.pdf).hexdigest()
    script = (
        "import django; django.setup()\n"
        "from tests.documents.test_rendering_letter import rendered\n"
        "print(rendered().sha256)"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "mla.settings",
        "PYTHONHASHSEED": "4242",
        "TZ": "Pacific/Auckland",
        "SOURCE_DATE_EPOCH": "1",
        "LANG": "C",
    }
    other = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    assert other.stdout.strip() == made.sha256
    assert rendered(title="Another title").sha256 != made.sha256


def test_cover_changes_the_document_but_not_its_attachment(made: RenderedPdf) -> None:
    letter = factory.letter()
    other = letter_pdf(
        letter,
        replace(factory.cover(), own_reference="DE-2026-0099", marking="", peer_reference=""),
        factory.names(),
        canonical_json=canonical_bytes(letter.content()),
        identifier=IDENTIFIER,
    )
    assert other.sha256 != made.sha256
    pages = pages_of(other.pdf)
    assert all("DE-2026-0099" in page.margins for page in pages)
    assert all("CONFIDENTIAL" in page.margins for page in pages), "without a marking the letter's own level gives one"
    assert attachments_of(other.pdf) == {ATTACHMENT_NAME: canonical_bytes(letter.content())}


@pytest.mark.parametrize("path", examples()[:1], ids=lambda path: path.stem)
def test_an_example_letter_becomes_a_pdf(path: Path) -> None:
    letter, cover, names = example(path)
    made = letter_pdf(letter, cover, names, canonical_json=canonical_bytes(letter.content()), identifier=IDENTIFIER)
    body = body_of(made.pdf)
    for fact in letter.facts:
        assert squeezed(fact.text) in body
    for item in letter.items:
        assert squeezed(f"Measure {item.id}: ") in body
