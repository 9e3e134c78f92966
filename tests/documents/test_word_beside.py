"""The working copy in two languages: paragraphs side by side, and each column compared with its own text."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from tests.documents import factory
from tests.documents.test_word import rewritten
from tests.documents.translations import translated
from workflows.documents.comparing import compared
from workflows.documents.letters import letter_html
from workflows.documents.pairing import LettersDiffer
from workflows.documents.word import TRANSLATION_HASH, MadeFrom, word_file
from workflows.documents.word_beside import beside, other_units
from workflows.documents.word_parts import WordParts, units_of, word_parts
from workflows.documents.word_reading import copy_read
from workflows.drafting.letterfile import LetterFile

LETTER = factory.letter()
MADE_FROM = MadeFrom("DE-2026-0042", 3, factory.HASH, "b" * 64)


def parts(letter: LetterFile) -> WordParts:
    return word_parts(letter_html(letter, factory.cover(content_hash=factory.HASH), factory.names()))


SOURCE, ARABIC = parts(LETTER), parts(translated(LETTER, "ar"))


def made(source: WordParts = SOURCE, other: WordParts = ARABIC) -> bytes:
    return word_file(source, MADE_FROM, LETTER.date, other)


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pair_tables(document: Any) -> list[Any]:
    """Return the tables of two languages: between their columns is a line."""
    return [one for one in document.element.body.iter(qn("w:tbl")) if one.find(f".//{qn('w:insideV')}") is not None]


def squeezed_xml(element: Any) -> bytes:
    return bytes(etree.tostring(element))


def states(data: bytes) -> tuple[set[str], set[str]]:
    read = copy_read(data)
    keyed = [unit for unit in read.units if unit.key]
    ours = compared(units_of(SOURCE), [unit for unit in keyed if not unit.other])
    theirs = compared(other_units(beside(SOURCE, ARABIC)), [unit for unit in keyed if unit.other])
    return {row.state for row in ours}, {row.state for row in theirs}


def test_paragraphs_stand_side_by_side_with_the_same_number_and_the_arabic_column_right() -> None:
    document = docx.Document(io.BytesIO(made()))
    rows = [row for table in pair_tables(document) for row in table.findall(qn("w:tr"))]
    numbered = []
    for row in rows:
        cells = ["".join(text.text or "" for text in cell.iter(qn("w:t"))) for cell in row.findall(qn("w:tc"))]
        if cells[0][:1].isdigit() and "." in cells[0][:4]:
            numbered.append([cell.strip("\u200e\u200f").split(".")[0] for cell in cells])
    assert len(numbered) > 15 and all(left == right for left, right in numbered)
    # An English letter: its column is left, the Arabic one right, set from the right with its own language.
    table = pair_tables(document)[0]
    assert table.find(f"{qn('w:tblPr')}/{qn('w:bidiVisual')}") is None
    right = table.findall(qn("w:tr"))[0].findall(qn("w:tc"))[1]
    assert b"<w:bidi " in squeezed_xml(right) and b'w:bidi="ar"' in squeezed_xml(right)
    # An Arabic letter stands right of its English translation.
    turned = docx.Document(io.BytesIO(made(ARABIC, SOURCE)))
    assert pair_tables(turned)[0].find(f"{qn('w:tblPr')}/{qn('w:bidiVisual')}") is not None


def test_copy_says_in_both_languages_what_it_is_and_what_it_was_made_from() -> None:
    data = made()
    read = copy_read(data)
    said = " ".join(unit.text for unit in read.units[:8])
    assert "Working copy, no hash protection" in said and factory.HASH in said and "b" * 64 in said
    assert read.made_from[TRANSLATION_HASH] == "b" * 64
    assert made() == data, "the same versions give the same bytes"
    assert TRANSLATION_HASH not in copy_read(word_file(SOURCE, MadeFrom("x", 1, factory.HASH), LETTER.date)).made_from


def test_each_column_is_compared_with_its_own_text() -> None:
    data = made()
    assert states(data) == ({"unchanged"}, {"unchanged"})
    arabic = rewritten(data, lambda xml: xml.replace("طلبت النيابة", "أمرت النيابة", 1))
    ours, theirs = states(arabic)
    assert ours == {"unchanged"} and theirs == {"unchanged", "changed"}
    english = rewritten(data, lambda xml: xml.replace("honour to request", "honour to order", 1))
    ours, theirs = states(english)
    assert ours == {"unchanged", "changed"} and theirs == {"unchanged"}
    # A word processor that takes the keys of one row leaves the columns apart.
    unkeyed = rewritten(data, lambda xml: xml.replace('w:name="_mla3"', 'w:name="x"').replace('w:name="_mlb3"', 'w:name="y"'))  # fmt: skip
    assert all(" | " not in unit.text or unit.number == 0 for unit in copy_read(unkeyed).units)


def test_translation_with_other_paragraphs_has_no_copy() -> None:
    content = LETTER.content()
    content["facts"][1]["text"] = "One paragraph instead of two."
    with pytest.raises(LettersDiffer):
        made(SOURCE, parts(translated(LetterFile.model_validate(content), "ar")))
    with pytest.raises(LettersDiffer):
        made(SOURCE, parts(translated(factory.letter(persons=LETTER.content()["persons"][:2]), "fr")))
