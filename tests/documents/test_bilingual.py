"""A letter with its translation: the same paragraphs side by side, in one file that names and holds both contents."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pdfua.document
import pdfua.rules.structure
import pikepdf
import pytest

from mla.core.canonical import canonical_bytes
from tests.documents import factory
from tests.documents.pages import attachments_of, body_of, example, examples, extents_of, pages_of, squeezed
from tests.documents.tags import tagged
from tests.documents.test_rendering_letter import IDENTIFIER, NAMESPACES
from tests.documents.translations import SENTENCES, translated
from workflows.documents.bilingual import LettersDiffer, Side, bilingual_html, bilingual_pdf
from workflows.documents.formats import grouped
from workflows.documents.limits import RenderFailed
from workflows.documents.rendering import ATTACHMENT_NAME, TRANSLATION_NAME, RenderedPdf
from workflows.documents.signing_keys import Trust
from workflows.documents.verifying import document_check
from workflows.drafting.letterfile import LetterFile

LETTER = factory.letter()


def side(letter: LetterFile) -> Side:
    return Side(letter, factory.names(), canonical_bytes(letter.content()))


def page(source: LetterFile, translation: LetterFile) -> str:
    one = side(source)
    return bilingual_html(one, side(translation), factory.cover(content_hash=one.content_hash))


def made_of(source: LetterFile, translation: LetterFile, **cover: Any) -> RenderedPdf:
    one = side(source)
    return bilingual_pdf(
        one, side(translation), factory.cover(content_hash=one.content_hash, **cover), identifier=IDENTIFIER
    )


@pytest.fixture(scope="module")
def made() -> RenderedPdf:
    return made_of(LETTER, translated(LETTER, "ar"), by_certificate=True)


def test_paragraphs_stand_side_by_side_with_the_same_number_and_the_original_first() -> None:
    text = page(LETTER, translated(LETTER, "fr"))
    pairs = re.findall(r'<div class="pair[^"]*"><article lang="en"[^>]*>(.*?)</article><section lang="fr"[^>]*>(.*?)</section></div>', text, re.DOTALL)  # fmt: skip
    numbers = [[re.search(r'<span class="num">(\d+)', one) for one in pair] for pair in pairs]
    found = [(left[1], right[1]) for left, right in numbers if left and right]
    assert [int(left) for left, _right in found] == list(range(1, len(found) + 1))
    assert all(left == right for left, right in found) and len(found) > 40
    (facts,) = [pair for pair in pairs if 'data-question="facts[0].text"' in pair[0]]
    assert "a session from the address I1" in facts[0] and SENTENCES["fr"].split("’")[0] in facts[1]
    headings = [pair for pair in pairs if "<h2" in pair[0]]
    assert "Legal basis" in headings[0][0] and "Fondement juridique" in headings[0][1] and len(headings) > 8
    anchors = re.findall(r' id="([^"]*)"', text)
    assert len(anchors) == len(set(anchors)), "anchors are those of the original"
    assert "Original: English" in text and "Traduction\u00a0: français" in text


def test_signature_letterhead_and_keys_stand_once_and_their_words_in_both_languages() -> None:
    text = page(LETTER, translated(LETTER, "fr"))
    assert text.count('class="letterhead"') == text.count('id="signature"') == 1
    assert text.count("Head of the Division for International Cooperation") == 1
    assert text.count(">DE-2026-0042<") == 1, "a reference is the same in every language"
    cell = re.search(
        r'<tr><th scope="row"><article[^>]*><p>Our reference</p></article><section[^>]*><p>(.*?)</p>', text
    )
    assert cell is not None and cell[1] == "Notre référence"
    assert re.search(r"<p>Signature and seal</p></article><section[^>]*><p>Signature et sceau</p>", text)


def test_foot_of_each_page_says_its_words_in_both_languages_and_its_values_once(made: RenderedPdf) -> None:
    spanish = made_of(LETTER, translated(LETTER, "es"))
    foot = pages_of(spanish.pdf)[1].margins
    for words in (
        "Ourreference/Nuestrareferencia",
        f"Page2of{spanish.pages}/Página2de{spanish.pages}",
        "Version",
        "Versión",
    ):
        assert words in foot
    assert foot.count(squeezed(factory.cover().own_reference)) == 1
    assert all("/" in one.margins and "Page" in one.margins for one in pages_of(made.pdf))


def test_code_that_leads_to_the_check_stands_once() -> None:
    open_letter = factory.letter(confidentiality={"level": "normal"})
    one = side(open_letter)
    cover = factory.cover(marking="", check_url="https://mla.example.net/check", content_hash=one.content_hash)
    text = bilingual_html(one, side(translated(open_letter, "fr")), cover)
    assert text.count("<svg") == 1


@pytest.mark.parametrize(
    ("source", "translation", "first"), [("en", "ar", "ltr"), ("ar", "en", "rtl"), ("zh-Hans", "ar", "ltr")]
)
def test_the_column_that_runs_from_the_right_is_on_the_right(source: str, translation: str, first: str) -> None:
    text = page(translated(LETTER, source), translated(LETTER, translation))
    assert re.search(rf'<html lang="{source}" dir="{first}"', text)
    assert f'<article lang="{source}" dir="{first}"' in text
    assert f'<section lang="{translation}" dir="{"rtl" if translation == "ar" else "ltr"}"' in text


def test_both_contents_are_attached_hashed_and_named_in_the_metadata(made: RenderedPdf) -> None:
    one, other = side(LETTER), side(translated(LETTER, "ar"))
    assert attachments_of(made.pdf) == {ATTACHMENT_NAME: one.canonical_json, TRANSLATION_NAME: other.canonical_json}
    body = body_of(made.pdf)
    assert squeezed(grouped(one.content_hash)) in body and squeezed(grouped(other.content_hash)) in body
    with pikepdf.open(io.BytesIO(made.pdf)) as document:
        packet = ElementTree.fromstring(document.Root.Metadata.read_bytes())
        assert len({str(file.Desc) for file in document.Root.AF}) == 2
        assert {str(file.AFRelationship) for file in document.Root.AF} == {"/Data"}
        assert len(document.Root.AcroForm.Fields) == 1, "one place for the signature"
    assert packet.findtext(".//dc:source", namespaces=NAMESPACES) == f"urn:sha256:{one.content_hash}"
    assert packet.findtext(".//dc:relation//rdf:li", namespaces=NAMESPACES) == f"urn:sha256:{other.content_hash}"
    assert [entry.text for entry in packet.findall(".//dc:language//rdf:li", NAMESPACES)] == ["en", "ar"]
    checked = document_check(made.pdf, Trust())
    assert (checked.content_matches, checked.declared_sha256) == ("yes", one.content_hash)
    assert checked.translation_attached_sha256 == checked.translation_declared_sha256 == other.content_hash


def test_check_of_a_document_finds_another_translation_than_the_letter_names(made: RenderedPdf) -> None:
    with pikepdf.open(io.BytesIO(made.pdf)) as document:
        content = document.attachments[TRANSLATION_NAME].get_file().read_bytes()
        out = io.BytesIO()
        document.attachments[TRANSLATION_NAME] = pikepdf.AttachedFileSpec(document, content + b" ")
        document.save(out)
    assert document_check(made.pdf, Trust()).content_matches == "yes"
    assert document_check(out.getvalue(), Trust()).content_matches == "no"


def test_each_cell_is_tagged_with_its_language_and_the_checker_finds_nothing(
    made: RenderedPdf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pikepdf.open(io.BytesIO(made.pdf)) as document:
        found = {"/Art": set(), "/Sect": set()}
        for element in tagged(document.Root.StructTreeRoot):
            if str(element.S) in found:
                found[str(element.S)].add(str(element.Lang))
        assert found == {"/Art": {"en"}, "/Sect": {"ar"}}
        assert str(document.Root.Lang) == "en"
        outline = document.open_outline()
        assert [item.title for item in outline.root] == [LETTER.title], "the outline is that of the original"

    def as_integer(value: object) -> int | None:
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    monkeypatch.setattr(pdfua.document, "as_integer", as_integer)
    monkeypatch.setattr(pdfua.rules.structure, "as_integer", as_integer)
    (tmp_path / "letter.pdf").write_bytes(made.pdf)
    report = pdfua.validate(str(tmp_path / "letter.pdf"))
    assert [finding for outcome in report.outcomes for finding in outcome.findings] == []


def test_equal_letters_give_equal_bytes_and_every_page_its_margins(made: RenderedPdf) -> None:
    assert made.sha256 == made_of(LETTER, translated(LETTER, "ar"), by_certificate=True).sha256
    pages = pages_of(made.pdf)
    assert all(f"Page{number}of{len(pages)}" in one.margins for number, one in enumerate(pages, 1))
    assert all("DE-2026-0042" in one.margins for one in pages)


def test_long_paragraphs_and_rows_run_over_pages_and_nothing_is_cut() -> None:
    source, translation = translated(LETTER, "zh-Hans", times=30), translated(LETTER, "ru", times=30)
    made = made_of(source, translation)
    body = body_of(made.pdf)
    assert made.pages > 20
    for letter, language in ((source, "zh-Hans"), (translation, "ru")):
        wanted = sum(fact.text.count(SENTENCES[language]) for fact in letter.facts)
        wanted += letter.offences[0].law_text.count(SENTENCES[language])
        assert wanted > 60 and body.count(squeezed(SENTENCES[language])) >= wanted
    for left, right in extents_of(made.pdf):
        # A space may hang at the end of a line.
        assert left >= 27 - 0.5 and right <= 210 - 25 + 1, "nothing runs out of the frame of the page"


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_every_example_letter_has_a_form_in_two_languages(path: Path) -> None:
    letter, _cover, names = example(path)
    other = letter.model_copy(update={"language": "es" if letter.language != "es" else "pt"})
    content = canonical_bytes(letter.content())
    text = bilingual_html(
        Side(letter, names, content),
        Side(other, names, canonical_bytes(other.content())),
        factory.cover(content_hash=hashlib.sha256(content).hexdigest()),
    )
    assert text.count('class="num"') > 40


def test_translation_with_other_paragraphs_is_refused_at_the_first_that_differs() -> None:
    facts = LETTER.content()["facts"]
    missing = translated(factory.letter(facts=[facts[0], facts[1] | {"text": "One paragraph instead of two."}]), "fr")
    with pytest.raises(LettersDiffer, match="the original has 2 paragraphs there, the translation 1") as refused:
        page(LETTER, missing)
    number = re.search(r'id="p(\d+)" data-question="facts\[1\]\.text"', page(LETTER, translated(LETTER, "fr")))
    assert number is not None
    assert (refused.value.number, refused.value.path) == (int(number[1]), "facts[1].text")
    with pytest.raises(LettersDiffer) as refused:
        page(LETTER, translated(factory.letter(persons=LETTER.content()["persons"][:2]), "fr"))
    assert refused.value.number and "table" in str(refused.value)
    with pytest.raises(LettersDiffer) as refused:
        page(LETTER, translated(factory.letter(related=[]), "fr"))
    assert refused.value.number
    assert page(LETTER, translated(LETTER, "fr"))


def test_letters_of_one_language_or_another_cover_are_no_pair() -> None:
    with pytest.raises(ValueError, match="both in en"):
        page(LETTER, LETTER)
    with pytest.raises(ValueError, match="another content"):
        bilingual_html(side(LETTER), side(translated(LETTER, "fr")), factory.cover(content_hash="0" * 64))
    draft = bilingual_html(side(LETTER), side(translated(LETTER, "fr")), factory.cover(content_hash=""))
    assert "integrity" not in draft and "Draft: this version is not frozen" in draft


def test_character_of_the_translation_that_no_font_has_is_refused_with_its_place() -> None:
    content = translated(LETTER, "fr").content()
    content["facts"][1]["text"] = "Le dossier \U0001f600\n\nest chiffré."
    wrong = LetterFile.model_validate(content)
    with pytest.raises(
        RenderFailed, match=r"^translation\.facts\[1\]\.text: line 1, column 12 holds U\+1F600"
    ) as failure:
        made_of(LETTER, wrong)
    assert (failure.value.kind, failure.value.place, failure.value.final) == (
        "glyph_missing",
        "translation.facts[1].text",
        True,
    )
