"""A short and a long letter in each language that has fixed wording: their texts, and their pages as pictures."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from mla.core.canonical import canonical_bytes
from mla.core.letter_languages import letter_languages
from tests.documents import factory, pictures
from tests.documents.pages import body_of, extents_of, pages_of, squeezed
from tests.documents.test_letter_pages import paragraphs
from tests.documents.translations import SENTENCES, translated
from workflows.documents.bilingual import Side, bilingual_pdf
from workflows.documents.letters import letter_html, letter_pdf
from workflows.documents.rendering import RenderedPdf
from workflows.drafting.letterfile import LetterFile

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
LANGUAGES = sorted(SENTENCES)
WRITE = os.environ.get("MLA_GOLDEN") == "write"
IDENTIFIER = "urn:uuid:018f0000-0000-7000-8000-000000000001"
#: Languages that need another font than Latin ones may be a page longer or shorter; none is that much.
LONGEST = 16


def short(language: str) -> LetterFile:
    content = factory.letter().content()
    few = {"items": content["items"][:1], "facts": content["facts"][:1], "contacts": content["contacts"][:1]}
    none: dict[str, list[object]] = {"key_dates": [], "related": [], "assurances": [], "annexes": []}
    return translated(factory.letter(**few, **none), language)


def long(language: str) -> LetterFile:
    return translated(factory.letter(), language, times=8)


def pdf_of(letter: LetterFile) -> RenderedPdf:
    return letter_pdf(
        letter,
        factory.cover(marking=""),
        factory.names(),
        canonical_json=canonical_bytes(letter.content()),
        identifier=IDENTIFIER,
    )


def as_kept(name: str, made: str) -> str:
    """Return the golden text of that name; after a wanted change: MLA_GOLDEN=write, and read the difference."""
    file = GOLDEN / name
    if WRITE:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made, encoding="utf-8")
    return file.read_text(encoding="utf-8")


def test_every_language_of_letters_has_a_sentence_here() -> None:
    assert {code.lower() for code in LANGUAGES} == set(letter_languages())


@pytest.mark.parametrize("language", LANGUAGES)
def test_letter_reads_in_each_language_as_its_golden_copy(language: str) -> None:
    made = letter_html(translated(factory.letter(), language), factory.cover(marking=""), factory.names())
    text = "\n".join(paragraphs(made)) + "\n"
    # What is typed ends with a full stop, and so does the sentence that it stands in.
    assert not re.search(r"(?<!\.)\.\.(?!\.)|。[。.]", text)
    assert text == as_kept(f"letters/{language}.txt", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_a_long_letter_is_cut_in_any_language(language: str) -> None:
    letter = long(language)
    made = pdf_of(letter)
    body, sentence = body_of(made.pdf), squeezed(SENTENCES[language])
    assert len(pages_of(made.pdf)) == made.pages <= LONGEST
    if language != "ar":
        # Arabic is read back by its shapes, of which some stand for two letters.
        wanted = sum(fact.text.count(SENTENCES[language]) for fact in letter.facts)
        assert body.count(sentence) >= wanted > 10
    for left, right in extents_of(made.pdf):
        # A space may hang at the end of a line.
        assert left >= 27 - 1 and right <= 210 - 25 + 1, "text runs out of the frame of the page"


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler makes the pictures")
@pytest.mark.parametrize("variant", ["short", "long"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_look_as_their_pictures(language: str, variant: str, tmp_path: Path) -> None:
    made = pictures.pictures_of(pdf_of(short(language) if variant == "short" else long(language)).pdf, tmp_path)
    kept = pictures.read(as_kept(f"pages/{language}.{variant}.txt", pictures.written(made)))
    assert pictures.far_apart(made, kept) == []


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler makes the pictures")
@pytest.mark.parametrize(("source", "translation"), [("en", "ar"), ("ar", "fr"), ("zh-Hans", "ru")])
def test_pages_in_two_languages_look_as_their_pictures(source: str, translation: str, tmp_path: Path) -> None:
    sides = [
        Side(letter, factory.names(), canonical_bytes(letter.content()))
        for letter in (short(source), short(translation))
    ]
    cover = factory.cover(marking="", content_hash=sides[0].content_hash)
    made = pictures.pictures_of(bilingual_pdf(sides[0], sides[1], cover, identifier=IDENTIFIER).pdf, tmp_path)
    kept = pictures.read(as_kept(f"pages/{source}-{translation}.txt", pictures.written(made)))
    assert pictures.far_apart(made, kept) == []


def test_another_page_is_another_picture(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir(), other.mkdir()
    left = pictures.pictures_of(pdf_of(short("fr")).pdf, one)
    right = pictures.pictures_of(pdf_of(short("ar")).pdf, other)
    assert pictures.read(pictures.written(left)) == left
    assert pictures.far_apart(left, left) == [] != pictures.far_apart(left, right)
    assert pictures.far_apart(left, left[:-1]) == [f"{len(left)} pages instead of {len(left) - 1}"]
