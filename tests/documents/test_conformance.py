"""What docs/pdf-conformance.md says of bookmarks and of what a reader who cannot see is told, in the letter's language."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pikepdf
import pytest

from tests.documents import factory
from tests.documents.tags import tagged
from workflows.documents.letters import letter_html, letter_pdf
from workflows.documents.rendering import ENGLISH

CHECK = "https://mla.example.net/check"
COVER = {"by_certificate": True, "marking": "", "check_url": CHECK}


@cache
def made(language: str) -> bytes:
    letter = factory.letter(language=language, confidentiality={"level": "normal"})
    cover = factory.cover(**COVER)
    return letter_pdf(letter, cover, factory.names(), canonical_json=b"{}", identifier="urn:uuid:x").pdf


def test_bookmarks_lead_to_every_heading_in_order() -> None:
    letter = factory.letter(confidentiality={"level": "normal"})
    page = letter_html(letter, factory.cover(**COVER), factory.names())
    headings = [
        re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", text))
        for text in re.findall(r"<h[1-3][^>]*>(.*?)</h[1-3]>", page, re.DOTALL)
    ]
    with pikepdf.open(io.BytesIO(made("en"))) as document, document.open_outline() as outline:

        def titles(items: Any) -> Iterator[str]:
            for item in items:
                yield re.sub(r"\s+", "", item.title)
                yield from titles(item.children)

        assert list(titles(outline.root)) == headings and len(headings) > 10


@pytest.mark.parametrize("language", ["en", "ar", "zh-Hans"])
def test_figure_field_and_attachment_say_what_they_are(language: str) -> None:
    with pikepdf.open(io.BytesIO(made(language))) as document:
        figures = [element for element in tagged(document.Root.StructTreeRoot) if pikepdf.Name.Figure == element.S]
        [figure], [field] = figures, document.Root.AcroForm.Fields
        told = (str(figure.Alt), str(field.TU), str(document.Root.AF[0].Desc))
        assert str(document.Root.Lang) == language
    english = (ENGLISH.code, ENGLISH.signature, ENGLISH.attachment)
    assert all(told) and (told == english) is (language == "en")
    assert not set(told) & set(english) or language == "en"


def test_field_stands_between_what_is_above_and_below_it() -> None:
    """Read in the order of the tags, the field comes after the last paragraph and before the name of the office."""
    with pikepdf.open(io.BytesIO(made("en"))) as document:
        kinds = [str(element.S) for element in tagged(document.Root.StructTreeRoot)]
    at = kinds.index("/Form")
    assert 0 < at < len(kinds) - 1 and kinds.count("/Form") == 1
    assert "/H2" in kinds[:at] and "/P" in kinds[at:] and "/Figure" in kinds[at:]
